/**
 * Schemas in a definition: zod 4, and of something that can arrive.
 *
 * @module
 */
import type * as z from "zod";
import { misfits, type Passage } from "./carrier.ts";
import { isRecord, type Kind } from "./kind.ts";

/** JSON that an agent reads. */
export const READ: Passage = { carrier: "json", isSent: false };
/** JSON that an agent writes: what its schema leaves of a handler's value. */
export const SENT: Passage = { carrier: "json", isSent: true };
/** Texts by name. */
export const TEXTS: Passage = { carrier: "text", isSent: false };
/** The fields of a query. */
export const QUERY: Passage = { carrier: "query", isSent: false };

/** A schema of values that go this way. */
export function schema(passage: Passage): Kind<z.ZodType> {
  return (value, place) => {
    if (!isZod(value)) return place.refuse(value, advice(value));
    for (const { path, schema, advice } of misfits(value, passage)) {
      const { text } = place.within(path);
      place.report(`${text} is ${schema}, which takes nothing that can arrive; ${advice}`);
    }
  };
}

/**
 * A schema of an object whose members go this way.
 *
 * @param example How one is written.
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

/** A form: a schema of an object, or a JSON Schema that is sent as it is. */
export const form: Kind<object> = (value, place) => {
  if (isZod(value)) objectSchema(READ, "z.object({ name: z.string() })")(value, place);
  else if (!isRecord(value) || zod3Name(value) !== undefined || vendorOf(value) !== undefined) {
    place.refuse(value, advice(value));
  }
};

/** Whether a value is a schema of zod 4. Not by class: it may come from another copy of it. */
export function isZod(value: unknown): value is z.core.$ZodType {
  return isObject(value) && isObject(value["_zod"]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** What to do about something that is not a schema of zod 4. */
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
  if (isRecord(value) && Object.keys(value).length > 0) {
    if (Object.values(value).every((member) => isZod(member))) {
      return "that is the inside of a schema; write z.object({ … }) around it";
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
