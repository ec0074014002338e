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
}

/** How {@linkcode readEvents} reads. */
export interface ReadEventsOptions {
  /** Longest event held in memory, in UTF-16 code units. @default {MESSAGE_MAX} */
  readonly maxLength?: number;
  /** Names of the fields that hold data. @default {["data"]} */
  readonly dataFields?: readonly string[];
}

const DATA_FIELDS = ["data"];

const LINE_END = /\r\n|\n|\r/;

/**
 * The events of `body`, each when it is complete. Comments are skipped. Leaving the loop cancels
 * the body.
 *
 * @throws {RangeError} When an event is longer than `maxLength`.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { maxLength = MESSAGE_MAX, dataFields = DATA_FIELDS }: ReadEventsOptions = {},
): AsyncGenerator<ServerSentEvent> {
  const events = new EventParser(dataFields);
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
      yield* events.read(lines);
      length = events.length + (pieces[0]?.length ?? 0);
    }
    if (length > maxLength) {
      throw new RangeError(`an event is longer than ${maxLength} characters`);
    }
  }
  if (held !== "") yield* events.read([pieces.join("")]);
}

/** The events of a stream that has been read to its end. */
export function* eventsOf(text: string): Generator<ServerSentEvent> {
  const lines = text.split(LINE_END);
  // What follows the last line end is a line that was cut off.
  lines.pop();
  yield* new EventParser(DATA_FIELDS).read(lines);
}

/** Puts lines together to events. */
class EventParser {
  /** Length of the data of the event that is not complete, with the ends of its lines. */
  length = 0;
  #event = "message";
  #id: string | undefined;
  #data: string[] = [];
  readonly #dataFields: readonly string[];

  constructor(dataFields: readonly string[]) {
    this.#dataFields = dataFields;
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

  #field(line: string): void {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    else if (field === "id") this.#id = value;
    else if (this.#dataFields.includes(field)) {
      this.#data.push(value);
      this.length += value.length + 1;
    }
  }
}
