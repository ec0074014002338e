/**
 * Trying again: how often, and after how long.
 *
 * @module
 */
import type { UpstreamFailure } from "./upstream_failure.ts";

/** How requests that failed for the moment are tried again. Times are milliseconds. */
export interface RetryPolicy {
  /** Most attempts. */
  readonly attempts: number;
  /** Wait before the second attempt, doubled before each further one. */
  readonly firstMs: number;
  /** Longest wait; an endpoint that asks for more is not waited for. */
  readonly longestMs: number;
}

/** Three attempts, and ten seconds at most between two. */
export const RETRIES: RetryPolicy = { attempts: 3, firstMs: 500, longestMs: 10_000 };

/**
 * How long to wait after a failure.
 *
 * @param attempt Number of the attempt that failed, from 1.
 * @param chance From 0 to 1: callers that failed together do not come back together.
 * @returns Milliseconds; `undefined` when trying again is no use.
 */
export function waitAfter(
  { kind, particulars: { retryAfterMs } }: UpstreamFailure,
  attempt: number,
  { attempts, firstMs, longestMs }: RetryPolicy,
  chance: number,
): number | undefined {
  if (kind !== "temporary" || attempt >= attempts) return undefined;
  if (retryAfterMs !== undefined) return retryAfterMs > longestMs ? undefined : retryAfterMs;
  return Math.min(firstMs * 2 ** (attempt - 1), longestMs) * (1 + chance) / 2;
}

/** Waits; rejects with the signal's reason when it fires. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Waits by the clock. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(signal.reason);
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
