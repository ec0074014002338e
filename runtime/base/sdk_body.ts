/**
 * Bodies of requests for the MCP SDK, which reads some too strictly and others not exactly.
 *
 * @module
 */
import { asNumbers, mayBeInexact, parseExact } from "./exact_json.ts";
import { isObject } from "./json.ts";
import { withTextIds } from "./large_ids.ts";
import { mayHaveNull, soundRequest } from "./sound_request.ts";

/**
 * Returns the body of a request for the SDK; `undefined` leaves it to the SDK to read. A call carries
 * numbers that JavaScript does not hold as text.
 */
export function bodyForSdk(text: string): unknown {
  if (!mayBeInexact(text) && !mayHaveNull(text)) return undefined;
  try {
    return readBySdk(soundRequest(parseExact(text)));
  } catch {
    // The SDK refuses what is not JSON.
    return undefined;
  }
}

/** Returns a sound body as the SDK reads it: its answers are to go through `withIntegerIds()`. */
export function readBySdk(body: unknown): unknown {
  const message = withTextIds(body);
  const isCall = isObject(message) && message["method"] === "tools/call";
  return isCall ? message : asNumbers(message);
}
