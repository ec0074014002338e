/**
 * Answers to requests that are refused before anything of them runs, as JSON-RPC has them.
 *
 * @module
 */
import { ARRIVAL_MS } from "../base/arrivals.ts";
import { REFUSED_HEADER } from "../base/resend.ts";
import { LARGEST_BODY } from "./agent_server.ts";
import { KEPT_MESSAGE_MAX } from "./kept_message.ts";

const PARSE_ERROR = -32700;
/** Of the range left to implementations: what HTTP refuses. */
const REFUSED = -32000;

/** Returns the refusal of a body that is larger than {@linkcode LARGEST_BODY}, as the SDK words it. */
export function tooLarge(): Response {
  const text = `Payload Too Large: Request body must not exceed ${LARGEST_BODY} bytes`;
  return refusal(413, { code: REFUSED, message: text });
}

/** Returns the refusal of a message that would be kept, and is too long for that. */
export function tooLongToKeep(): Response {
  const message = `an introduction or a subscription has at most ${KEPT_MESSAGE_MAX} characters`;
  return refusal(413, { code: REFUSED, message });
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

interface RefusalError {
  readonly code: number;
  readonly message: string;
}

function refusal(status: number, error: RefusalError): Response {
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status });
}
