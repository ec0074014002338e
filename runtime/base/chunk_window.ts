/**
 * How far the sender of a stream may be ahead of its reader: a few chunks, so that neither waits for
 * every single one, and no more, so that memory does not grow with a slow reader.
 *
 * @module
 */

import { weightOf } from "./json_form.ts";

/** Most chunks sent that have not been taken. */
export const CHUNK_WINDOW = 16;
/** Most that is in them together, in characters or bytes; one that has more goes alone. */
const WEIGHT_MAX = 4 * 1024 * 1024;

/** The window of one stream, on the sender's side. */
export class ChunkWindow {
  /** What is in each chunk that has not been taken, in order. */
  readonly #ahead: number[] = [];
  #weight = 0;
  #room: PromiseWithResolvers<void> | undefined;

  /**
   * Counts a chunk that is sent, and resolves when the next one may be.
   *
   * @throws The signal's reason, when it fires while there is no room.
   */
  sent(chunk: unknown, signal: AbortSignal): Promise<void> {
    const weight = chunkWeight(chunk);
    this.#ahead.push(weight);
    this.#weight += weight;
    if (this.#hasRoom) return Promise.resolve();
    const room = this.#room = Promise.withResolvers<void>();
    const stopped = () => room.reject(signal.reason);
    if (signal.aborted) stopped();
    signal.addEventListener("abort", stopped, { once: true });
    return room.promise.finally(() => signal.removeEventListener("abort", stopped));
  }

  /** The reader took a chunk. */
  taken(): void {
    this.#weight -= this.#ahead.shift() ?? 0;
    if (this.#hasRoom) this.#room?.resolve();
  }

  get #hasRoom(): boolean {
    return this.#ahead.length < CHUNK_WINDOW && this.#weight < WEIGHT_MAX;
  }
}

/**
 * The window of one stream, on the side that passes chunks on. A sender that keeps to its own window is
 * never ahead of this one, which has more room.
 */
export class ReceivedChunks {
  #count = 0;
  #weight = 0;

  /**
   * Counts a chunk that came.
   *
   * @returns What {@linkcode ReceivedChunks.passed} is to be given; `undefined` when the sender is
   * further ahead than it may be.
   */
  came(chunk: unknown): number | undefined {
    if (this.#count >= 2 * CHUNK_WINDOW || this.#weight >= 2 * WEIGHT_MAX) return undefined;
    // A reader that keeps up takes each before the next one comes, and weighing costs.
    const weight = this.#count === 0 ? 0 : chunkWeight(chunk);
    this.#count += 1;
    this.#weight += weight;
    return weight;
  }

  /** The chunk that had this weight was passed on, or is not wanted any more. */
  passed(weight: number): void {
    this.#count -= 1;
    this.#weight -= weight;
  }
}

function chunkWeight(chunk: unknown): number {
  const isFlat = typeof chunk === "string" || chunk instanceof Uint8Array;
  // A sandbox may send what has no weight.
  return Math.min(isFlat ? chunk.length : weightOf(chunk), WEIGHT_MAX);
}
