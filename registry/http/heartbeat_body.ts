/**
 * The body of `POST /heartbeat`: what it must be, and what is said when it is not.
 *
 * @module
 */
import type * as z from "zod";
import { errorText } from "../../runtime/base/errors.ts";
import { isDeep, TOO_DEEP } from "../../runtime/base/bounded_json.ts";
import { type Registration, RegistrationSchema } from "../../runtime/protocol/registration.ts";
import { plainHost } from "../../runtime/base/host_text.ts";
import { quoted } from "../base/plain_text.ts";

/** A registration read, or why there is none. */
export type HeartbeatBody = { readonly message: Registration } | { readonly fault: string };

/**
 * Values a registration may consist of, lists and objects counted twice: more than any has that fits the
 * directory. Checking each against the schema is what takes the time of reading one.
 */
export const VALUES_MAX = 100_000;

/** Fields at fault that are told. */
const FAULTS_MAX = 5;

/** Reads a registration; a fault names the field. */
export function parseHeartbeat(bytes: Uint8Array): HeartbeatBody {
  let value: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (isDeep(text)) return invalid(TOO_DEEP);
    if (hasMany(text)) return invalid(`it has more than ${VALUES_MAX} values`);
    value = JSON.parse(text);
  } catch (error) {
    return invalid(errorText(error));
  }
  const parsed = RegistrationSchema.safeParse(value);
  if (!parsed.success) return invalid(told(parsed.error.issues));
  const message = parsed.data;
  if (message.agent_id === "") return { fault: "agent_id is required" };
  const port = message.http_port ?? 0;
  if (port < 0 || port > 65_535) {
    return invalid(`http_port: expected a port from 0 to 65535, received ${port}`);
  }
  if (message.http_host && !plainHost(message.http_host)) {
    return invalid(
      `http_host: expected a host name or address, received ${quoted(message.http_host)}`,
    );
  }
  return { message };
}

function invalid(what: string): HeartbeatBody {
  return { fault: `Invalid JSON payload: ${what}` };
}

/** Whether a text has more commas and opening brackets than a registration has values. */
function hasMany(text: string): boolean {
  let count = 0;
  for (const sign of [",", "[", "{"]) {
    for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) {
      if (++count > VALUES_MAX) return true;
    }
  }
  return false;
}

function told(issues: readonly z.core.$ZodIssue[]): string {
  const faults = issues.slice(0, FAULTS_MAX).map(described);
  const more = issues.length - faults.length;
  return faults.join("; ") + (more > 0 ? `; and ${more} more like these` : "");
}

function described({ path, message }: z.core.$ZodIssue): string {
  const field = path.map((step, index) =>
    typeof step === "number" ? `[${step}]` : index === 0 ? String(step) : `.${String(step)}`
  ).join("");
  const text = message.replace(/^Invalid input: /, "");
  return field === "" ? text : `${field}: ${text}`;
}
