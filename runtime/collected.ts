/**
 * Streams for callers that do not read them chunk by chunk: chunks of text are joined, chunks of
 * anything else are a list. Where a tool or a dependency says what a chunk is, that decides; where it
 * does not, the chunks themselves do.
 *
 * @module
 */
import * as z from "zod";
import type { JsonSchema } from "./json_schema.ts";

/** What chunks come to; `undefined` when only the chunks can tell. */
export type Collection = "text" | "list" | undefined;

/** What chunks of type `T` come to. */
export type Collected<T> = unknown extends T ? unknown : [T] extends [string] ? string : T[];

/** What a chunk is of what comes to a `T`: the reverse of {@linkcode Collected}. */
export type ChunkOf<T> = unknown extends T ? unknown
  : T extends string ? string
  : T extends readonly (infer Item)[] ? Item
  : never;

/** How chunks of a schema are collected. */
export function collectionOf(chunk: z.ZodType, io: "input" | "output"): Collection {
  const json = jsonOf(chunk, io);
  return isText(json) ? "text" : isAnything(json) ? undefined : "list";
}

/** The schema of what chunks that are sent come to; `undefined` when only the chunks can tell. */
export function sentSchema(chunk: z.ZodType): z.ZodType | undefined {
  switch (collectionOf(chunk, "output")) {
    case "text":
      return z.string();
    case "list":
      return z.array(chunk);
  }
}

const received = new WeakMap<z.ZodType, z.ZodType>();

/** The schema of what chunks that are received come to; made once. */
export function receivedSchema(chunk: z.ZodType): z.ZodType {
  let schema = received.get(chunk);
  if (schema === undefined) received.set(chunk, schema = receivedAs(chunk));
  return schema;
}

function receivedAs(chunk: z.ZodType): z.ZodType {
  switch (collectionOf(chunk, "input")) {
    case "text":
      return z.string();
    case "list":
      // What no chunks come to is text, where nothing says what a chunk would have been.
      return z.preprocess((value) => value === "" ? [] : value, z.array(chunk));
    case undefined:
      return z.unknown();
  }
}

/** How chunks are collected that come to a schema: as it says, if it says. */
export function collectionTo(output: z.ZodType): Collection {
  const json = jsonOf(output, "input");
  return isText(json) ? "text" : json["type"] === "array" ? "list" : undefined;
}

/** Chunks as one value. */
export function collected(chunks: readonly unknown[], as: Collection): unknown {
  const isAllText = as !== "list" && chunks.every((chunk) => typeof chunk === "string");
  return isAllText ? chunks.join("") : chunks;
}

function jsonOf(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  return z.toJSONSchema(schema, { io, unrepresentable: "any" });
}

/** Whether a schema takes text and nothing else. */
function isText(json: JsonSchema): boolean {
  const { type, anyOf, const: value, enum: values } = json;
  if (type !== undefined) return type === "string";
  if (Array.isArray(anyOf)) return anyOf.every(isText);
  const all = Array.isArray(values) ? values : "const" in json ? [value] : [];
  return all.length > 0 && all.every((one) => typeof one === "string");
}

function isAnything(json: JsonSchema): boolean {
  return !["type", "anyOf", "allOf", "const", "enum", "$ref"].some((key) => key in json);
}
