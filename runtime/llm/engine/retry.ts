/**
 * Trying again: how often, and after how long.
 *
 * @module
 */
import { type Backoff, backoffMs } from "../../base/backoff.ts";
import type { UpstreamFailure } from "./upstream_failure.ts";

/**
 * How requests that failed for the moment are tried again. An endpoint that asks for a longer wait
 * than the longest is not waited for.
 */
export interface RetryPolicy extends Backoff {
  /** Most attempts. */
  readonly attempts: number;
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
  policy: RetryPolicy,
  chance: number,
): number | undefined {
  if (kind !== "temporary" || attempt >= policy.attempts) return undefined;
  if (retryAfterMs !== undefined) return retryAfterMs > policy.longestMs ? undefined : retryAfterMs;
  return backoffMs(policy, attempt, chance);
}
