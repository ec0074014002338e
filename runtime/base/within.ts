/**
 * Waiting for work, but neither for ever nor after it is called off.
 *
 * @module
 */
// @ts-types="./std/async.d.ts"
export { abortable } from "@std/async/abortable";

/**
 * Waits for work, for a limited time; the outcome is ignored when it comes later, a failure too.
 *
 * @param ms Longest wait, milliseconds.
 * @param late Returned when the time is up. Default `undefined`.
 * @throws The reason `work` rejects with in time.
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined>;
export async function within<T, const L>(
  ms: number,
  work: Promise<T>,
  late: L,
): Promise<T | L>;
export async function within(ms: number, work: Promise<unknown>, late?: unknown): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const timer = setTimeout(resolve, ms, late);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns a signal that fires when either does. */
export function either(signal: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? signal : AbortSignal.any([signal, other]);
}
