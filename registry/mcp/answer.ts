/**
 * Answers to plain requests for tools, in the form the SDK gives them: events in the older era; in the
 * newer one a single message, or events when something is said before the result. A slow reader holds
 * the agent back.
 *
 * @module
 */
import { SERVER_INFO_META_KEY } from "@modelcontextprotocol/server";
import { KEEP_ALIVE_TEXT, messageEvent } from "../../runtime/base/event_text.ts";
import { isObject, type JsonObject } from "../../runtime/base/json.ts";
import { within } from "../../runtime/base/within.ts";
import type { CallEnd } from "./agent_exchange.ts";
import type { PlainRequest } from "./protocol_era.ts";
import type { CallMessages } from "./tool_call.ts";
import type { ToolListText } from "./view.ts";

/** Whom an answer is for, and from. */
export interface CallOrigin extends Pick<PlainRequest, "id" | "era" | "form"> {
  /** Who answers, where a result does not say. */
  readonly serverInfo: JsonObject;
}

/** How long a reader is left without a sign of life, milliseconds. */
export interface AnswerTimes {
  /** Within events. */
  readonly keepAliveMs: number;
  /** Until headers leave, in the older era. */
  readonly patienceMs: number;
}

const TIMES: AnswerTimes = { keepAliveMs: 15_000, patienceMs: 5_000 };

const JSON_HEADERS = { "content-type": "application/json" };
const EVENTS_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
};
/** Of events that are still to come. */
const STREAM_HEADERS = { ...EVENTS_HEADERS, "x-accel-buffering": "no" };

type Next = IteratorResult<JsonObject, CallEnd>;

/** The answer to `tools/list`. */
export function listAnswer({ tools, nextCursor }: ToolListText, origin: CallOrigin): Response {
  // The newer era wants to know for how long, and by whom, a list may be kept.
  const rest = responseText({
    result: {
      ...(nextCursor !== undefined && { nextCursor }),
      ...(origin.era === "modern" && { resultType: "complete", ttlMs: 0, cacheScope: "private" }),
    },
  }, origin);
  const opening = '{"result":{';
  const members = rest.slice(opening.length);
  const comma = members.startsWith("}") ? "" : ",";
  return complete(`${opening}"tools":${tools}${comma}${members}`, origin);
}

/**
 * The answer to `tools/call`.
 *
 * @param abandon Ends the call: nobody reads its answer any more.
 * @throws What the messages throw before the first of them.
 */
export async function answer(
  messages: CallMessages,
  origin: CallOrigin,
  abandon: () => void,
  { patienceMs, keepAliveMs }: AnswerTimes = TIMES,
): Promise<Response> {
  const next = origin.form === "json" ? last(messages) : messages.next();
  const isPatient = origin.era === "modern" || origin.form === "json";
  const first = isPatient ? await next : await within(patienceMs, next);
  if (first?.done) {
    return complete(responseText(first.value, origin), origin, statusOf(first.value));
  }
  const events = new ReadableStream(
    new CallEvents({ first: next, messages, origin, abandon, keepAliveMs }),
    // Nothing is read from the agent before it is wanted here.
    { highWaterMark: 0 },
  );
  return new Response(events, { headers: STREAM_HEADERS });
}

/** The end of a call whose client has no place for what is said before it. */
async function last(messages: CallMessages): Promise<Next> {
  for (;;) {
    const next = await messages.next();
    if (next.done) return next;
  }
}

/** The newer era tells some errors by their status too; it is the agent's to know which. */
function statusOf({ error, status = 200 }: CallEnd): number {
  return error !== undefined && status >= 400 && status < 500 ? status : 200;
}

function complete(message: string, { era, form }: CallOrigin, status = 200): Response {
  const isEvent = form === "events" ? status === 200 : form === "any" && era === "legacy";
  return isEvent
    ? new Response(messageEvent(message), { headers: EVENTS_HEADERS })
    : new Response(message, { status, headers: JSON_HEADERS });
}

interface CallEventsOptions {
  readonly first: Promise<Next>;
  readonly messages: CallMessages;
  readonly origin: CallOrigin;
  readonly abandon: () => void;
  readonly keepAliveMs: number;
}

/** A call's messages as the source of an event stream. */
class CallEvents implements UnderlyingDefaultSource<Uint8Array> {
  readonly #options: CallEventsOptions;
  readonly #encoder = new TextEncoder();
  #coming: Promise<Next> | undefined;

  constructor(options: CallEventsOptions) {
    this.#options = options;
    this.#coming = options.first;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const { messages, keepAliveMs, origin } = this.#options;
    const coming = this.#coming ??= messages.next();
    // They only fail when the caller has given the call up.
    const next = await within(keepAliveMs, coming).catch(() => "given up" as const);
    if (next === "given up") return controller.close();
    const text = next === undefined ? KEEP_ALIVE_TEXT : messageEvent(messageText(next, origin));
    controller.enqueue(this.#encoder.encode(text));
    if (next !== undefined) this.#coming = undefined;
    if (next?.done) controller.close();
  }

  async cancel(): Promise<void> {
    this.#options.abandon();
    await this.#coming?.catch(() => {});
    await this.#options.messages.return({});
  }
}

function messageText({ value, done }: Next, origin: CallOrigin): string {
  return done ? responseText(value, origin) : notificationText(value);
}

function notificationText({ method, params }: JsonObject): string {
  return JSON.stringify({ jsonrpc: "2.0", method, ...(params !== undefined && { params }) });
}

/** A response with the caller's id, its members in the order the SDK writes them. */
function responseText({ result, error }: CallEnd, origin: CallOrigin): string {
  const { id } = origin;
  return JSON.stringify(
    isObject(result)
      ? { result: resultFor(result, origin), jsonrpc: "2.0", id }
      : { jsonrpc: "2.0", id, error },
  );
}

/** In the newer era every result says whether it is complete, and who gives it. */
function resultFor(result: JsonObject, { era, serverInfo }: CallOrigin): JsonObject {
  if (era === "legacy") return result;
  const { _meta: meta = {} } = result;
  return {
    ...result,
    resultType: result["resultType"] ?? "complete",
    ...(isObject(meta) && !(SERVER_INFO_META_KEY in meta) &&
      { _meta: { ...meta, [SERVER_INFO_META_KEY]: serverInfo } }),
  };
}
