/**
 * A pause that ends early where there is a reason.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";

/** Longest time a timer takes, in milliseconds: a longer one would ring at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/**
 * Settles after a time, or as soon as a signal aborts. A caller that must not go on then asks the
 * signal: `signal.throwIfAborted()`.
 *
 * @param ms Milliseconds; less than 0 counts as 0, more than {@linkcode LONGEST_TIMER_MS} as that.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const time = Math.max(0, Math.min(ms, LONGEST_TIMER_MS));
  try {
    await delay(time, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
