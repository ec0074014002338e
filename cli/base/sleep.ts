/**
 * Waiting.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";

/** Settles after so many milliseconds, or as soon as `signal` aborts. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
