/**
 * The JSON Schema of what people declare with zod: as MCP clients get it, and as agents of other
 * languages compare it.
 *
 * @module
 */
import * as z from "zod";
import { errorText, MeshError } from "../base/errors.ts";
import { isJson, mapEntries } from "../protocol/schema/definitions.ts";
import { type PublishedSchema, publishedSchema } from "../protocol/schema/hash.ts";
import { portableSchema } from "../protocol/schema/portable.ts";
import { mapSubschemas, resolved } from "../protocol/schema/subschemas.ts";

/** JSON Schema as it goes over the wire. */
export type JsonSchema = Record<string, unknown>;

/**
 * The JSON Schema of a zod schema.
 *
 * @param what It is of, for the message.
 * @throws {MeshError} `bad_definition` when it has none.
 */
export function jsonSchema(schema: z.ZodType, io: "input" | "output", what: string): JsonSchema {
  try {
    // A value that is absent is null on the wire.
    const whole = io === "output" && schema._zod.optout === "optional"
      ? z.nullable(schema)
      : schema;
    const options = { io, unrepresentable: "any", override: writable } as const;
    const { $schema: dialect, ...plain } = z.toJSONSchema(whole, options);
    const rest = io === "output" ? meetable(plain) : plain;
    // It is the default of MCP and left out, unless the schema itself names it.
    return z.globalRegistry.get(schema)?.["$schema"] === undefined
      ? rest
      : { $schema: dialect, ...rest };
  } catch (cause) {
    throw new MeshError(
      "bad_definition",
      `the ${what} has no JSON Schema form: ${errorText(cause)}`,
      { cause },
    );
  }
}

/**
 * Takes out of a schema what JSON Schema has no words for, and zod writes all the same: the flags of a
 * pattern, without which it is another one, and fractions, of which computers hold no exact multiples.
 */
function writable({ zodSchema, jsonSchema }: Written): void {
  const def: { readonly checks?: readonly z.core.$ZodCheck[] } = zodSchema._zod.def;
  const defs = [def, ...(def.checks ?? []).map(({ _zod: { def } }) => def)];
  const hasFlags = (def: object) =>
    "pattern" in def && def.pattern instanceof RegExp && /[ims]/.test(def.pattern.flags);
  if (defs.some(hasFlags)) {
    delete jsonSchema["pattern"];
    // Where there is more than one pattern.
    delete jsonSchema["allOf"];
  }
  if (!Number.isInteger(jsonSchema["multipleOf"])) delete jsonSchema["multipleOf"];
}

/** A schema of zod, and as it is written. */
interface Written {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: JsonSchema;
}

/**
 * Returns a schema whose parts may be met at once: zod says of the values of each object that they have
 * no further members, also where another part of an intersection has them.
 */
function meetable(root: JsonSchema): JsonSchema {
  const opened = (given: JsonSchema, within: ReadonlySet<unknown>): JsonSchema => {
    if (within.has(given["$ref"])) return given;
    const { additionalProperties, ...schema } = resolved(given, root);
    const inner = typeof given["$ref"] === "string" ? new Set(within).add(given["$ref"]) : within;
    return {
      ...combined(schema, (part) => opened(part, inner)),
      ...(isJson(additionalProperties) && { additionalProperties }),
    };
  };
  const walk = (schema: JsonSchema): JsonSchema =>
    mapSubschemas(
      "allOf" in schema ? combined(schema, (part) => opened(part, new Set())) : schema,
      walk,
    );
  return walk(root);
}

/** A schema with each part that it combines replaced. */
function combined(schema: JsonSchema, replace: (part: JsonSchema) => JsonSchema): JsonSchema {
  return mapEntries(schema, (value, keyword) => {
    const isCombination = Array.isArray(value) && /^(all|any|one)Of$/.test(keyword);
    return isCombination ? value.map((part) => isJson(part) ? replace(part) : part) : value;
  });
}

/** A schema in the form, and with the hash, by which agents of all languages compare it. */
export function published(schema: JsonSchema): PublishedSchema {
  return publishedSchema(portableSchema(schema));
}
