/**
 * Numbers in queries, such as `?limit=50`.
 *
 * @module
 */

/** What a number may be. */
export interface WholeNumberRange {
  /** When it is not given. */
  readonly fallback: number;
  /** Less counts as this. */
  readonly min: number;
  /** More counts as this. */
  readonly max: number;
}

/** The number, brought into its range, or what is wrong with it. */
export function wholeNumber(
  text: string | undefined | null,
  { fallback, min, max }: WholeNumberRange,
): number | string {
  if (text === undefined || text === null) return fallback;
  if (!/^[+-]?\d+$/.test(text)) return `${JSON.stringify(text)} is not a whole number`;
  return Math.min(Math.max(Number(text), min), max);
}
