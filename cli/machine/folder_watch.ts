/**
 * Waits for something that shows in a folder's files.
 *
 * @module
 */

/** When {@linkcode waitInFolder} looks again, and when it gives up. */
export interface WaitOptions {
  /** Look again when one of these settles. */
  wake?: Promise<unknown>[];
  /** Give up when this aborts. */
  signal: AbortSignal;
}

/** Look again at least this often: file systems that report no changes exist. */
const FALLBACK_MS = 250;

/**
 * Calls `check` now and after every change in `folder`, until it returns something.
 *
 * @param folder Must exist.
 * @returns What `check` returned, or `undefined` when the signal aborted first.
 */
export async function waitInFolder<T>(
  folder: string,
  check: () => Promise<T | undefined>,
  { wake = [], signal }: WaitOptions,
): Promise<T | undefined> {
  let turn = Promise.withResolvers<void>();
  const lookAgain = () => turn.resolve();
  const watcher = Deno.watchFs(folder, { recursive: false });
  const watching = drain(watcher, lookAgain);
  const timer = setInterval(lookAgain, FALLBACK_MS);
  signal.addEventListener("abort", lookAgain);
  for (const promise of wake) void promise.then(lookAgain, lookAgain);
  try {
    while (!signal.aborted) {
      const found = await check();
      if (found !== undefined) return found;
      await turn.promise;
      turn = Promise.withResolvers<void>();
    }
    return undefined;
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", lookAgain);
    watcher.close();
    await watching;
  }
}

async function drain(watcher: Deno.FsWatcher, onEvent: () => void): Promise<void> {
  for await (const _ of watcher) onEvent();
}
