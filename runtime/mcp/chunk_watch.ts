/**
 * Watching a stream of chunks: that the next one comes in time.
 *
 * @module
 */
import { LONGEST_TIMER_MS } from "../base/sleep.ts";
import { MeshError } from "../base/errors.ts";

/** Longest wait for the next chunk unless a call says otherwise, in milliseconds. */
const STALL_MS = 60_000;

/** What a watch needs. */
export interface ChunkWatchOptions {
  /** Who streams, for the message. */
  readonly endpoint: string;
  /** Gives the whole call up. */
  readonly signal: AbortSignal;
  /** Longest wait for the next chunk, in milliseconds. @default 60 000 */
  readonly stallMs?: number;
}

/** The watch over one stream. */
export class ChunkWatch implements Disposable {
  /** The progress token whose notifications carry the stream's chunks. */
  readonly token: string = crypto.randomUUID();
  /** Fires with the call's own reason, or with a MeshError `stream_stalled`. */
  readonly signal: AbortSignal;
  readonly #endpoint: string;
  readonly #stallMs: number;
  readonly #stalled = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the next chunk is late, in `performance.now()` time. */
  #lateAt = Infinity;

  constructor({ endpoint, signal, stallMs = STALL_MS }: ChunkWatchOptions) {
    this.#endpoint = endpoint;
    this.#stallMs = stallMs;
    this.signal = AbortSignal.any([signal, this.#stalled.signal]);
  }

  /** The next chunk is waited for. */
  wait(): void {
    this.#lateAt = performance.now() + this.#stallMs;
    // One timer for the whole stream: it looks again when it comes too early.
    this.#timer ??= setTimeout(() => this.#look(), Math.min(this.#stallMs, LONGEST_TIMER_MS));
  }

  /** It came; what is done with it takes its own time. */
  pause(): void {
    this.#lateAt = Infinity;
  }

  #look(): void {
    const left = this.#lateAt - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(() => this.#look(), Math.min(left, LONGEST_TIMER_MS));
      return;
    }
    const message = `${this.#endpoint} sent no further chunk for ${this.#stallMs} ms`;
    this.#stalled.abort(new MeshError("stream_stalled", message));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
