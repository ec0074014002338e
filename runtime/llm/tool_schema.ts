/**
 * Schemas of tools, in the dialect an endpoint reads. Pure.
 *
 * @module
 */

/** Keywords of OpenAPI 3.0 schemas that Gemini reads (Gemini API reference, "Schema"). */
const KEPT = new Set([
  "title",
  "description",
  "format",
  "nullable",
  "enum",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "pattern",
  "minimum",
  "maximum",
  "required",
  "default",
]);

/**
 * A JSON Schema written with the keywords of OpenAPI 3.0. What has no counterpart is left out: the
 * tool still checks its arguments itself, and says what is wrong with them.
 */
export function openApiSchema(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return converted(schema, schema, 0);
}

/** Deeper than this no schema is followed: it may refer to itself. */
const DEEPEST = 12;

function converted(schema: unknown, root: unknown, depth: number): Record<string, unknown> {
  const from = resolved(schema, root);
  const to: Record<string, unknown> = {};
  if (depth > DEEPEST) return { type: "object" };
  const inner = (schema: unknown) => converted(schema, root, depth + 1);
  for (const [keyword, value] of Object.entries(from)) {
    if (KEPT.has(keyword)) to[keyword] = value;
    else if (keyword === "type") Object.assign(to, typeOf(value));
    else if (keyword === "const" && typeof value === "string") to["enum"] = [value];
    else if (keyword === "items") to["items"] = inner(value);
    else if (keyword === "properties" && isRecord(value)) {
      to["properties"] = Object.fromEntries(
        Object.entries(value).map(([name, property]) => [name, inner(property)]),
      );
    } else if ((keyword === "anyOf" || keyword === "oneOf") && Array.isArray(value)) {
      Object.assign(to, alternatives(value, inner));
    }
  }
  // Only texts may be enumerated.
  if (Array.isArray(to["enum"]) && to["enum"].some((value) => typeof value !== "string")) {
    delete to["enum"];
  }
  if (to["type"] === "array") to["items"] ??= {};
  return to;
}

/** A choice; one between something and null is that thing, nullable. */
function alternatives(
  schemas: readonly unknown[],
  inner: (schema: unknown) => Record<string, unknown>,
): Record<string, unknown> {
  const others = schemas.filter((schema) => !(isRecord(schema) && schema["type"] === "null"));
  const [only] = others;
  const nullable = others.length < schemas.length ? { nullable: true } : {};
  return others.length === 1
    ? { ...inner(only), ...nullable }
    : { anyOf: others.map(inner), ...nullable };
}

function typeOf(type: unknown): Record<string, unknown> {
  if (!Array.isArray(type)) return { type };
  const [only, ...more] = type.filter((one) => one !== "null");
  const nullable = type.includes("null") ? { nullable: true } : {};
  return more.length === 0
    ? { type: only, ...nullable }
    : { anyOf: [only, ...more].map((type) => ({ type })), ...nullable };
}

function resolved(schema: unknown, root: unknown): Record<string, unknown> {
  if (!isRecord(schema)) return {};
  const reference = schema["$ref"];
  if (typeof reference !== "string" || !reference.startsWith("#")) return schema;
  const target = reference.split("/").slice(1).reduce<unknown>(
    (at, key) => isRecord(at) ? at[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined,
    root,
  );
  const { $ref: _, ...beside } = schema;
  return isRecord(target) && target !== schema ? { ...target, ...beside } : beside;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
