/**
 * Cutting text that is too long. Half of a surrogate pair is not a character: UTF-8 cannot carry it, and
 * readers of JSON refuse it (RFC 8259 §8.2), so no text is cut inside of one.
 *
 * @module
 */

/**
 * Returns the beginning of a text, without half a character at its end or anywhere else.
 *
 * @param max Most UTF-16 code units.
 */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed();
  return text.slice(0, Math.max(max, 0)).replace(/[\ud800-\udbff]$/, "").toWellFormed();
}

/**
 * Returns a text of at most `max` UTF-16 code units, with `…` at its end where it is cut.
 */
export function shortened(text: string, max: number): string {
  return text.length <= max ? text.toWellFormed() : `${cutText(text, max - 1)}…`;
}

/**
 * Returns the beginning of a text; where it is cut, with the number of characters that are left out.
 *
 * @param max Most UTF-16 code units of the beginning.
 */
export function abridged(text: string, max: number): string {
  const beginning = cutText(text, max);
  const left = text.length - beginning.length;
  return left === 0 ? beginning : `${beginning}… (${left} more characters)`;
}
