/**
 * The last net of a process that serves others: an error that nobody caught is reported, and the process
 * goes on.
 *
 * Ending it would end every call of every agent in it, for an error that belongs to one of them at most.
 * What such an error leaves behind is bounded: calls have deadlines, links to the registry and to other
 * agents are made anew, and no state is shared between calls that a broken-off step could leave half
 * changed.
 *
 * @module
 */

/**
 * Reports what nobody catches, for the rest of the process's life.
 *
 * @param report Gets each error, with its place. It must not throw.
 */
export function reportUncaught(report: (message: string) => void): void {
  const tell = (event: Event, cause: unknown) => {
    // Without this the process would end.
    event.preventDefault();
    report(`an error that nobody caught: ${placed(cause)}`);
  };
  globalThis.addEventListener("error", (event) => tell(event, event.error ?? event.message));
  globalThis.addEventListener("unhandledrejection", (event) => tell(event, event.reason));
}

function placed(cause: unknown): string {
  return cause instanceof Error ? cause.stack ?? cause.message : String(cause);
}
