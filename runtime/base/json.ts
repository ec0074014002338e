/**
 * Values as JSON has them.
 *
 * @module
 */

/** A JSON object: values by name. */
export type JsonObject = Record<string, unknown>;

/** Tells whether a value is an object, and neither `null` nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns a value that is an object; an empty object instead of every other. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** Returns a value that is a string; `undefined` instead of every other. */
export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Returns an object's own member; `undefined` of everything else. */
export function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
