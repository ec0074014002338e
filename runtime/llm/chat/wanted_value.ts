/**
 * A value that a language model is asked for: what it is told of the schema, and reading its answer.
 *
 * @module
 */
import * as z from "zod";
import { wrappedSchema } from "../../protocol/schema/listed.ts";
import { jsonIn } from "../wire/json_text.ts";

/** A value that is asked for. */
export interface WantedValue {
  /** JSON Schema of the answer. Vendors want an object, so anything else is its `result`. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** What it is called. */
  readonly name: string;
  /** Reads an answer. */
  read(content: unknown): { readonly value: unknown } | { readonly issues: readonly string[] };
}

const made = new WeakMap<z.ZodType, WantedValue>();

/**
 * What a zod schema asks for; made once.
 *
 * @throws {Error} When it has no JSON Schema form.
 */
export function wantedValue(schema: z.ZodType): WantedValue {
  let wanted = made.get(schema);
  if (wanted === undefined) made.set(schema, wanted = make(schema));
  return wanted;
}

function make(schema: z.ZodType): WantedValue {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: "input" });
  const isObject = plain.type === "object";
  const title = plain.title?.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  return {
    schema: isObject ? plain : { ...wrappedSchema(plain), additionalProperties: false },
    name: title || "Answer",
    read(content) {
      const read = (value: unknown) => schema.safeParse(isObject ? value : unwrapped(value));
      const json = typeof content === "string"
        ? jsonIn(content, (value) => read(value).success)
        : { value: content };
      if (json === undefined) return { issues: ["the answer is not JSON"] };
      const parsed = read(json.value);
      if (parsed.success) return { value: parsed.data };
      return {
        issues: parsed.error.issues.map(({ path, message }) =>
          path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`
        ),
      };
    },
  };
}

function unwrapped(value: unknown): unknown {
  return typeof value === "object" && value !== null && "result" in value ? value.result : value;
}
