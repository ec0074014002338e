/**
 * JSON that is passed on: numbers leave as they came. What JavaScript cannot hold exactly, such as
 * the 64-bit identifiers of other languages, is carried as the text it was written in.
 *
 * @module
 */

import { isDeep, TOO_DEEP } from "../../runtime/protocol/bounded_json.ts";

/** A JSON object. */
export type JsonObject = Record<string, unknown>;

/** Fewer digits than that in a row are held exactly. */
const MANY_DIGITS = /\d{16}/;

/** Part of ECMAScript 2026 that Deno has and TypeScript does not declare yet. */
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

/**
 * Reads JSON text for `JSON.stringify` to write again.
 *
 * @throws {SyntaxError} When it is not JSON.
 * @throws {RangeError} When it is nested deeper than the mesh carries it.
 */
export function parseExact(text: string): unknown {
  if (isDeep(text)) throw new RangeError(TOO_DEEP);
  if (!MANY_DIGITS.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, context?: { source?: string }) => {
    const written = context?.source;
    const isExact = typeof value !== "number" || written === undefined || String(value) === written;
    return isExact ? value : rawJSON(written);
  });
}

/** Whether a value is an object, and neither `null` nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
