/**
 * The schemas and annotations of a tool as MCP lists them. Clients of 2025 take schemas of objects only, and refuse a
 * whole list for one tool that has another (MCP 2025-11-25 tools §tool). Arguments are always an object.
 * A result need not be one: an output schema that allows anything else is listed within an object that
 * has it as `result`, and the tool's values then always travel in that form, those that are objects
 * too.
 *
 * @module
 */
import { isJson, type Json, mapEntries } from "./definitions.ts";
import { mapSubschemas, pointedAt, resolved } from "./subschemas.ts";
import { inBothDrafts, tidied } from "./tidied.ts";
import { isObject } from "../../base/json.ts";

/** A schema of an object. */
export type ObjectSchema = Json & { readonly type: "object" };

/** The output of a tool as listed. */
export interface ListedOutput {
  /** Absent when there is nothing that the schema demands. */
  readonly schema: ObjectSchema | undefined;
  /** Whether every value travels as `{ result: value }`. */
  readonly wraps: boolean;
}

/** Returns the listed form of an input schema. */
export function listedInput(schema: Json): ObjectSchema {
  return objectSchema(tidied(schema));
}

/** Returns the listed form of an output schema. */
export function listedOutput(schema: Json): ListedOutput {
  const tidy = inBothDrafts(tidied(schema));
  if (demandsNothing(tidy)) return { schema: undefined, wraps: false };
  return isOfObjects(tidy, tidy)
    ? { schema: objectSchema(tidy), wraps: false }
    : { schema: { ...wrappedSchema(tidy), "x-fastmcp-wrap-result": true }, wraps: true };
}

const HINTS: ReadonlySet<string> = new Set([
  "readOnlyHint",
  "destructiveHint",
  "idempotentHint",
  "openWorldHint",
]);

/** Returns the annotations of a tool without those that are not of the type MCP gives them. */
export function listedAnnotations(annotations: Json): Json {
  const isSound = ([name, value]: [string, unknown]) => {
    if (HINTS.has(name)) return typeof value === "boolean";
    return name === "title" ? typeof value === "string" : true;
  };
  return Object.fromEntries(Object.entries(annotations).filter(isSound));
}

/** Returns the schema of an object that has the values of a schema as its `result`. */
export function wrappedSchema(schema: Json): ObjectSchema {
  // A resource of its own is one wherever it stands.
  if (typeof schema["$id"] === "string") return around(schema);
  const { $schema, $defs, definitions, ...own } = schema;
  const names = new Set(
    [$defs, definitions].flatMap((named) => isJson(named) ? Object.keys(named) : []),
  );
  let name = "Result";
  while (names.has(name)) name += "_";
  const reference = `#/$defs/${name}`;
  let isReferredTo = false;
  const moved = (part: Json): Json => {
    if (typeof part["$id"] === "string") return part;
    const inner = mapSubschemas(part, moved);
    const { $ref } = inner;
    if (typeof $ref !== "string" || !/^#(\/(?!\$defs\/|definitions\/)|$)/.test($ref)) return inner;
    isReferredTo = true;
    return { ...inner, $ref: reference + $ref.slice(1) };
  };
  const result = moved(own);
  const movedMap = (named: Json) => mapEntries(named, (part) => isJson(part) ? moved(part) : part);
  const below = isJson($defs) ? movedMap($defs) : undefined;
  const older = isJson(definitions) ? movedMap(definitions) : undefined;
  const defs = isReferredTo ? { ...below, [name]: result } : below;
  return {
    ...($schema !== undefined && { $schema }),
    ...around(isReferredTo ? { $ref: reference } : result),
    ...(defs && { $defs: defs }),
    ...(older && { definitions: older }),
  };
}

function around(result: Json): ObjectSchema {
  return { type: "object", properties: { result }, required: ["result"] };
}

/** A schema of objects, with what a reference at its top stands for and the type that it may not say. */
function objectSchema(schema: Json): ObjectSchema {
  const whole = resolved(schema, schema);
  const { properties } = whole;
  return {
    ...whole,
    type: "object",
    ...(isJson(properties) && { properties: mapEntries(properties, asObject) }),
  };
}

/** The same schema as an object: clients of 2025 take no other at the top. */
function asObject(schema: unknown): unknown {
  if (typeof schema !== "boolean") return schema;
  return schema ? {} : { not: {} };
}

/** Whether all values that a schema allows are objects, as far as that can be seen. */
export function isOfObjects(
  schema: unknown,
  root: Json,
  within: ReadonlySet<unknown> = new Set(),
): boolean {
  if (!isJson(schema) || within.has(schema)) return false;
  const inner = new Set(within).add(schema);
  const each = (part: unknown) => isOfObjects(part, root, inner);
  const { $ref, type, allOf, anyOf, oneOf, enum: values } = schema;
  if (type !== undefined) return [type].flat().every((one) => one === "object");
  if ("const" in schema) return isObject(schema["const"]);
  if (Array.isArray(values)) return values.length > 0 && values.every(isObject);
  if (typeof $ref === "string" && each(pointedAt($ref, root))) return true;
  if (Array.isArray(allOf) && allOf.some(each)) return true;
  return [anyOf, oneOf].some((ways) => Array.isArray(ways) && ways.length > 0 && ways.every(each));
}

/** Keywords that every value meets. */
const PROSE: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "$comment",
  "$defs",
  "definitions",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
]);

function demandsNothing(schema: Json): boolean {
  return Object.keys(schema).every((keyword) => PROSE.has(keyword) || keyword.startsWith("x-"));
}
