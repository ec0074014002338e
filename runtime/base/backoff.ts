/**
 * Back-off: how long to wait before something that failed is tried again, ever longer while it fails.
 *
 * @module
 */

/** Bounds of the waits between attempts, in milliseconds. */
export interface Backoff {
  /** Wait after the first failure; doubles with each further one. */
  readonly firstMs: number;
  /** Longest wait. */
  readonly longestMs: number;
}

/**
 * Returns how long to wait after a number of failures in a row, in milliseconds.
 *
 * @param failures From 1; less counts as 1.
 * @param chance From 0 to 1, `Math.random()` where many callers lose the same thing at once: half of
 * the wait is fixed and half random then, so that they do not come back in step. Without it the wait is
 * exact.
 */
export function backoffMs(
  { firstMs, longestMs }: Backoff,
  failures: number,
  chance = 1,
): number {
  const fullMs = Math.min(firstMs * 2 ** Math.max(0, failures - 1), longestMs);
  return fullMs * (1 + chance) / 2;
}
