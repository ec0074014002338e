/**
 * Arguments that fit a tool's input schema, to show a call that works.
 *
 * @module
 */
import * as z from "zod";
import type { JsonObject } from "../../runtime/base/json.ts";

/** The part of JSON Schema that decides a sample. */
const SchemaShape = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  examples: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  minItems: z.number().optional(),
  items: z.unknown().optional(),
});
type Schema = z.output<typeof SchemaShape>;

/** Values a reader understands, for texts of well-known formats. */
const FORMATS: Record<string, string> = {
  date: "2026-06-01",
  "date-time": "2026-06-01T12:00:00Z",
  time: "12:00:00Z",
  email: "someone@example.com",
  uri: "https://example.com",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** Likely values of texts that only their name explains. */
const BY_NAME: [RegExp, string][] = [
  [/date|day$/i, "2026-06-01"],
  [/origin/i, "SFO"],
  [/destination/i, "NRT"],
  [/city|location|place/i, "Tokyo"],
  [/user_?id/i, "demo-user"],
  [/name/i, "Ada"],
  [/url/i, "https://example.com"],
];

/**
 * Sample arguments: every required property, the schema's own examples and defaults first.
 *
 * @param inputSchema JSON Schema of a tool's input, as `tools/list` gives it.
 */
export function sampleArguments(inputSchema: unknown): JsonObject {
  const schema = SchemaShape.safeParse(inputSchema).data ?? {};
  const example = z.record(z.string(), z.unknown()).safeParse(schema.examples?.[0]);
  if (example.success) return example.data;
  const names = schema.required ?? [];
  return Object.fromEntries(
    names.map((name) => [name, sampleValue(schema.properties?.[name], name)]),
  );
}

function sampleValue(input: unknown, name: string): unknown {
  const schema = SchemaShape.safeParse(input).data ?? {};
  if (schema.const !== undefined) return schema.const;
  const given = schema.examples?.[0] ?? schema.default ?? schema.enum?.[0];
  if (given !== undefined) return given;
  const alternative = (schema.anyOf ?? schema.oneOf)?.[0];
  if (alternative !== undefined) return sampleValue(alternative, name);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "number":
    case "integer":
      return sampleNumber(schema, type);
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleValue(schema.items, name));
    case "object":
      return sampleArguments(schema);
    default:
      return sampleText(schema, name);
  }
}

function sampleNumber(schema: Schema, type: string): number {
  const above = schema.exclusiveMinimum === undefined ? undefined : schema.exclusiveMinimum + 1;
  const lowest = schema.minimum ?? above ?? 1;
  const value = Math.min(Math.max(lowest, 1), schema.maximum ?? Infinity);
  return type === "integer" ? Math.ceil(value) : value;
}

function sampleText(schema: Schema, name: string): string {
  const format = schema.format === undefined ? undefined : FORMATS[schema.format];
  const text = format ?? BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? "hello";
  return text.padEnd(schema.minLength ?? 0, ".");
}
