/**
 * Passing an upstream's body on while it comes, within a budget of time.
 *
 * @module
 */
import { TIME_UP_COMMENT } from "../../runtime/base/mcp_request.ts";

/** How a body is passed on. */
export interface RelayOptions {
  /** Aborts when the budget is spent. */
  signal: AbortSignal;
  /** What to say last when the signal aborts; `undefined` breaks the body off. */
  farewell: string | undefined;
  /**
   * What a stream of events says last when the upstream is lost between two events; `undefined` breaks
   * the body off, which is also what happens in the middle of an event.
   */
  lost: (() => string) | undefined;
  /** Called when nothing more will be read. */
  done: () => void;
}

/** What an event stream ends with when its time is up: callers tell it from an empty answer. */
export function timeoutComment(budgetMs: number): string {
  return `\n: ${TIME_UP_COMMENT} budget=${budgetMs / 1000}s\n\n`;
}

/** The body, passed on chunk by chunk as it is asked for. */
export function relayed(
  body: ReadableStream<Uint8Array>,
  { signal, farewell, lost, done }: RelayOptions,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let isBetweenEvents = true;
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
        if (chunk !== undefined) {
          isBetweenEvents = endsEvent(chunk);
          return controller.enqueue(chunk);
        }
        if (signal.aborted) controller.enqueue(new TextEncoder().encode(farewell));
        controller.close();
      } catch (error) {
        if (lost === undefined || !isBetweenEvents || signal.aborted) controller.error(error);
        else {
          controller.enqueue(new TextEncoder().encode(lost()));
          controller.close();
        }
      }
      finish();
    },
    async cancel(reason) {
      finish();
      await reader.cancel(reason).catch(() => {});
    },
  });
}

/** Whether an event ends where a chunk does; one that is split over chunks counts as unfinished. */
function endsEvent(chunk: Uint8Array): boolean {
  const end = new TextDecoder().decode(chunk.subarray(-4));
  return end.endsWith("\n\n") || end.endsWith("\r\n\r\n");
}
