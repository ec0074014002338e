/**
 * From chunks that are pushed to chunks that are pulled.
 *
 * @module
 */
import { MeshError } from "./errors.ts";
import { ChunkWindow } from "./chunk_window.ts";

/** Takes one chunk; the next one is not sent before it resolves. */
export type OnChunk = (chunk: unknown) => Promise<void>;

/**
 * Turns a call that pushes chunks into chunks that are pulled. The producer is held while a window of
 * chunks has not been taken; leaving the loop early gives the call up.
 */
export async function* chunksOf(
  start: (onChunk: OnChunk, signal: AbortSignal) => Promise<unknown>,
): AsyncGenerator<unknown> {
  const abort = new AbortController();
  const window = new ChunkWindow();
  const chunks: unknown[] = [];
  let streamed = false;
  let ended: { readonly error?: unknown } | undefined;
  let wake = () => {};
  const onChunk: OnChunk = (chunk) => {
    streamed = true;
    chunks.push(chunk);
    wake();
    return window.sent(chunk, abort.signal);
  };
  start(onChunk, abort.signal).then((value) => {
    if (!streamed) chunks.push(value);
    ended = {};
    wake();
  }, (error) => {
    ended = { error };
    wake();
  });
  try {
    for (;;) {
      while (chunks.length > 0) {
        window.taken();
        yield chunks.shift();
      }
      if (ended !== undefined) {
        if ("error" in ended) throw ended.error;
        return;
      }
      await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    abort.abort(new MeshError("cancelled", "the reader stopped reading"));
  }
}
