/**
 * A database several processes write to says now and then that it is locked: nothing has happened
 * then, and a moment later it is free.
 *
 * @module
 */
import { sleep } from "../../runtime/base/sleep.ts";

/** Attempts before the database counts as unusable; together they take about 5 s. */
const ATTEMPTS = 60;
/** Longest wait between two attempts, milliseconds. */
const LONGEST_WAIT_MS = 150;

/**
 * Does something with the database, again while it is locked.
 *
 * @throws What `attempt` throws, when it is something else or the lock stays.
 */
export async function insist<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let tried = 1;; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= ATTEMPTS || !isLocked(error)) throw error;
      await sleep(Math.random() * Math.min(2 * tried ** 2, LONGEST_WAIT_MS));
    }
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && /database (?:table )?is locked/.test(error.message);
}
