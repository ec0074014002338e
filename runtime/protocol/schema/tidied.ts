/**
 * JSON Schemas as clients can read them, whoever wrote them.
 *
 * @module
 */
import { isJson, type Json, mapEntries } from "./definitions.ts";
import { BY_NAME, mapSubschemas, VALUES } from "./subschemas.ts";

const TYPES: ReadonlySet<unknown> = new Set([
  "object",
  "array",
  "string",
  "number",
  "integer",
  "boolean",
  "null",
]);
/** Keywords that hold lists of schemas. */
const LISTS: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);

/**
 * Returns a schema without what JSON Schema has no meaning for and clients stumble over: members that
 * are `null`, maps and lists that are something else, such as the `[]` that PHP writes for an empty
 * map, and types that do not exist.
 */
export function tidied(schema: Json): Json {
  const sound = Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]) => {
      const kept = tidiedMember(keyword, value);
      return kept === undefined ? [] : [[keyword, kept]];
    }),
  );
  return mapSubschemas(sound, tidied);
}

function tidiedMember(keyword: string, value: unknown): unknown {
  if (VALUES.has(keyword)) {
    const isList = keyword === "enum" || keyword === "examples";
    return isList && !Array.isArray(value) ? undefined : value;
  }
  if (keyword.startsWith("x-")) return value;
  if (value === null) return undefined;
  if (BY_NAME.has(keyword)) {
    return isJson(value) ? mapEntries(value, (schema) => schema === null ? {} : schema) : undefined;
  }
  if (LISTS.has(keyword)) {
    return Array.isArray(value) && value.length > 0
      ? value.map((schema) => schema === null ? {} : schema)
      : undefined;
  }
  if (keyword === "required") {
    return Array.isArray(value) ? value.filter((name) => typeof name === "string") : undefined;
  }
  if (keyword !== "type") return value;
  const types = [value].flat().filter((type) => TYPES.has(type));
  if (types.length === 0) return undefined;
  return Array.isArray(value) ? types : types[0];
}

/**
 * Returns a schema that says the same of lists in draft 2020-12 and in draft 7, by which clients of 2025
 * read it, whatever it says of itself: `items` is about all items there, and about the others here.
 */
export function inBothDrafts(schema: Json): Json {
  const { items, additionalItems, prefixItems, ...others } = schema;
  const isOlder = Array.isArray(items);
  const first = isOlder ? items : prefixItems;
  const rest = isOlder ? additionalItems : items;
  const { maxItems } = others;
  const most = Array.isArray(first) && rest === false
    ? Math.min(first.length, typeof maxItems === "number" ? maxItems : Infinity)
    : maxItems;
  return mapSubschemas(
    !Array.isArray(first) ? schema : {
      ...others,
      prefixItems: first,
      ...(most !== undefined && { maxItems: most }),
      ...(isJson(rest) && { unevaluatedItems: rest }),
    },
    inBothDrafts,
  );
}
