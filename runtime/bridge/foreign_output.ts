/**
 * The output schemas of a server's tools. Clients read them before they call anything, and refuse every
 * tool of a list for one schema that they cannot read.
 *
 * @module
 */
import { Ajv, AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import { errorText, MeshError } from "../base/errors.ts";
import { isJson, type Json } from "../protocol/schema/definitions.ts";
import { isOfObjects, listedOutput } from "../protocol/schema/listed.ts";
import { pointedAt } from "../protocol/schema/subschemas.ts";

/** Reads the output schemas of one list. */
export class ForeignOutputs {
  /** Reads as clients do, but that it has no word to say about formats. */
  readonly #reader = new AjvJsonSchemaValidator(
    new Ajv({ strict: false, validateSchema: false, validateFormats: false }),
  );
  readonly #onlyObjects: boolean;

  /** @param onlyObjects Whether the server can answer nothing but objects, as one of 2025. */
  constructor(onlyObjects: boolean) {
    this.#onlyObjects = onlyObjects;
  }

  /**
   * Returns a schema in the form that the tool's results keep to.
   *
   * @throws {MeshError} `protocol` with why clients could make no use of it.
   */
  read(schema: Json): Json {
    if (this.#onlyObjects && !mayBeObject(schema, schema)) {
      throw new MeshError("protocol", "it allows no object, which all results are");
    }
    const output = this.#onlyObjects && !isOfObjects(schema, schema)
      ? { ...schema, type: "object" }
      : schema;
    const { schema: listed } = listedOutput(output);
    try {
      if (listed !== undefined) this.#reader.getValidator(listed);
    } catch (error) {
      throw new MeshError("protocol", `it cannot be read: ${errorText(error)}`);
    }
    return output;
  }
}

/** Whether some object is allowed, as far as that can be seen. */
function mayBeObject(
  schema: unknown,
  root: Json,
  within: ReadonlySet<unknown> = new Set(),
): boolean {
  if (!isJson(schema) || within.has(schema)) return schema !== false;
  const inner = new Set(within).add(schema);
  const each = (part: unknown) => mayBeObject(part, root, inner);
  const { $ref, type, allOf, anyOf, oneOf } = schema;
  if (type !== undefined) return [type].flat().includes("object");
  if (typeof $ref === "string" && !each(pointedAt($ref, root))) return false;
  if (Array.isArray(allOf) && !allOf.every(each)) return false;
  return [anyOf, oneOf].every((ways) => !Array.isArray(ways) || ways.some(each));
}
