/**
 * The canonical form of a JSON Schema: two schemas that mean the same, written by different
 * libraries of different languages, become the same text. The rules are the reference's, applied
 * to the letter, because agents of other languages compare their hashes with ours.
 *
 * These rules treat every object as a schema, the map under `properties` included. So a property
 * *named* `title` or `default` disappears from `properties` while it stays in `required`: the reference
 * does so, and equal hashes matter more than the loss. The exact form is for comparisons: it follows the
 * same rules, and keeps maps of names and plain values as they are.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { camelCase } from "./camel_case.ts";
import {
  type Inlined,
  inlined,
  isJson,
  isWithin,
  type Json,
  mapEntries,
  type SchemaLimits,
  SchemaTooLarge,
} from "./definitions.ts";
import { byBytes, printJson, WrittenFloat } from "./json_text.ts";
import { portableSchema } from "./portable.ts";

/** A canonical schema and what was lost on the way. */
export interface Canonical {
  readonly schema: Json;
  /** What the canonical form does not say, in plain words; empty when nothing is lost. */
  readonly warnings: readonly string[];
}

/** Keys that describe and do not constrain. */
const DROPPED = new Set([
  "title",
  "description",
  "examples",
  "default",
  "$schema",
  "$id",
  "$defs",
  "definitions",
  "markdownDescription",
  "discriminator",
]);

/** Values under these keys are no schemas. */
const LEAVES = new Set(["enum", "required", "type"]);
/** Values under these keys are no schemas in the exact form. */
const VALUES = new Set([...LEAVES, "const", "dependentRequired"]);
/** Values under these keys are maps from names to schemas. */
const NAMED = new Set(["properties", "patternProperties", "dependentSchemas"]);

/** Stands for every reference while a recursive definition is named after its own text. */
const PLACEHOLDER = "__CYCLIC__";

/** Limits of a schema from outside. */
const LIMITS: SchemaLimits = { nodes: 20_000, depth: 200, definitions: 500 };

/** Applies a function to the members of a node that hold schemas. */
type Members = (node: Json, normalise: (value: unknown) => unknown) => Json;

const asReference: Members = (node, normalise) =>
  mapEntries(node, (member, key) => LEAVES.has(key) ? member : normalise(member));

const exactly: Members = (node, normalise) =>
  mapEntries(node, (member, key) => {
    if (VALUES.has(key)) return member;
    return NAMED.has(key) && isJson(member) ? mapEntries(member, normalise) : normalise(member);
  });

/** Returns the canonical form of a schema. */
export function canonicalSchema(schema: Json): Canonical {
  return formOf(inlined(schema), asReference);
}

/** The two forms of a schema. */
export interface SchemaForms {
  readonly canonical: Json;
  /** The canonical form with every property, whatever its name. */
  readonly exact: Json;
}

/**
 * Returns both forms of a schema from outside, or `undefined` for one that is too large: nested beyond
 * 200 levels, with more than 20,000 values or 500 definitions once references are written out.
 */
export function schemaForms(schema: Json): SchemaForms | undefined {
  if (!isWithin(schema, LIMITS)) return undefined;
  try {
    const whole = inlined(portableSchema(schema), LIMITS);
    return { canonical: formOf(whole, asReference).schema, exact: formOf(whole, exactly).schema };
  } catch (error) {
    if (error instanceof SchemaTooLarge) return undefined;
    throw error;
  }
}

/**
 * Returns a canonical form without requirements for lost properties. The reference's registry compares
 * canonical forms only and would miss such a property in every provider.
 */
export function askable(canonical: Json): Json {
  const { properties, required } = canonical;
  const node = mapEntries(
    canonical,
    (member, key) => LEAVES.has(key) ? member : askableWithin(member),
  );
  if (!isJson(properties) || !Array.isArray(required)) return node;
  return { ...node, required: required.filter((name) => Object.hasOwn(properties, name)) };
}

function askableWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(askableWithin);
  return isJson(value) ? askable(value) : value;
}

function formOf(
  { schema: root, recursive, warnings: lost }: Inlined,
  members: Members,
): Canonical {
  const warnings = [...lost];
  const warn = (warning: string) => {
    if (!warnings.includes(warning)) warnings.push(warning);
  };
  const normalise = (value: unknown) => normalised(value, members, warn);
  const bodies = [...recursive].map(([name, body]) => ({ name, body: normalise(body) }));
  const names = new Map(bodies.map(({ name, body }) => [`#/$defs/${name}`, recursiveName(body)]));
  const renamed = (reference: string) => {
    const name = names.get(reference);
    return name === undefined ? reference : `#/$defs/${name}`;
  };
  const form = withReferences(normalise(root), renamed);
  const canonical = isJson(form) ? form : {};
  if (bodies.length === 0) return { schema: canonical, warnings };
  const $defs = Object.fromEntries(
    bodies.map(({ body }) => [recursiveName(body), withReferences(body, renamed)]),
  );
  return { schema: { ...canonical, $defs }, warnings };
}

function recursiveName(body: unknown): string {
  const text = printJson(withReferences(body, () => PLACEHOLDER));
  return `Recursive_${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

function withReferences(value: unknown, replace: (reference: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withReferences(item, replace));
  if (!isJson(value)) return value;
  return mapEntries(
    value,
    (member, key) =>
      key === "$ref" && typeof member === "string"
        ? replace(member)
        : withReferences(member, replace),
  );
}

function normalised(
  value: unknown,
  members: Members,
  warn: (warning: string) => void,
): unknown {
  const normalise = (inner: unknown) => normalised(inner, members, warn);
  if (Array.isArray(value)) return value.map(normalise);
  if (!isJson(value)) return value;
  let node = withoutNullBranch(withoutNullable(value));
  if (Array.isArray(node.type)) node = { ...node, type: sortedTypes(node.type) };
  node = Object.fromEntries(Object.entries(node).filter(([key]) => !DROPPED.has(key)));
  if (Object.hasOwn(node, "oneOf")) {
    const { oneOf, anyOf, ...rest } = node;
    node = {
      ...rest,
      anyOf: Array.isArray(anyOf) && Array.isArray(oneOf) ? [...anyOf, ...oneOf] : oneOf,
    };
  }
  if (Object.hasOwn(node, "additionalProperties")) {
    const { additionalProperties, ...rest } = node;
    if (additionalProperties === true) warn("additionalProperties: true is left out");
    node = rest;
  }
  node = withCamelCase(withEnumType(node));
  return members(node, normalise);
}

function withoutNullable(node: Json): Json {
  if (node.nullable !== true) return node;
  const { nullable: _, ...rest } = node;
  return nullAllowed(rest);
}

/** `anyOf` of null and one other branch: that branch, with null among its types. */
function withoutNullBranch(node: Json): Json {
  for (const key of ["anyOf", "oneOf"]) {
    const branches = node[key];
    if (!Array.isArray(branches) || branches.length !== 2) continue;
    const others = branches.filter((branch) => !(isJson(branch) && branch.type === "null"));
    const [branch] = others;
    if (others.length !== 1 || !isJson(branch)) continue;
    const { [key]: _, ...rest } = node;
    return { ...withoutNullBranch(withoutNullable(nullAllowed(branch))), ...rest };
  }
  return node;
}

/** A node without a type accepts null already. */
function nullAllowed(node: Json): Json {
  const { type } = node;
  if (typeof type === "string") return type === "null" ? node : { ...node, type: [type, "null"] };
  if (!Array.isArray(type) || type.includes("null")) return node;
  return { ...node, type: [...type, "null"] };
}

function sortedTypes(types: readonly unknown[]): unknown[] {
  const named = types.filter((type) => type !== "null");
  named.sort((a, b) => byBytes(String(a), String(b)));
  return types.includes("null") ? [...named, "null"] : named;
}

function withEnumType(node: Json): Json {
  const values = node.enum;
  if (!Array.isArray(values)) return node;
  const types = new Set(values.map(primitiveType));
  const [type] = types;
  const typed = types.size === 1 && type !== undefined && node.type === undefined
    ? { ...node, type }
    : node;
  if (!values.every((value) => typeof value === "string")) return typed;
  return { ...typed, enum: [...values].sort(byBytes) };
}

function primitiveType(value: unknown): string | undefined {
  if (value === null) return "null";
  if (value instanceof WrittenFloat) return "number";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "string" || typeof value === "boolean" ? typeof value : undefined;
}

function withCamelCase(node: Json): Json {
  const { properties, required } = node;
  const result = { ...node };
  if (isJson(properties)) {
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [camelCase(name), schema]),
    );
  }
  if (Array.isArray(required)) {
    const names = required.filter((name) => typeof name === "string").map(camelCase);
    if (names.length === required.length) result.required = names.sort(byBytes);
  }
  return result;
}
