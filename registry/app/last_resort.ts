/**
 * What keeps the process of a registry alive when something fails that nobody waits for: the agents of a
 * mesh lose more by a registry that is gone than by one that has failed at something.
 *
 * @module
 */
import type { Log } from "../base/careful_log.ts";

/** Reports failures that nothing handles instead of ending the process, until it is disposed of. */
export function surviveFailures(log: Log): Disposable {
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    log(`something failed unexpectedly: ${described(event.error)}`);
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    log(`something failed unexpectedly: ${described(event.reason)}`);
  };
  globalThis.addEventListener("error", onError);
  globalThis.addEventListener("unhandledrejection", onRejection);
  return {
    [Symbol.dispose]() {
      globalThis.removeEventListener("error", onError);
      globalThis.removeEventListener("unhandledrejection", onRejection);
    },
  };
}

function described(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
