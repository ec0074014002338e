/**
 * Reading of the outcomes that agent code has sent.
 *
 * @module
 */
import * as z from "zod";
import { MESSAGE_MAX } from "../base/bounded_body.ts";
import type { PlainError } from "../base/errors.ts";
import type { HeaderList, ResponseHead } from "../base/parts.ts";
import type { InputRequest } from "../define/ask.ts";
import type { CallToolResult } from "../protocol/mcp_content.ts";
import type { FromAgent } from "./agent_messages.ts";
import {
  finite,
  flawed,
  given,
  HEADER_COUNT_MAX,
  headerText,
  jsonText,
  type Members,
  number,
  parsed,
  record,
} from "./members.ts";
import { isRecord, NotPlain, plainCopy } from "./plain_copy.ts";
import { type Outcome, resultFlaw } from "./result.ts";

/** Reads the message that answers an invocation. */
export function outcomeMessage(message: Members): FromAgent {
  const call = number(message, "call");
  const outcome = record(message, "outcome");
  const { kind } = outcome;
  if (kind !== "result") return { type: "outcome", call, outcome: outcomeOf(outcome) };
  const result = plainCopy(record(outcome, "result")) as CallToolResult;
  const flaw = resultFlaw(result);
  if (flaw === undefined) {
    const ready: Outcome = { kind, result, ...given(outcome, "json", jsonText) };
    return { type: "outcome", call, outcome: ready };
  }
  // A server that is not the agent's own may have answered that: the failure is of this call alone.
  const error: PlainError = { code: "protocol", message: `the result ${flaw}` };
  return { type: "error", call, error };
}

function outcomeOf(outcome: Members): Outcome {
  const { kind } = outcome;
  switch (kind) {
    case "value":
      return { kind, json: jsonText(outcome, "json") };
    case "questions": {
      const requests = requestsOf(record(outcome, "requests"));
      const { state } = outcome;
      return { kind, requests, ...(state !== undefined && { state: plainCopy(state) }) };
    }
    case "response": {
      if (outcome["response"] === undefined) return { kind, response: undefined };
      const response = record(outcome, "response");
      return {
        kind,
        response: { head: headOf(record(response, "head")), body: bodyOf(response["body"]) },
      };
    }
    default:
      throw new NotPlain("has an outcome of no known kind");
  }
}

const RequestsSchema: z.ZodType<Readonly<Record<string, InputRequest>>> = z.record(
  z.string(),
  z.object({
    method: z.enum(["elicitation/create", "sampling/createMessage", "roots/list"]),
    params: z.exactOptional(z.custom<Record<string, unknown>>(isRecord)),
  }),
);

function requestsOf(requests: Members): Readonly<Record<string, InputRequest>> {
  return parsed(RequestsSchema, plainCopy(requests), "asks the client for what there is not");
}

function headOf(head: Members): ResponseHead {
  const status = finite(head, "status");
  if (!Number.isInteger(status)) throw flawed("status", "an integer");
  return { status, headers: headerList(head["headers"]) };
}

function headerList(headers: unknown): HeaderList {
  if (!Array.isArray(headers) || headers.length > HEADER_COUNT_MAX) {
    throw flawed("headers", `a list of at most ${HEADER_COUNT_MAX}`);
  }
  return Array.from(headers, (header: unknown) => {
    const [name, value] = Array.isArray(header) ? header : [];
    return [headerText(name), headerText(value)] as const;
  });
}

function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined) return undefined;
  if (typeof body !== "string") return bytesOf(body);
  if (body.length > MESSAGE_MAX) throw flawed("body", `at most ${MESSAGE_MAX} characters long`);
  return body;
}

/** Returns bytes in memory of their own: nothing else writes to it, and it is no larger than they are. */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array)) throw flawed("body", "a text or bytes");
  const { buffer } = value;
  if (!(buffer instanceof ArrayBuffer)) throw flawed("body", "bytes in memory of its own");
  const isWhole = value.length === buffer.byteLength && !buffer.resizable &&
    Object.getPrototypeOf(value) === Uint8Array.prototype;
  return isWhole ? value as Uint8Array<ArrayBuffer> : new Uint8Array(value);
}
