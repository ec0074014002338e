/**
 * Bodies of requests that the SDK would read too strictly, or not exactly.
 *
 * @module
 */
import { asNumbers, isObject, mayBeInexact, parseExact } from "../protocol/exact_json.ts";
import { mayHaveNull, soundRequest } from "../protocol/sound_request.ts";

/**
 * Returns the body of a request for the SDK; `undefined` leaves it to the SDK to read. A call carries
 * numbers that JavaScript does not hold as text.
 */
export function bodyForSdk(text: string): unknown {
  if (!mayBeInexact(text) && !mayHaveNull(text)) return undefined;
  try {
    const body = parseExact(text);
    const isCall = isObject(body) && body["method"] === "tools/call";
    return soundRequest(isCall ? body : asNumbers(body));
  } catch {
    // The SDK refuses what is not JSON.
    return undefined;
  }
}
