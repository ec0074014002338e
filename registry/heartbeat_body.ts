/**
 * The body of `POST /heartbeat`: what it must be, and what is said when it is not.
 *
 * @module
 */
import type * as z from "zod";
import { boundedJson } from "../runtime/protocol/bounded_json.ts";
import { type Registration, RegistrationSchema } from "../runtime/protocol/registration.ts";

/** A registration read, or why there is none. */
export type HeartbeatBody = { readonly message: Registration } | { readonly fault: string };

/** Reads a registration; a fault names the field. */
export function parseHeartbeat(bytes: Uint8Array): HeartbeatBody {
  let value: unknown;
  try {
    value = boundedJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return invalid(error instanceof Error ? error.message : String(error));
  }
  const parsed = RegistrationSchema.safeParse(value);
  if (!parsed.success) return invalid(parsed.error.issues.map(described).join("; "));
  const message = parsed.data;
  if (message.agent_id === "") return { fault: "agent_id is required" };
  const port = message.http_port ?? 0;
  if (port < 0 || port > 65_535) {
    return invalid(`http_port: expected a port from 0 to 65535, received ${port}`);
  }
  if (message.http_host && !isHost(message.http_host)) {
    return invalid(
      `http_host: expected a host name or address, received ${JSON.stringify(message.http_host)}`,
    );
  }
  return { message };
}

function invalid(what: string): HeartbeatBody {
  return { fault: `Invalid JSON payload: ${what}` };
}

function described({ path, message }: z.core.$ZodIssue): string {
  const field = path.map((step, index) =>
    typeof step === "number" ? `[${step}]` : index === 0 ? String(step) : `.${String(step)}`
  ).join("");
  const text = message.replace(/^Invalid input: /, "");
  return field === "" ? text : `${field}: ${text}`;
}

function isHost(host: string): boolean {
  if (/[\s/?#@\\]/.test(host)) return false;
  return URL.canParse(`http://${host}:1`) || URL.canParse(`http://[${host}]:1`);
}
