/**
 * Reading Server-Sent Events (WHATWG HTML §9.2.6).
 *
 * @module
 */

import { MESSAGE_MAX } from "./bounded_body.ts";

/** One event. */
export interface ServerSentEvent {
  /** Its type; `message` when the stream names none. */
  readonly event: string;
  /** Its data lines, joined by newlines. */
  readonly data: string;
  /** The latest id of the stream: what to go on from. */
  readonly id?: string | undefined;
  /** Whether the stream ended before the event did; only with {@linkcode EventOptions.withCut}. */
  readonly isCut?: true;
}

/** Options for reading events, in either form. */
export interface EventOptions {
  /** Names of the fields that hold data. @default {["data"]} */
  readonly dataFields?: readonly string[];
  /** Takes the text of each comment. */
  readonly onComment?: (text: string) => void;
  /** Whether an event that the end of the stream cuts off is given too. @default false */
  readonly withCut?: boolean;
}

/** Options for {@linkcode readEvents}. */
export interface ReadEventsOptions extends EventOptions {
  /** Longest event held in memory, in UTF-16 code units. @default {MESSAGE_MAX} */
  readonly maxLength?: number;
}

const DATA_FIELDS = ["data"];

/** Characters that each further line of data counts as besides its own: an empty one is held too. */
const LINE_WEIGHT = 8;

const LINE_END = /\r\n|\n|\r/;

/**
 * The events of `body`, each when it is complete. Leaving the loop cancels the body.
 *
 * @throws {RangeError} When an event is longer than `maxLength`.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { maxLength = MESSAGE_MAX, ...options }: ReadEventsOptions = {},
): AsyncGenerator<ServerSentEvent> {
  const events = new EventParser(options);
  /** Pieces of a line whose end has not come. */
  let pieces: string[] = [];
  let length = 0;
  let held = "";
  // Not through a TextDecoderStream, which costs each chunk several promises.
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    let text = held + decoder.decode(bytes, { stream: true });
    // A "\r" at the very end may be half of "\r\n": it waits for what follows.
    held = text.endsWith("\r") ? "\r" : "";
    if (held !== "") text = text.slice(0, -1);
    const [first = "", ...lines] = text.split(LINE_END);
    pieces.push(first);
    length += first.length;
    if (lines.length > 0) {
      lines.unshift(pieces.join(""));
      pieces = [lines.pop() ?? ""];
      // Not `yield*`, which costs each event several promises.
      for (const event of events.read(lines)) yield event;
      length = events.length + (pieces[0]?.length ?? 0);
    }
    if (length > maxLength) {
      throw new RangeError(`an event is longer than ${maxLength} characters`);
    }
  }
  const last = pieces.join("");
  if (held !== "") yield* events.read([last]);
  if (options.withCut) yield* events.cut(held === "" ? last : "");
}

/** The events of a stream that has been read to its end. */
export function* eventsOf(text: string, options: EventOptions = {}): Generator<ServerSentEvent> {
  const events = new EventParser(options);
  const lines = text.split(LINE_END);
  // The text after the last line end is a line that was cut off.
  const last = lines.pop() ?? "";
  yield* events.read(lines);
  if (options.withCut) yield* events.cut(last);
}

/** Puts lines together to events. */
class EventParser {
  /** Length of the data of the event that is not complete, with the ends of its lines. */
  length = 0;
  #event = "message";
  #id: string | undefined;
  #data: string[] = [];
  readonly #dataFields: readonly string[];
  readonly #onComment: ((text: string) => void) | undefined;

  constructor({ dataFields = DATA_FIELDS, onComment }: EventOptions) {
    this.#dataFields = dataFields;
    this.#onComment = onComment;
  }

  *read(lines: readonly string[]): Generator<ServerSentEvent> {
    for (const line of lines) {
      if (line !== "") {
        this.#field(line);
        continue;
      }
      const [event, data] = [this.#event, this.#data];
      this.#event = "message";
      this.#data = [];
      this.length = 0;
      if (data.length > 0) yield { event, data: data.join("\n"), id: this.#id };
    }
  }

  /** The event that has not ended, if it has data; `line` is its last line. */
  *cut(line: string): Generator<ServerSentEvent> {
    if (line !== "") this.#field(line);
    const data = this.#data.join("\n");
    if (data !== "") yield { event: this.#event, data, id: this.#id, isCut: true };
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    else if (colon === 0) this.#onComment?.(value);
    else if (field === "id") this.#id = value;
    else if (this.#dataFields.includes(field)) {
      this.length += value.length + (this.#data.length === 0 ? 1 : LINE_WEIGHT);
      this.#data.push(value);
    }
  }
}
