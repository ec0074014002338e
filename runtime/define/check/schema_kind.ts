/**
 * Schemas in a definition: of zod 4, and of values that exist in JSON or in text.
 *
 * @module
 */
import type * as z from "zod";
import { isObject } from "../../base/json.ts";
import { misfits, type Passage } from "./carrier.ts";
import type { Kind } from "./kind.ts";

/** JSON that an agent reads. */
export const READ: Passage = { carrier: "json", isSent: false };
/** JSON that an agent writes: a handler's value, as the schema leaves it. */
export const SENT: Passage = { carrier: "json", isSent: true };
/** Texts by name. */
export const TEXTS: Passage = { carrier: "text", isSent: false };
/** The fields of a query. */
export const QUERY: Passage = { carrier: "query", isSent: false };

/** Makes the kind of schemas of values that pass in a given way. */
export function schema(passage: Passage): Kind<z.ZodType> {
  return (value, place) => {
    if (!isZod(value)) return place.refuse(value, advice(value));
    for (const { path, schema, advice } of misfits(value, passage)) {
      const { text } = place.within(path);
      const carried = passage.carrier === "json" ? "JSON value" : "text";
      place.report(`${text} is ${schema}, which no ${carried} fits; ${advice}`);
    }
  };
}

/**
 * Makes the kind of schemas of objects whose members pass in a given way.
 *
 * @param example A schema of that kind.
 */
export function objectSchema(passage: Passage, example: string): Kind<z.ZodObject> {
  const members = schema(passage);
  return (value, place) => {
    if (isZod(value) && value._zod.def.type !== "object") {
      return place.report(
        `${place.text} is z.${value._zod.def.type}(); write an object: ${example}`,
      );
    }
    members(value, place);
  };
}

/** The schema of a form: zod's of an object, or a JSON Schema, which is sent as it is. */
export const form: Kind<object> = (value, place) => {
  if (isZod(value)) objectSchema(READ, "z.object({ name: z.string() })")(value, place);
  else if (!isObject(value) || zod3Name(value) !== undefined || vendorOf(value) !== undefined) {
    place.refuse(value, advice(value));
  }
};

/** Tells whether a value is a schema of zod 4, from any copy of the package. */
export function isZod(value: unknown): value is z.core.$ZodType {
  return isObject(value) && isObject(value["_zod"]);
}

/** Returns the way to make a schema of zod 4 of a value that is not one. */
function advice(value: unknown): string {
  const name = zod3Name(value);
  if (name !== undefined) {
    return `that is zod 3's ${name}; import { z } from "zod" and have that be "npm:zod@^4" ` +
      '(zod 3.25 has zod 4 too, as "zod/v4")';
  }
  const vendor = vendorOf(value);
  if (vendor !== undefined) {
    return `that is a schema of ${vendor}; write it with zod 4: z.object({ … })`;
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    if (Object.values(value).every((member) => isZod(member))) {
      return "that is an object of schemas; write z.object({ … }) around it";
    }
    if ("$schema" in value || "properties" in value || typeof value["type"] === "string") {
      return "that is a JSON Schema; write it with zod: z.object({ … })";
    }
  }
  return "write a zod schema, such as z.object({ name: z.string() })";
}

function zod3Name(value: unknown): string | undefined {
  const def = isObject(value) ? value["_def"] : undefined;
  const name = isObject(def) ? def["typeName"] : undefined;
  return typeof name === "string" && name.startsWith("Zod") ? name : undefined;
}

/** The library of a schema that says so (Standard Schema). */
function vendorOf(value: unknown): string | undefined {
  // ArkType's schemas are functions.
  const standard = isObject(value) || typeof value === "function"
    ? (value as { readonly "~standard"?: unknown })["~standard"]
    : undefined;
  return isObject(standard) && typeof standard["vendor"] === "string"
    ? standard["vendor"]
    : undefined;
}
