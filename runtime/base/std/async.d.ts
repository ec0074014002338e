/**
 * Types of the modules of `@std/async` in use: the npm registry has them as JavaScript.
 *
 * @module
 */

/** Options of {@linkcode delay}. */
export interface DelayOptions {
  /** Rejects the promise with its reason. */
  signal?: AbortSignal;
}

/** Resolves after a time in milliseconds, however long it is; less than 0 counts as 0. */
export function delay(ms: number, options?: DelayOptions): Promise<void>;

/** Rejects with the reason of a signal that aborts before a promise settles. */
export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T>;

/** Options of {@linkcode retry}. */
export interface RetryOptions {
  /** @default {5} */
  maxAttempts?: number;
  /** Longest wait before the second attempt, in milliseconds. @default {1_000} */
  minTimeout?: number;
  /** Longest wait, in milliseconds. @default {60_000} */
  maxTimeout?: number;
  /** How much longer each wait is than the one before. @default {2} */
  multiplier?: number;
  /** How much of a wait is random, from 0 to 1. @default {1} */
  jitter?: number;
  /** Whether another attempt may help. @default always */
  isRetriable?: (error: unknown) => boolean;
}

/** Attempts were made as often as was allowed; the last failure is the `cause`. */
export class RetryError extends Error {}

/**
 * Calls a function until it does not fail.
 *
 * @throws {RetryError} When it has failed as often as it may.
 */
export function retry<T>(fn: () => T | Promise<T>, options?: RetryOptions): Promise<T>;
