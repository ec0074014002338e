/**
 * Watching a stream of chunks: that the next one comes in time.
 *
 * @module
 */
import { MeshError } from "../errors.ts";

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
  readonly #options: ChunkWatchOptions;
  readonly #stalled = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ChunkWatchOptions) {
    this.#options = options;
    this.signal = AbortSignal.any([options.signal, this.#stalled.signal]);
  }

  /** The next chunk is waited for. */
  wait(): void {
    const { endpoint, stallMs = STALL_MS } = this.#options;
    this.#timer = setTimeout(() => {
      const message = `${endpoint} sent no further chunk for ${stallMs} ms`;
      this.#stalled.abort(new MeshError("stream_stalled", message));
    }, stallMs);
  }

  /** It came; what is done with it takes its own time. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.pause();
  }
}
