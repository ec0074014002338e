/**
 * Answers to browsers that come piece by piece, as Server-Sent Events (WHATWG HTML §9.2).
 *
 * @module
 */
import { asMeshError } from "../base/errors.ts";
import { within } from "../base/within.ts";
import { checkOptions } from "./check/check.ts";
import { after, type FormOf, jsonText } from "../base/json_form.ts";
import { problemOf } from "../base/problem.ts";
import {
  EVENT_STREAM_HEADERS,
  eventText,
  KEEP_ALIVE_MS,
  KEEP_ALIVE_TEXT,
} from "../base/event_text.ts";
import { amount, anything, func, textOr, truth } from "./check/kind.ts";
import { shape } from "./check/shape.ts";

/** Options of `sse()`. */
const SSE_OPTIONS = shape<SseOptions<never>>("sse options", {
  event: textOr(func),
  id: func,
  keepAliveMs: amount,
  done: truth,
  headers: anything,
  onError: func,
});

const CHUNK: FormOf = { code: "bad_output", what: "a chunk of the stream" };

/** How {@linkcode sse} writes. */
export interface SseOptions<T> {
  /**
   * The type of an event.
   *
   * @default none: readers take it for `message`
   */
  readonly event?: string | ((chunk: T, index: number) => string | undefined);
  /** The id of an event. A reader that comes back sends the last one as `Last-Event-ID`. */
  readonly id?: (chunk: T, index: number) => string | undefined;
  /**
   * Between comments that keep the connection open while nothing is sent, in milliseconds.
   *
   * @default 15 000
   */
  readonly keepAliveMs?: number;
  /**
   * Whether a last event, `data: [DONE]`, says that nothing is missing.
   *
   * @default true
   */
  readonly done?: boolean;
  /** Further headers of the response. */
  readonly headers?: HeadersInit;
  /**
   * Told what ended the stream early, once it has begun: its reader is only told what people outside
   * may know. What fails before the first chunk is the failure of the route.
   *
   * @default {console.error}
   */
  readonly onError?: (error: unknown) => void;
}

/**
 * A response that sends each chunk as an event, at the pace of its reader. Strings are sent as they
 * are, whatever line ends they have; joining the data of the events gives the text again, its line
 * ends as `\n`. Other values are sent as JSON. It ends with `data: [DONE]`, or, when the chunks fail,
 * with `event: error` and `{"error", "type"}` as data. Returned by a route, it begins with its first
 * chunk, or after `keepAliveMs`: chunks that fail before are answered by a problem document.
 *
 * When the reader goes away the chunks are closed: a generator's `finally` blocks run.
 *
 * @param chunks What is sent.
 *
 * @example
 * ```ts
 * import { gateway, route, sse } from "mesh";
 * import { z } from "zod";
 *
 * export default gateway({
 *   name: "gateway",
 *   routes: {
 *     "POST /plan": route({
 *       body: z.object({ destination: z.string() }),
 *       dependencies: { planTrip: { capability: "trip_planning", required: true } },
 *     }, ({ body }, { planTrip }) => sse(planTrip.stream(body))),
 *   },
 * });
 * ```
 */
export function sse<T>(
  chunks: AsyncIterable<T> | Iterable<T>,
  options: SseOptions<T> = {},
): Response {
  checkOptions(SSE_OPTIONS, "sse()", options);
  const headers = new Headers(options.headers);
  for (const [name, value] of Object.entries(EVENT_STREAM_HEADERS)) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return new EventsResponse(new EventSource(chunks, options), { headers });
}

/** A response of {@linkcode sse}, whose first chunk can be waited for before anything of it is sent. */
export class EventsResponse extends Response {
  readonly #source: Pick<EventSource<unknown>, "begun">;

  constructor(
    source: UnderlyingDefaultSource<Uint8Array> & Pick<EventSource<unknown>, "begun">,
    init: ResponseInit,
  ) {
    super(new ReadableStream(source, { highWaterMark: 0 }), init);
    this.#source = source;
  }

  /**
   * Waits until there is a chunk to send, there will be none, or its reader needs a sign of life.
   *
   * @throws What the chunks fail with before the first of them.
   */
  begun(): Promise<void> {
    return this.#source.begun();
  }
}

/** Makes events of chunks, one when one is asked for. */
class EventSource<T> implements UnderlyingDefaultSource<Uint8Array> {
  readonly #chunks: AsyncIterator<T> | Iterator<T>;
  readonly #options: SseOptions<T>;
  readonly #encoder = new TextEncoder();
  /** The first event, once it has been waited for before a reader asked for it. */
  #first: Promise<string | undefined> | undefined;
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #count = 0;
  /** Whether the text so far ends in "\r", which may be half of a line end. */
  #endsInCr = false;
  #isOver = false;

  constructor(chunks: AsyncIterable<T> | Iterable<T>, options: SseOptions<T>) {
    this.#chunks = Symbol.asyncIterator in chunks
      ? chunks[Symbol.asyncIterator]()
      : chunks[Symbol.iterator]();
    this.#options = options;
  }

  async begun(): Promise<void> {
    const first = this.#first = this.#next();
    // Whoever reads is told of it.
    first.catch(() => {});
    try {
      await within(this.#options.keepAliveMs ?? KEEP_ALIVE_MS, first);
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const write = (text: string) => controller.enqueue(this.#encoder.encode(text));
    this.#keepAlive ??= setInterval(() => {
      // A reader with something left to read needs no sign of life.
      if (controller.desiredSize === 0) write(KEEP_ALIVE_TEXT);
    }, this.#options.keepAliveMs ?? KEEP_ALIVE_MS);
    try {
      const coming = this.#first ?? this.#next();
      this.#first = undefined;
      const text = await coming;
      if (this.#isOver) return;
      if (text !== undefined) return write(text);
      if (this.#options.done ?? true) write(eventText({ data: "[DONE]" }));
    } catch (error) {
      if (this.#isOver) return;
      write(this.#failed(error));
      await this.#close();
    }
    this.#over();
    controller.close();
  }

  async cancel(): Promise<void> {
    this.#over();
    await this.#chunks.return?.();
  }

  /** The next event; `undefined` when there are no more chunks. */
  async #next(): Promise<string | undefined> {
    const { done, value } = await this.#chunks.next();
    return done === true ? undefined : await this.#textOf(value);
  }

  /** Closes the chunks, for which the writing of one of them may have failed. */
  async #close(): Promise<void> {
    try {
      await this.#chunks.return?.();
    } catch {
      // The reader has been told of the first failure.
    }
  }

  #over(): void {
    this.#isOver = true;
    clearInterval(this.#keepAlive);
  }

  #textOf(chunk: T): string | Promise<string> {
    const { event, id } = this.#options;
    const index = this.#count++;
    const data = typeof chunk === "string" ? this.#joinable(chunk) : jsonText(chunk, CHUNK);
    return after(data, (data) =>
      eventText({
        id: id?.(chunk, index),
        event: typeof event === "function" ? event(chunk, index) : event,
        data,
      }));
  }

  /** The chunk without the half of a line end whose first half has been sent. */
  #joinable(chunk: string): string {
    const begun = this.#endsInCr && chunk.startsWith("\n");
    if (chunk !== "") this.#endsInCr = chunk.endsWith("\r");
    return begun ? chunk.slice(1) : chunk;
  }

  #failed(error: unknown): string {
    (this.#options.onError ?? console.error)(error);
    return errorEvent(error);
  }
}

/** The event that says a stream ends early, and as much of why as people outside may know. */
export function errorEvent(error: unknown): string {
  const { detail, error: type } = problemOf(asMeshError(error, "tool_failed"));
  return eventText({ event: "error", data: JSON.stringify({ error: detail, type }) });
}
