/**
 * Error answers, in the reference's shape.
 *
 * @module
 */
import type { Unreadable } from "../base/parameter.ts";
import { type Answered, answeredJson } from "./answered.ts";

/**
 * An error answer: `{"error", "timestamp"}`.
 *
 * @param status HTTP status.
 * @param error What happened and, where the caller can do something, what.
 * @param members Further members of the answer, for programs.
 */
export function problem<const Status extends number>(
  status: Status,
  error: string,
  headers?: HeadersInit,
  members: Readonly<Record<string, unknown>> = {},
): Answered<Status> {
  const body = { error, ...members, timestamp: new Date().toISOString() };
  return answeredJson(status, body, headers);
}

/**
 * The answer to a query with a value that cannot be read. The reference's shape for a value that is
 * not of its type has no `error`.
 */
export function badParameter({ parameter, fault }: Unreadable): Answered<400> {
  if (fault.isSentence) return problem(400, fault.text);
  return answeredJson(400, { msg: `Invalid format for parameter ${parameter}: ${fault.text}` });
}
