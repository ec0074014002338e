/**
 * Answers that never end, for tests of those who read them.
 *
 * @module
 */

/** A body that never ends, and what became of it. */
export interface Endless {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Bytes that were asked for. */
  readonly sent: number;
  readonly isCancelled: boolean;
}

/** Makes a body that is the same text for ever. */
export function endless(text: string): Endless {
  const piece = new TextEncoder().encode(text);
  const state = { sent: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (stream) => {
      state.sent += piece.length;
      stream.enqueue(piece);
    },
    cancel: () => void (state.isCancelled = true),
  }, { highWaterMark: 0 });
  return Object.assign(state, { body });
}
