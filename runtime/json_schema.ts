/**
 * The JSON Schema of what people declare with zod: as MCP clients get it, and as agents of other
 * languages compare it.
 *
 * @module
 */
import * as z from "zod";
import { errorText, MeshError } from "./errors.ts";
import { type PublishedSchema, publishedSchema } from "./protocol/schema/hash.ts";
import { portableSchema } from "./protocol/schema/portable.ts";

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
    const { $schema: dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
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

/** A schema in the form, and with the hash, by which agents of all languages compare it. */
export function published(schema: JsonSchema): PublishedSchema {
  return publishedSchema(portableSchema(schema));
}
