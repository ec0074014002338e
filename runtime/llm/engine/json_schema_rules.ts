/**
 * Parts of the schemas of tools that endpoints refuse, and how each is mended. One tool that is refused
 * ends every request that has it. A mended schema allows what the tool's own allows, or more: the tool
 * checks its arguments itself. Each is a row, with the smallest schema that is refused: a new one is added
 * here, and is tested and played by the scripted model of `mesh/testing` from then on. Pure.
 *
 * @module
 */
import { asObject, isObject, type JsonObject } from "../../base/json.ts";
import { flat, NAMED, NESTED, resolved, texts } from "./schema_parts.ts";
import type { Traits } from "./vendors.ts";

/** One thing that is refused. */
export interface SchemaRule {
  readonly name: string;
  /** It, in the words of a sentence that begins with "refuses". */
  readonly what: string;
  readonly vendor: string;
  readonly source: string;
  /** A sentence that is said of it, and the words by which it is known of other endpoints. */
  readonly said: string;
  readonly words?: RegExp;
  /** A schema that is refused. */
  readonly refused: unknown;
  /** Whether it is looked for at the top of a schema, or in every schema within it. */
  readonly at: "top" | "everywhere";
  /** Which endpoints refuse it. */
  when(traits: Traits): boolean;
  /** Whether a schema has it. */
  isIn(schema: JsonObject): boolean;
  /** The schema without it. */
  mend(schema: JsonObject, root: JsonObject): JsonObject;
}

/** Python's and protobuf's names of types, which tools written in other languages declare. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  dict: "object",
  map: "object",
  list: "array",
  tuple: "array",
  set: "array",
  str: "string",
  text: "string",
  int: "integer",
  int32: "integer",
  int64: "integer",
  long: "integer",
  float: "number",
  double: "number",
  decimal: "number",
  bool: "boolean",
  none: "null",
  nonetype: "null",
};
const TYPES = new Set(["object", "array", "string", "number", "integer", "boolean", "null"]);

/** Values of these keywords may be null. */
const MAY_BE_NULL = new Set(["const", "default", "example", "enum", "examples"]);

/** Keywords that a top must not have (OpenAI says which; Anthropic says so of combinators). */
const NOT_AT_TOP = ["allOf", "anyOf", "oneOf", "enum", "const", "not", "if", "then", "else"];

/** Keywords by which an object has the properties of other schemas. */
const COMBINED = ["$ref", "allOf", "anyOf", "oneOf", "if"];

/** Bounds of numbers, each with the keyword that leaves the bound itself out. */
const BOUNDS = [["minimum", "exclusiveMinimum"], ["maximum", "exclusiveMaximum"]] as const;

/** The rules, in the order in which they are applied. */
export const SCHEMA_RULES = [
  {
    name: "null-keywords",
    what: "keywords whose value is null",
    vendor: "openai",
    source: "MervinPraison/PraisonAI#3111",
    said: "Invalid schema for function 't': None is not of type 'integer'.",
    refused: { type: "object", properties: { a: { type: "string", maxLength: null } } },
    at: "everywhere",
    when: always,
    isIn: (schema) => Object.entries(schema).some(isNullKeyword),
    mend: (schema) => Object.fromEntries(Object.entries(schema).filter((e) => !isNullKeyword(e))),
  },
  {
    name: "type-names",
    what: "types by the names that other languages have for them, such as dict",
    vendor: "openai",
    source: "OpenAI, Function calling: parameters are JSON Schema",
    said: "Invalid schema for function 't': 'dict' is not valid under any of the given schemas.",
    refused: { type: "object", properties: { a: { type: "dict" }, b: { type: "any" } } },
    at: "everywhere",
    when: always,
    isIn: ({ type }) => type !== undefined && JSON.stringify(type) !== JSON.stringify(typeOf(type)),
    mend: ({ type, ...rest }) => {
      const known = typeOf(type);
      return known === undefined ? rest : { type: known, ...rest };
    },
  },
  {
    name: "required-truth",
    what: "required that is no list of names",
    vendor: "openai",
    source: "OpenAI, Function calling; JSON Schema draft 3",
    said: "Invalid schema for function 't': True is not of type 'array'.",
    refused: { type: "object", properties: { a: { type: "string", required: true } } },
    at: "everywhere",
    when: always,
    isIn: ({ required }) =>
      required !== undefined && !(Array.isArray(required) && required.every(isText)),
    mend: ({ required, ...rest }) => {
      const names = Array.isArray(required) ? texts(required) : [];
      return names.length === 0 ? rest : { ...rest, required: names };
    },
  },
  {
    name: "required-of-nothing",
    what: "required where there are no properties",
    vendor: "groq",
    source: "livekit/agents#5082",
    said: "invalid JSON schema for tool t, tools[0].function.parameters: `required` present but " +
      "`properties` is missing",
    refused: { type: "object", properties: { a: { type: "object", required: ["b"] } } },
    at: "everywhere",
    when: always,
    isIn: (schema) =>
      schema["required"] !== undefined && schema["type"] === "object" &&
      (!isObject(schema["properties"]) || Object.keys(schema["properties"]).length === 0) &&
      !COMBINED.some((keyword) => keyword in schema),
    mend: ({ required: _, ...rest }) => rest,
  },
  {
    name: "exclusive-truth",
    what: "exclusiveMinimum and exclusiveMaximum that are no numbers",
    vendor: "anthropic",
    source: "Dokploy/mcp#74; JSON Schema draft 4",
    said: "tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft " +
      "2020-12",
    refused: {
      type: "object",
      properties: { a: { type: "integer", minimum: 0, exclusiveMinimum: true } },
    },
    at: "everywhere",
    when: always,
    isIn: (schema) => BOUNDS.some(([, exclusive]) => typeof schema[exclusive] === "boolean"),
    mend: (schema) => BOUNDS.reduce(withExclusive, schema),
  },
  {
    name: "tuple-items",
    what: "items that is a list",
    vendor: "openai",
    source: "OpenAI, Function calling; JSON Schema before 2020-12",
    said:
      "Invalid schema for function 't': [{'type': 'string'}] is not of type 'object', 'boolean'.",
    refused: { type: "object", properties: { a: { type: "array", items: [{ type: "string" }] } } },
    at: "everywhere",
    when: always,
    isIn: ({ items }) => Array.isArray(items),
    mend: ({ items, additionalItems: _, ...rest }) => ({ ...rest, items: anyOf(items) }),
  },
  {
    name: "array-without-items",
    what: "arrays that do not say what they are of",
    vendor: "openai",
    source: "Together and GitHub Copilot check it as well",
    said:
      "Invalid schema for function 't': In context=('properties', 'a'), array schema missing items.",
    refused: { type: "object", properties: { a: { type: "array" } } },
    at: "everywhere",
    when: always,
    isIn: ({ type, items }) => isOfType(type, "array") && items === undefined,
    mend: ({ prefixItems, ...rest }) =>
      prefixItems === undefined ? { ...rest, items: {} } : { ...rest, items: anyOf(prefixItems) },
  },
  {
    name: "patterns",
    what: "pattern and not",
    vendor: "llama.cpp",
    source: "llama.cpp, json-schema-to-grammar; what constrains answers knows few expressions",
    said: "failed to parse grammar: Pattern must start with '^' and end with '$'",
    words: /pars\w+ grammar|pattern must start with|json.?schema.*(grammar|unrecogni[sz]ed)/i,
    refused: { type: "object", properties: { a: { type: "string", pattern: "a(?=b)" } } },
    at: "everywhere",
    when: ({ toolPatterns }) => !toolPatterns,
    isIn: ({ pattern, not }) => pattern !== undefined || not !== undefined,
    mend: ({ pattern: _, not: __, ...rest }) => rest,
  },
  {
    name: "reference-at-top",
    what: "a reference in the place of the whole",
    vendor: "openai",
    source: "OpenAI, Function calling",
    said: "Invalid schema for function 't': schema must be a JSON Schema of 'type: \"object\"'.",
    refused: { $ref: "#/$defs/A", $defs: { A: { type: "object", properties: { a: {} } } } },
    at: "top",
    when: always,
    isIn: ({ $ref: reference }) => reference !== undefined,
    mend: (schema, root) => resolved(schema, root).schema,
  },
  {
    name: "combinator-at-top",
    what: "anyOf, oneOf, allOf, enum, const and not at the top",
    vendor: "openai",
    source: "makenotion/notion-mcp-server#340, browser-use/browser-use#4211, evoila/meho#905",
    said: "Invalid schema for function 't': schema must have type 'object' and not have 'oneOf'/" +
      "'anyOf'/'allOf'/'enum'/'const'/'not' at the top level.",
    refused: { anyOf: [{ properties: { a: {} } }, { properties: { b: {} } }], not: {} },
    at: "top",
    when: always,
    isIn: (schema) => NOT_AT_TOP.some((keyword) => keyword in schema),
    mend: (schema, root) =>
      Object.fromEntries(
        Object.entries(flat(schema, root)).filter(([keyword]) => !NOT_AT_TOP.includes(keyword)),
      ),
  },
  {
    name: "no-object-at-top",
    what: "a top that is no object with properties",
    vendor: "openai",
    source: "langchain-ai/langchain-mcp-adapters#137, vercel/ai#5670, bnb-chain/bnbchain-mcp#68",
    said: "Invalid schema for function 't': In context=(), object schema missing properties.",
    refused: { type: "object" },
    at: "top",
    when: always,
    isIn: ({ type, properties }) => type !== "object" || !isObject(properties),
    mend: ({ properties, ...rest }) => ({
      ...rest,
      type: "object",
      properties: asObject(properties),
    }),
  },
] as const satisfies readonly SchemaRule[];

/** Keywords that say something of the text a schema is written in, and nothing of values. */
const OF_THE_TEXT = new Set(["$schema", "$id", "$comment", "$vocabulary"]);

function always(): boolean {
  return true;
}

/** Returns the schema of a tool as an endpoint takes it. */
export function jsonSchema(given: unknown, rules: readonly SchemaRule[]): JsonObject {
  const everywhere = rules.filter(({ at }) => at === "everywhere");
  const root = mended(asObject(given), everywhere, 0);
  const top = rules.filter(({ at }) => at === "top").reduce(
    (schema, { isIn, mend }) => isIn(schema) ? mend(schema, root) : schema,
    root,
  );
  return Object.fromEntries(Object.entries(top).filter(([keyword]) => !OF_THE_TEXT.has(keyword)));
}

/** Deeper than this a schema is left as it is. */
const DEEPEST = 100;

function mended(schema: JsonObject, rules: readonly SchemaRule[], depth: number): JsonObject {
  if (depth > DEEPEST) return schema;
  const own = rules.reduce(
    (schema, { isIn, mend }) => isIn(schema) ? mend(schema, schema) : schema,
    schema,
  );
  const inner = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inner);
    return isObject(value) ? mended(value, rules, depth + 1) : value;
  };
  return Object.fromEntries(
    Object.entries(own).map(([keyword, value]) => {
      if (NESTED.includes(keyword)) return [keyword, inner(value)];
      if (!NAMED.includes(keyword) || !isObject(value)) return [keyword, value];
      const members = Object.entries(value).filter(([, member]) => member !== null);
      return [keyword, Object.fromEntries(members.map(([name, member]) => [name, inner(member)]))];
    }),
  );
}

function isNullKeyword([keyword, value]: [string, unknown]): boolean {
  return value === null && !MAY_BE_NULL.has(keyword);
}

/** A bound as JSON Schema has written it since draft 6. */
function withExclusive(
  schema: JsonObject,
  [inclusive, exclusive]: readonly [string, string],
): JsonObject {
  const { [inclusive]: bound, [exclusive]: isExclusive, ...rest } = schema;
  if (typeof isExclusive !== "boolean") return schema;
  if (typeof bound !== "number") return rest;
  return { ...rest, [isExclusive ? exclusive : inclusive]: bound };
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function typeOf(type: unknown): unknown {
  if (Array.isArray(type)) {
    const known = texts(type.map(typeOf));
    return known.length > 1 ? known : known[0];
  }
  if (typeof type !== "string") return undefined;
  const name = type.toLowerCase();
  const known = TYPE_NAMES[name] ?? name;
  return TYPES.has(known) ? known : undefined;
}

function isOfType(type: unknown, wanted: string): boolean {
  return type === wanted || (Array.isArray(type) && type.includes(wanted));
}

function anyOf(schemas: unknown): unknown {
  const [first, ...others] = Array.isArray(schemas) ? schemas : [];
  return others.length === 0 ? first ?? {} : { anyOf: [first, ...others] };
}
