/**
 * How long a server asks its clients to wait: `Retry-After` (RFC 9110 §10.2.3), in seconds or as a
 * date, and the `retry-after-ms` of language model vendors, which is more exact.
 *
 * @module
 */

/** Longest wait that is believed: timers take no more than 24 days, and some senders write milliseconds. */
const LONGEST_MS = 24 * 60 * 60_000;

/**
 * Reads how long the sender of an answer asks to be left alone.
 *
 * @param now Milliseconds since the epoch, for dates.
 * @returns Milliseconds, never negative, a day at most; `undefined` when the answer does not say.
 */
export function retryAfterMs(headers: Headers, now: number = Date.now()): number | undefined {
  const asked = askedMs(headers, now);
  return asked && Math.min(asked, LONGEST_MS);
}

function askedMs(headers: Headers, now: number): number | undefined {
  const milliseconds = headers.get("retry-after-ms")?.trim();
  if (milliseconds && Number(milliseconds) >= 0) return Number(milliseconds);
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (Number(value) >= 0) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
