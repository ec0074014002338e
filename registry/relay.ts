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
  // Ends a read that is waiting, as if the body had ended there.
  const abort = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const finish = () => {
    signal.removeEventListener("abort", abort);
    done();
  };
  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      const { value } = await reader.read();
      if (value !== undefined || !signal.aborted) return value;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (farewell === undefined) throw signal.reason;
    return undefined;
  };

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const chunk = await next();
        if (chunk !== undefined) return controller.enqueue(chunk);
        if (signal.aborted) controller.enqueue(new TextEncoder().encode(farewell));
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      finish();
    },
    async cancel(reason) {
      finish();
      await reader.cancel(reason).catch(() => {});
    },
  });
}
