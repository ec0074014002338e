/**
 * JSON that is passed on: numbers leave as they came. What JavaScript cannot hold exactly, such as
 * the 64-bit identifiers of other languages, is carried as the text it was written in.
 *
 * @module
 */

import { isDeep, TOO_DEEP } from "./bounded_json.ts";

/** Fewer digits than that in a row are held exactly. */
const MANY_DIGITS = /\d{16}/;

/** Part of ECMAScript 2026 that Deno has and TypeScript does not declare yet. */
const { rawJSON, isRawJSON } = JSON as typeof JSON & {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

/** Tells whether a text may have a number that JavaScript does not hold exactly. */
export function mayBeInexact(text: string): boolean {
  return MANY_DIGITS.test(text);
}

/** Tells whether a value is an integer, of any size: a number, or one that is carried as text. */
export function isInteger(value: unknown): boolean {
  return Number.isSafeInteger(value) ||
    (isRawJSON(value) && /^-?\d+$/.test(JSON.stringify(value)));
}

/** Returns a number as it was written, if JavaScript does not hold it exactly; else `undefined`. */
export function carried(written: string): unknown {
  return String(Number(written)) === written ? undefined : rawJSON(written);
}

/**
 * Reads JSON text for `JSON.stringify` to write again.
 *
 * @throws {SyntaxError} When it is not JSON.
 * @throws {RangeError} When it is nested deeper than a message may be.
 */
export function parseExact(text: string): unknown {
  if (isDeep(text)) throw new RangeError(TOO_DEEP);
  if (!MANY_DIGITS.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, context?: { source?: string }) => {
    const written = context?.source;
    return typeof value !== "number" || written === undefined ? value : carried(written) ?? value;
  });
}

/** Tells whether a number in a value is carried as text. */
export function carriesText(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isRawJSON(value) || Object.values(value).some(carriesText);
}

/** Returns a value for code: with numbers as JavaScript holds them, exactly or not. */
export function asNumbers(value: unknown): unknown {
  return carriesText(value) ? JSON.parse(JSON.stringify(value)) : value;
}
