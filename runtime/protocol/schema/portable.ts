/**
 * Zod's JSON Schema in the words of other languages: what zod writes its own way would otherwise
 * give the same type another canonical form than Python's or Java's libraries do.
 *
 * @module
 */
import { isJson, type Json, mapEntries } from "./definitions.ts";

const ROOT_REFERENCE = "#";
const ROOT_NAME = "Root";

/**
 * The same schema with recursion through named definitions instead of `#`, and without the bounds
 * zod gives every whole number (those JavaScript can hold exactly; an `int` elsewhere has none).
 */
export function portableSchema(schema: Json): Json {
  let recursive = false;
  const reference = `#/$defs/${ROOT_NAME}`;
  const portable = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(portable);
    if (!isJson(value)) return value;
    if (value.$ref !== ROOT_REFERENCE) return mapEntries(withoutSafeBounds(value), portable);
    recursive = true;
    return { ...mapEntries(value, portable), $ref: reference };
  };
  const { $defs, ...root } = mapEntries(schema, portable);
  const own = withoutSafeBounds(root);
  if (!recursive) return $defs === undefined ? own : { ...own, $defs };
  return { $ref: reference, $defs: { ...(isJson($defs) ? $defs : {}), [ROOT_NAME]: own } };
}

function withoutSafeBounds(schema: Json): Json {
  if (schema.type !== "integer") return schema;
  const { minimum, maximum, ...rest } = schema;
  return {
    ...rest,
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
  };
}
