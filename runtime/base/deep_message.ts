/**
 * The refusal of a JSON-RPC message that is nested too deep, for agents and the registry.
 *
 * @module
 */
import { TOO_DEEP } from "./bounded_json.ts";
import { type Failure, failureMeta } from "./failure.ts";

const INVALID_REQUEST = -32600;
/** Longest message that is read for its id, in characters: reading depth costs a hundred looks at it. */
const READ_MAX = 256 * 1024;

/**
 * Returns the refusal of a message that is nested too deep.
 *
 * @param text The message.
 */
export function tooDeep(text: string): Response {
  const message = `the request cannot be read: ${TOO_DEEP}`;
  const failure: Failure = { code: "bad_input", message, nothingRan: true };
  const error = { code: INVALID_REQUEST, message, data: failureMeta(failure) };
  return Response.json({ jsonrpc: "2.0", error, id: idIn(text) }, { status: 400 });
}

/** Returns the id of a message, which may be read whatever is wrong with the rest. */
function idIn(text: string): string | number | null {
  if (text.length > READ_MAX) return null;
  try {
    // It takes any depth.
    const message: unknown = JSON.parse(text);
    const id = typeof message === "object" && message !== null && "id" in message && message.id;
    return typeof id === "string" || isExact(id) ? id : null;
  } catch {
    return null;
  }
}

/** A number with more digits would be another one. */
function isExact(id: unknown): id is number {
  return Number.isSafeInteger(id);
}
