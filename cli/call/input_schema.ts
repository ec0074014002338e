/**
 * Reading a tool's input schema (JSON Schema): which arguments there are and what each takes, in
 * words.
 *
 * @module
 */
import * as z from "zod";

const SchemaShape = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  patternProperties: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  pattern: z.string().optional(),
  items: z.unknown().optional(),
});

/** The part of a JSON Schema that is read here. */
export type InputSchema = z.output<typeof SchemaShape>;

/** Deepest chain of references that is followed. */
const MOST_REFERENCES = 16;

/**
 * The schema at a place of `root`, with references followed; `{}`, which takes anything, for what
 * cannot be read.
 *
 * @param root The whole schema, in which references are looked up.
 */
export function schemaAt(root: unknown, schema: unknown): InputSchema {
  let current = SchemaShape.safeParse(schema).data ?? {};
  for (let hops = 0; current.$ref !== undefined && hops < MOST_REFERENCES; hops++) {
    current = SchemaShape.safeParse(referred(root, current.$ref)).data ?? {};
  }
  return current;
}

function referred(root: unknown, reference: string): unknown {
  if (!reference.startsWith("#")) return undefined;
  const steps = reference.slice(1).split("/").filter((step) => step !== "");
  return steps.reduce<unknown>((place, step) => {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    return typeof place === "object" && place !== null && Object.hasOwn(place, key)
      // The line above shows that it has the key.
      ? (place as Record<string, unknown>)[key]
      : undefined;
  }, root);
}

/** The ways a value may be, when a schema allows several. */
export function alternatives(root: unknown, schema: unknown): InputSchema[] {
  const { anyOf, oneOf, type, ...rest } = schemaAt(root, schema);
  const several = anyOf ?? oneOf;
  if (several !== undefined) return several.flatMap((each) => alternatives(root, each));
  if (Array.isArray(type)) return type.map((each) => ({ ...rest, type: each }));
  return [type === undefined ? rest : { ...rest, type }];
}

/** Names of the arguments, required ones first. */
export function argumentNames(root: unknown): string[] {
  const { properties = {}, required = [] } = schemaAt(root, root);
  const names = Object.keys(properties);
  return [...required, ...names.filter((name) => !required.includes(name))];
}

/** Whether a schema says that names it does not list are welcome. */
export function takesAnyName(root: unknown, schema: unknown): boolean {
  const read = schemaAt(root, schema);
  const { properties, additionalProperties, patternProperties, anyOf, oneOf, allOf } = read;
  if (additionalProperties === true) return true;
  if (typeof additionalProperties === "object" && additionalProperties !== null) return true;
  return properties === undefined ||
    [patternProperties, anyOf, oneOf, allOf].some((part) => part !== undefined);
}

/** What a value must be, in words: `integer from 1`, `"a" or "b"`, `array of strings`. */
export function typeText(root: unknown, schema: unknown): string {
  const texts = alternatives(root, schema).map((each) => oneTypeText(root, each));
  return joinWords([...new Set(texts)]);
}

function oneTypeText(root: unknown, schema: InputSchema): string {
  if ("const" in schema && schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return joinWords(schema.enum.map((one) => JSON.stringify(one)));
  switch (schema.type) {
    case "number":
    case "integer":
      return schema.type + rangeText(schema);
    case "string":
      return textText(schema);
    case "array": {
      const items = schema.items === undefined ? "anything" : typeText(root, schema.items);
      return `array of ${items}${countText(schema.minItems, schema.maxItems, "items")}`;
    }
    default:
      return typeof schema.type === "string" ? schema.type : "anything";
  }
}

function rangeText(schema: InputSchema): string {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  // zod writes the bounds of safe integers out; nobody wants to read them.
  const shown = (bound: number | undefined) =>
    bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound;
  const parts = [
    [" from ", shown(minimum)],
    [" above ", shown(exclusiveMinimum)],
    [" to ", shown(maximum)],
    [" below ", shown(exclusiveMaximum)],
  ] as const;
  return parts.map(([word, bound]) => bound === undefined ? "" : word + bound).join("");
}

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  date: "date such as 2026-06-01",
  "date-time": "time such as 2026-06-01T12:00:00Z",
  time: "time of day such as 12:00:00Z",
  uri: "URL",
  uuid: "UUID",
};

function textText({ format, pattern, minLength, maxLength }: InputSchema): string {
  if (format !== undefined) return FORMAT_WORDS[format] ?? `string (${format})`;
  const matching = pattern === undefined ? "" : ` matching ${pattern}`;
  return `string${matching}${countText(minLength, maxLength, "characters")}`;
}

function countText(least: number | undefined, most: number | undefined, noun: string): string {
  if (least === undefined && most === undefined) return "";
  if (most === undefined) return ` of at least ${least} ${noun}`;
  return least === undefined ? ` of at most ${most} ${noun}` : ` of ${least} to ${most} ${noun}`;
}

function joinWords(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
