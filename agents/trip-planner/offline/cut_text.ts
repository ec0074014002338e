/**
 * Cutting text that is too long, never inside of a character: what a model says of half a one travels no
 * further than to the next vendor.
 *
 * @module
 */

/** Returns at most `max` UTF-16 code units of a text, none of them half a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed();
  return text.slice(0, max).replace(/[\ud800-\udbff]$/, "").toWellFormed();
}

/** Returns a text, with `…` behind its first `max` UTF-16 code units where there are more. */
export function shortened(text: string, max: number): string {
  return text.length <= max ? text.toWellFormed() : `${cutText(text, max)}…`;
}
