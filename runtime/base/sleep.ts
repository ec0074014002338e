/**
 * A pause that ends early where there is a reason.
 *
 * @module
 */
// @ts-types="./std/async.d.ts"
import { delay } from "@std/async/delay";

/** Longest time a timer takes, in milliseconds: a longer one would ring at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/**
 * Settles after a time, or as soon as a signal aborts. A caller that must not go on then asks the
 * signal: `signal.throwIfAborted()`.
 *
 * @param ms Milliseconds; less than 0 counts as 0.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
