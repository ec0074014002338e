/**
 * Passing an upstream's body on while it comes, within a budget of time.
 *
 * @module
 */

/** How a body is passed on. */
export interface RelayOptions {
  /** Aborts when the budget is spent. */
  signal: AbortSignal;
  /** What to say last when the signal aborts; `undefined` breaks the body off. */
  farewell: string | undefined;
  /** Called when nothing more will be read. */
  done: () => void;
}

/** Whether a content type is that of an event stream. */
export function isEventStream(contentType: string | null): boolean {
  return contentType?.split(";")[0]?.trim().toLowerCase() === "text/event-stream";
}

/** What an event stream ends with when its time is up: callers tell it from an empty answer. */
export function timeoutComment(budgetMs: number): string {
  return `\n: mesh-proxy-timeout budget=${budgetMs / 1000}s\n\n`;
}

/** The body, passed on chunk by chunk as it is asked for. */
export function relayed(
  body: ReadableStream<Uint8Array>,
  { signal, farewell, done }: RelayOptions,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const aborted = Promise.withResolvers<never>();
  // Whether or not anybody is waiting for a chunk when it happens.
  aborted.promise.catch(() => {});
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const finish = () => {
    signal.removeEventListener("abort", abort);
    done();
  };
  if (signal.aborted) abort();

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done: ended, value } = await Promise.race([reader.read(), aborted.promise]);
        if (!ended) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        reader.cancel(error).catch(() => {});
        if (signal.aborted && farewell !== undefined) {
          controller.enqueue(new TextEncoder().encode(farewell));
          controller.close();
        } else controller.error(error);
      }
      finish();
    },
    async cancel(reason) {
      finish();
      await reader.cancel(reason).catch(() => {});
    },
  });
}
