/**
 * Answers to requests that are refused before anything of them runs, as JSON-RPC has them.
 *
 * @module
 */
import { isInteger, parseExact } from "../protocol/exact_json.ts";
import { ARRIVAL_MS } from "../protocol/arrivals.ts";
import { TOO_DEEP } from "../protocol/bounded_json.ts";
import { type Failure, failureMeta } from "../protocol/failure.ts";
import { REFUSED_HEADER } from "../protocol/resend.ts";
import { LARGEST_BODY } from "./agent_server.ts";

const INVALID_REQUEST = -32600;
const PARSE_ERROR = -32700;
/** Of the range left to implementations: what HTTP refuses. */
const REFUSED = -32000;

/** Returns the refusal of a body that is larger than {@linkcode LARGEST_BODY}, as the SDK words it. */
export function tooLarge(): Response {
  const text = `Payload Too Large: Request body must not exceed ${LARGEST_BODY} bytes`;
  return refusal(413, { code: REFUSED, message: text });
}

/** Returns the refusal of a body that broke off, or whose framing is wrong, as the SDK words it. */
export function unreadable(): Response {
  const message = "Parse error: the request body could not be read";
  return refusal(400, { code: PARSE_ERROR, message });
}

/** Returns the refusal of a request that takes too long to arrive. */
export function late(): Response {
  const message = `the request did not arrive within ${ARRIVAL_MS / 1000} s`;
  return refusal(408, { code: REFUSED, message });
}

/** Returns the refusal of a body for which there is no room at the moment. */
export function crowded(): Response {
  const message = "too many large bodies are being received; send it again later";
  const response = refusal(503, { code: REFUSED, message });
  response.headers.set("retry-after", "1");
  response.headers.set(REFUSED_HEADER, "overloaded");
  return response;
}

/**
 * Returns the refusal of a message that is nested too deep.
 *
 * @param text The message.
 */
export function tooDeep(text: string): Response {
  const message = `the request cannot be read: ${TOO_DEEP}`;
  const failure: Failure = { code: "bad_input", message, nothingRan: true };
  return refusal(400, { code: INVALID_REQUEST, message, data: failureMeta(failure) }, idIn(text));
}

/** The id of a message, which may be read whatever is wrong with the rest: JSON is read at any depth. */
function idIn(text: string): string | number | null {
  try {
    const message = parseExact(text);
    const id = typeof message === "object" && message !== null && "id" in message && message.id;
    // A large one is carried as text.
    return typeof id === "string" || isInteger(id) ? id as string | number : null;
  } catch {
    return null;
  }
}

interface RefusalError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

function refusal(status: number, error: RefusalError, id: string | number | null = null): Response {
  return Response.json({ jsonrpc: "2.0", error, id }, { status });
}
