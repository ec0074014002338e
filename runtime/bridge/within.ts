/**
 * Waiting, but not for ever.
 *
 * @module
 */

/**
 * Waits until `done` settles.
 *
 * @param ms How long, in milliseconds.
 * @returns Whether it settled in time.
 */
export async function within(ms: number, done: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([done.then(() => true, () => true), promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits until `done` settles or the signal aborts.
 *
 * @throws What `done` rejects with, or the reason of the signal.
 */
export async function untilAborted<T>(done: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const aborted = () => reject(signal.reason);
  signal.addEventListener("abort", aborted, { once: true });
  try {
    return await Promise.race([done, promise]);
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}
