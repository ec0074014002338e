/**
 * The lines of a server that speaks over its standard output, one a message.
 *
 * @module
 */

const NEWLINE = "\n".charCodeAt(0);

/** Puts bytes together to lines. */
export class MessageLines {
  readonly #limit: number;
  readonly #decoder = new TextDecoder();
  /** Pieces of the line whose end has not come. */
  #pieces: string[] = [];
  #length = 0;

  /** @param limit Longest line, in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Takes the next bytes.
   *
   * @returns The lines that are complete, without their ends.
   * @throws {RangeError} When a line is longer than the limit.
   */
  push(bytes: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#take(bytes.subarray(start, end));
      lines.push(this.#pieces.join("").replace(/\r$/, ""));
      this.#pieces = [];
      this.#length = 0;
      start = end + 1;
    }
    this.#take(bytes.subarray(start));
    return lines;
  }

  #take(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > this.#limit) {
      throw new RangeError(`a message is longer than the ${this.#limit} bytes that fit`);
    }
    // A newline is no part of another character, so none is cut in two at the end of a line.
    this.#pieces.push(this.#decoder.decode(bytes, { stream: true }));
  }
}
