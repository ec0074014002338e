/**
 * How far the sender of a stream may be ahead of its reader: a few chunks, so that neither waits for
 * every single one, and no more, so that memory does not grow with a slow reader.
 *
 * @module
 */

/** Most chunks sent that have not been taken. */
export const CHUNK_WINDOW = 16;

/** The window of one stream, on the sender's side. */
export class ChunkWindow {
  #ahead = 0;
  #room: PromiseWithResolvers<void> | undefined;

  /**
   * Counts a chunk that is sent, and resolves when the next one may be.
   *
   * @throws The signal's reason, when it fires while there is no room.
   */
  sent(signal: AbortSignal): Promise<void> {
    this.#ahead += 1;
    if (this.#ahead < CHUNK_WINDOW) return Promise.resolve();
    const room = this.#room = Promise.withResolvers<void>();
    const stopped = () => room.reject(signal.reason);
    if (signal.aborted) stopped();
    signal.addEventListener("abort", stopped, { once: true });
    return room.promise.finally(() => signal.removeEventListener("abort", stopped));
  }

  /** The reader took a chunk. */
  taken(): void {
    this.#ahead -= 1;
    this.#room?.resolve();
  }
}
