/**
 * JSON Schemas within a JSON Schema: where they stand, and what a reference to one of them leads to.
 *
 * @module
 */
import { isJson, type Json, mapEntries } from "./definitions.ts";

/** Keywords that hold values, whatever these look like. */
export const VALUES: ReadonlySet<string> = new Set(["const", "default", "enum", "examples"]);
/** Keywords that hold schemas by name, and the names may be anything. */
export const BY_NAME: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "dependencies",
  "$defs",
  "definitions",
]);

/** Returns a schema with each schema that stands directly in it replaced. */
export function mapSubschemas(schema: Json, replace: (schema: Json) => unknown): Json {
  const each = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(each);
    return isJson(value) ? replace(value) : value;
  };
  return mapEntries(schema, (value, keyword) => {
    if (VALUES.has(keyword)) return value;
    return BY_NAME.has(keyword) && isJson(value) ? mapEntries(value, each) : each(value);
  });
}

/**
 * Returns the value that a reference within a document leads to (RFC 6901 §6); `undefined` for one that
 * leads nowhere, or out of the document.
 */
export function pointedAt(reference: string, root: unknown): unknown {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  return reference.slice(2).split("/").reduce<unknown>((at, step) => {
    const key = decoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
    return typeof at === "object" && at !== null && Object.hasOwn(at, key)
      // Any object may be read by name.
      ? (at as Record<string, unknown>)[key]
      : undefined;
  }, root);
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/**
 * Returns a schema with the references at its top followed to their end; what stands beside a reference
 * counts more than what it stands for. A reference that leads nowhere, or in a circle, stays.
 */
export function resolved(schema: Json, root: unknown): Json {
  const followed = new Set<string>();
  let at = schema;
  for (;;) {
    const { $ref: reference, ...beside } = at;
    if (typeof reference !== "string" || followed.has(reference)) return at;
    followed.add(reference);
    const target = pointedAt(reference, root);
    if (!isJson(target)) return at;
    at = { ...target, ...beside };
  }
}
