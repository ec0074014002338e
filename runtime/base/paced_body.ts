/**
 * A body that is written while it is read, at the pace of its reader: who writes is held while more
 * than a few pieces wait, so that memory does not grow with a slow reader.
 *
 * @module
 */
import { MeshError } from "./errors.ts";
import { ChunkWindow } from "./chunk_window.ts";

/** A part of a body; text is encoded as UTF-8. */
export type Piece = string | Uint8Array;

/** Something that waits for the reader. */
interface Held {
  readonly piece: Piece;
  readonly taken: () => void;
}

/** A body and its writer. */
export class PacedBody {
  /** What the reader reads. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #held: Held[] = [];
  readonly #gone = new AbortController();
  readonly #window = new ChunkWindow();
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Ends the reader's wait. */
  #wanted: (() => void) | undefined;
  /** Whether nothing more will be written. */
  #isEnded = false;

  constructor() {
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: () => this.#over(new MeshError("cancelled", "the caller went away")),
    }, { highWaterMark: 0 });
  }

  /** Fires when nothing more will be read: the reader went away, or was told of a failure. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Whether the reader waits for something to read. */
  get isWanted(): boolean {
    return this.#wanted !== undefined;
  }

  /**
   * Writes and resolves when more may be written.
   *
   * @throws {MeshError} `cancelled` when the reader is gone, or has been told the end.
   */
  write(piece: Piece): Promise<void> {
    const { signal } = this.#gone;
    if (this.#isEnded) {
      return Promise.reject(signal.reason ?? new MeshError("cancelled", "the answer is over"));
    }
    this.#hold({ piece, taken: () => this.#window.taken() });
    return this.#window.sent(piece, signal);
  }

  /**
   * Writes without waiting.
   *
   * @param taken Told when the reader took it.
   * @returns How to take it back, as long as it waits.
   */
  push(piece: Piece, taken: () => void = () => {}): () => void {
    const held: Held = { piece, taken };
    this.#hold(held);
    return () => {
      const index = this.#held.indexOf(held);
      if (index !== -1) this.#held.splice(index, 1);
    };
  }

  /** Nothing more is written; the reader gets what waits, and the end. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#held.length === 0) this.#close();
  }

  /** Tells the reader that what was to come will not. */
  fail(reason: unknown): void {
    if (this.#isEnded) return;
    this.#over(reason);
    this.#controller.error(reason);
    this.#answered();
  }

  #hold(held: Held): void {
    if (this.#isEnded) return;
    this.#held.push(held);
    if (this.#wanted === undefined) return;
    this.#give();
    this.#answered();
  }

  #pull(): Promise<void> | undefined {
    if (this.#held.length > 0) {
      this.#give();
      return undefined;
    }
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }

  /** All that waits goes out together. */
  #give(): void {
    const held = this.#held.splice(0);
    this.#controller.enqueue(joined(held.map(({ piece }) => piece)));
    for (const { taken } of held) taken();
    // The reader may go away the moment it is given something.
    if (this.#isEnded && !this.#gone.signal.aborted) this.#close();
  }

  #close(): void {
    this.#controller.close();
    this.#answered();
  }

  #answered(): void {
    this.#wanted?.();
    this.#wanted = undefined;
  }

  #over(reason: unknown): void {
    this.#isEnded = true;
    this.#held.length = 0;
    this.#gone.abort(reason);
  }
}

const encoder = new TextEncoder();

function joined(pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  if (pieces.every((piece) => typeof piece === "string")) return encoder.encode(pieces.join(""));
  const all = pieces.map((piece) => typeof piece === "string" ? encoder.encode(piece) : piece);
  const [only] = all;
  // A stream hands over what it has been given; what is shared cannot be.
  if (all.length === 1 && only?.buffer instanceof ArrayBuffer) {
    return only as Uint8Array<ArrayBuffer>;
  }
  const bytes = new Uint8Array(all.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
