/**
 * Reading Server-Sent Events (WHATWG HTML §9.2.6) off a byte stream.
 *
 * @module
 */

/** One event. */
export interface ServerSentEvent {
  /** Its type; `message` when the stream names none. */
  readonly event: string;
  /** Its data lines, joined by newlines. */
  readonly data: string;
}

/** The events of `body`, each when it is complete. Comments are skipped. Leaving the loop cancels the body. */
export async function* readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<ServerSentEvent> {
  const events = new EventParser();
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    rest += text;
    // A "\r" at the very end may be half of "\r\n": it waits for what follows.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    yield* events.read(lines);
  }
  if (rest.endsWith("\r")) yield* events.read([rest.slice(0, -1)]);
}

/** Puts lines together to events. */
class EventParser {
  #event = "message";
  #data: string[] = [];

  *read(lines: readonly string[]): Generator<ServerSentEvent> {
    for (const line of lines) {
      if (line !== "") {
        this.#field(line);
        continue;
      }
      if (this.#data.length > 0) yield { event: this.#event, data: this.#data.join("\n") };
      this.#event = "message";
      this.#data = [];
    }
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
  }
}
