/**
 * JSON Schemas taken apart: what a reference stands for, and an object without `allOf`, `anyOf` and
 * `oneOf` at its top. Pure.
 *
 * @module
 */
import { asObject, isObject, type JsonObject } from "../../base/json.ts";
import { pointedAt } from "../../protocol/schema/subschemas.ts";

/** Keywords under which a schema has schemas by name. */
export const NAMED = [
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
];
/** Keywords under which a schema has one, or a list of them. */
export const NESTED = [
  "items",
  "prefixItems",
  "additionalProperties",
  "additionalItems",
  "unevaluatedProperties",
  "unevaluatedItems",
  "contains",
  "propertyNames",
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  "if",
  "then",
  "else",
];

/** A schema with what a reference in it stands for, and what led there. */
export interface Resolved {
  readonly schema: JsonObject;
  /** The references that were followed. */
  readonly references: readonly string[];
}

/**
 * Follows a schema's reference, and what that refers to, to its end. What stands beside a reference
 * counts more than what it stands for. One that leads nowhere, or in a circle, stands for nothing.
 *
 * @param root What `#` is.
 */
export function resolved(schema: unknown, root: unknown): Resolved {
  const references: string[] = [];
  let at = asObject(schema);
  for (;;) {
    const { $ref: reference, ...beside } = at;
    if (typeof reference !== "string") return { schema: at, references };
    const target = references.includes(reference) ? undefined : pointedAt(reference, root);
    references.push(reference);
    at = { ...asObject(target), ...beside };
  }
}

/** Keywords whose schemas are put together. */
const PARTS = new Set(["allOf", "anyOf", "oneOf", "if", "then", "else", "required"]);

/** Deeper than this no combinator within a combinator is looked at. */
const DEEPEST = 8;

/** Members of an object, as far as a schema tells of them. */
interface Members {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
}

/**
 * Returns the schema of an object without a combinator at its top: the properties of all that it
 * combines, and of what those require, as much as always is required. It allows all that the schema
 * allows, and more.
 */
export function flat(schema: JsonObject, root: unknown): JsonObject {
  const { properties, required } = membersOf(schema, root, new Map(), 0);
  const rest = Object.entries(schema).filter(([keyword]) => !PARTS.has(keyword));
  return {
    ...Object.fromEntries(rest),
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
  };
}

const NO_MEMBERS: Members = { properties: {}, required: [] };

/** @param known Of what is referred to, which is looked at once. */
function membersOf(
  given: unknown,
  root: unknown,
  known: Map<string, Members>,
  depth: number,
): Members {
  const { schema, references } = resolved(given, root);
  const [reference] = references;
  const before = reference === undefined ? undefined : known.get(reference);
  if (before !== undefined) return before;
  // While it is looked at: what refers to itself adds nothing.
  if (reference !== undefined) known.set(reference, NO_MEMBERS);
  const own: Members = {
    properties: asObject(schema["properties"]),
    required: texts(schema["required"]),
  };
  if (depth > DEEPEST) return own;
  const inner = (keyword: string) =>
    listOf(schema[keyword]).map((part) => membersOf(part, root, known, depth + 1));
  const all = inner("allOf");
  const choices = [inner("anyOf"), inner("oneOf")];
  // One of `then` and `else` may not be taken, so what they require is not required.
  const parts = [own, ...all, ...choices.flat(), ...inner("then"), ...inner("else")];
  const members: Members = {
    properties: together(parts.map(({ properties }) => properties)),
    required: texts([
      ...own.required,
      ...all.flatMap(({ required }) => required),
      ...choices.flatMap(inAll),
    ]),
  };
  if (reference !== undefined) known.set(reference, members);
  return members;
}

function inAll([first, ...others]: readonly Members[]): readonly string[] {
  return first?.required.filter((name) =>
    others.every(({ required }) => required.includes(name))
  ) ??
    [];
}

/** Returns the properties of several schemas; one that more than one has allows what any of those allows. */
function together(
  all: readonly Readonly<Record<string, unknown>>[],
): Record<string, unknown> {
  // By a Map: a property may be called `__proto__`.
  const schemas = new Map<string, unknown[]>();
  for (const [name, schema] of all.flatMap((properties) => Object.entries(properties))) {
    const known = schemas.get(name);
    if (known === undefined) schemas.set(name, [schema]);
    else known.push(schema);
  }
  return Object.fromEntries(Array.from(schemas, ([name, list]) => [name, either(list)]));
}

/** Returns a schema that allows what any of several allows. */
function either(schemas: readonly unknown[]): unknown {
  if (schemas.length === 1) return schemas[0];
  const ways = schemas.flatMap((schema) =>
    isObject(schema) && Object.keys(schema).length === 1 && Array.isArray(schema["anyOf"])
      ? schema["anyOf"]
      : [schema]
  ).filter((way) => !isEmpty(way));
  const [first = {}, ...others] = new Map(ways.map((way) => [JSON.stringify(way), way])).values();
  return others.length === 0 ? first : { anyOf: [first, ...others] };
}

function isEmpty(schema: unknown): boolean {
  return !isObject(schema) || Object.keys(schema).length === 0;
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value];
}

/** The texts of a list, each once. */
export function texts(value: unknown): string[] {
  return [...new Set(listOf(value).filter((item) => typeof item === "string"))];
}
