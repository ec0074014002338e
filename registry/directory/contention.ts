/**
 * A database several processes write to says now and then that it is locked: nothing has happened
 * then, and a moment later it is free.
 *
 * @module
 */
// @ts-types="../../runtime/base/std/async.d.ts"
import { retry, RetryError } from "@std/async/retry";

/** Attempts before the database counts as unusable; together they take about 4 s. */
const ATTEMPTS = 60;
/** Longest wait before the second attempt, milliseconds, and of all. */
const WAIT = { minTimeout: 2, maxTimeout: 150, multiplier: 1.6 };

/**
 * Does something with the database, again while it is locked.
 *
 * @throws What `attempt` throws, when it is something else or the lock stays.
 */
export async function insist<Result>(attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await retry(attempt, { ...WAIT, maxAttempts: ATTEMPTS, isRetriable: isLocked });
  } catch (error) {
    throw error instanceof RetryError ? error.cause : error;
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && /database (?:table )?is locked/.test(error.message);
}
