/**
 * Waiting, but not for ever.
 *
 * @module
 */

/** Waits for something, but no longer than that. @param ms Milliseconds. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
