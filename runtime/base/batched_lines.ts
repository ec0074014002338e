/**
 * Lines that are written together. Each write of a file is a call to the system that costs as much as
 * some thousands of characters, so of lines that come close together only the first is written at once.
 *
 * @module
 */
import { errorText } from "./errors.ts";

/** Options for {@linkcode BatchedLines}. */
export interface BatchedLinesOptions {
  /** Longest time that a line waits, milliseconds. @default {5} */
  readonly everyMs?: number;
  /** Most that waits, in UTF-16 units; what waits is written when it is more. @default {262_144} */
  readonly most?: number;
}

/** Lines that were taken before and could not be written. */
export class LinesLost extends Error {
  override readonly name = "LinesLost";
  /** Number of those lines. */
  readonly count: number;

  /** @param message The reason. */
  constructor(count: number, message: string) {
    super(message);
    this.count = count;
  }
}

/** Collects lines and writes them in batches. Once it is disposed of, lines are written one by one. */
export class BatchedLines implements Disposable {
  readonly #write: (text: string) => void;
  readonly #everyMs: number;
  readonly #most: number;
  #waiting: string[] = [];
  #size = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** Whether the next line is written without waiting. */
  #isAtOnce = false;
  #lost: { readonly count: number; readonly why: string } | undefined;

  /** @param write Writes a text of whole lines; throws when it cannot. */
  constructor(write: (text: string) => void, options: BatchedLinesOptions = {}) {
    this.#write = write;
    this.#everyMs = options.everyMs ?? 5;
    this.#most = options.most ?? 256 * 1024;
  }

  /**
   * Takes a line. After a pause it is written at once, so that the last words of a process that ends
   * without notice are there.
   *
   * @throws {LinesLost} When lines that were taken before are lost; this one is not taken then.
   * @throws What writing throws; the line is lost.
   */
  put(line: string): void {
    if (this.#lost !== undefined) {
      const { count, why } = this.#lost;
      this.#lost = undefined;
      throw new LinesLost(count, why);
    }
    if (this.#timer === undefined || this.#isAtOnce) {
      this.#write(`${line}\n`);
      this.#isAtOnce = this.#isClosed;
      if (!this.#isClosed) this.#wait();
      return;
    }
    this.#waiting.push(line);
    this.#size += line.length + 1;
    if (this.#size >= this.#most) this.flush();
  }

  /** Writes what waits. Never throws: lines that cannot be written are counted. */
  flush(): void {
    const lines = this.#waiting;
    if (lines.length === 0) return;
    this.#waiting = [];
    this.#size = 0;
    try {
      this.#write(`${lines.join("\n")}\n`);
    } catch (error) {
      // A line that says so must not be lost for waiting itself.
      this.#isAtOnce = true;
      this.#lost = { count: (this.#lost?.count ?? 0) + lines.length, why: errorText(error) };
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#isAtOnce = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.flush();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.length === 0) return;
      this.flush();
      this.#wait();
    }, this.#everyMs);
  }
}
