/**
 * Which traces are recorded: the caller's decision where there is one, else a ratio by trace id, so
 * that all who see a trace decide alike (OpenTelemetry's ParentBased and TraceIdRatioBased samplers).
 *
 * @module
 */

/** The part of a trace id that is random (W3C Trace Context Level 2 §3.2.2.3): its last 56 bits. */
const RANDOM_DIGITS = 14;
const ALL = 2 ** (4 * RANDOM_DIGITS);

/**
 * Whether a trace that nobody has decided about is recorded.
 *
 * @param traceId 32 hex digits.
 * @param ratio How many of all traces are, 0 to 1.
 */
export function isSampled(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  if (ratio <= 0) return false;
  // Beyond 53 bits the number is rounded, which a ratio does not notice.
  return Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) >= ALL * (1 - ratio);
}
