/**
 * The form of an answer to a client of MCP. A client should take JSON and event streams (MCP transports
 * §sending messages); many say so with a wildcard, in other letters, or take only one of the two.
 *
 * @module
 */
import { EVENT_STREAM_HEADERS, eventText } from "./event_text.ts";
import { accepts, isEventStream, mediaType } from "./media_range.ts";
import { eventsOf } from "./sse.ts";

/** Forms that a client takes. */
export type AnswerForm = "any" | "json" | "events";

const JSON_TYPE = "application/json";
const EVENTS_TYPE = "text/event-stream";
/** The spelling of almost all clients. */
const USUAL = `${JSON_TYPE}, ${EVENTS_TYPE}`;

/** Returns the forms that an `Accept` header takes; `undefined` for neither. */
export function answerForm(accept: string | null): AnswerForm | undefined {
  if (accept === USUAL) return "any";
  const takesEvents = accepts(accept, EVENTS_TYPE);
  if (!accepts(accept, JSON_TYPE)) return takesEvents ? "events" : undefined;
  return takesEvents ? "any" : "json";
}

/** Tells whether a `Content-Type` header says that a body is JSON. */
export function isJsonType(contentType: string | null): boolean {
  return contentType === JSON_TYPE || mediaType(contentType) === JSON_TYPE;
}

/** Returns the headers of a request for the SDK, which looks for the usual words in them. */
export function withUsualAccept(headers: Headers): Headers {
  const accept = headers.get("accept");
  if (accept === USUAL || answerForm(accept) === undefined) return headers;
  const usual = new Headers(headers);
  usual.set("accept", USUAL);
  return usual;
}

/**
 * Returns an answer of the SDK in a form that the client takes. JSON has no room for messages before the
 * result.
 *
 * @param isBatch Whether the request is a list of messages; the answer then is one too.
 */
export async function inForm(
  response: Response,
  form: AnswerForm | undefined,
  isBatch: boolean,
): Promise<Response> {
  const { status, headers, body } = response;
  const type = headers.get("content-type");
  if (form === "json" && isEventStream(type) && body !== null) {
    const answers = [...eventsOf(await response.text())].map(({ data }) => data).filter(isAnswer);
    const text = isBatch ? `[${answers.join(",")}]` : answers.at(-1) ?? "";
    return new Response(text, { status, headers: withType(headers, JSON_TYPE) });
  }
  // Clients read a refusal from its status, whatever its form.
  if (form !== "events" || !isJsonType(type) || !response.ok) return response;
  const text = eventText({ event: "message", data: await response.text() });
  return new Response(text, { status, headers: withType(headers, EVENTS_TYPE) });
}

function isAnswer(data: string): boolean {
  if (data === "") return false;
  const message: unknown = JSON.parse(data);
  return typeof message === "object" && message !== null && !("method" in message);
}

function withType(headers: Headers, type: string): Headers {
  const own = new Headers(headers);
  for (const name of Object.keys(EVENT_STREAM_HEADERS)) own.delete(name);
  for (const name of ["content-length", "connection"]) own.delete(name);
  own.set("content-type", type);
  return own;
}
