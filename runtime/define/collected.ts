/**
 * Streams for callers that do not read them chunk by chunk: chunks of text are joined, chunks of
 * anything else become a list. The declared schema of a chunk decides; without one, the chunks do.
 *
 * @module
 */
import * as z from "zod";
import type { JsonSchema } from "./json_schema.ts";

/** The form in which chunks are collected; `undefined` when only the chunks themselves can tell. */
export type Collection = "text" | "list" | undefined;

/**
 * The type of the collected chunks.
 *
 * @typeParam T A chunk.
 * @typeParam Sent A chunk as it is on the wire, before the schema of its reader.
 */
export type Collected<T, Sent = T> = unknown extends T ? unknown
  : [T, Sent] extends [string, string] ? string
  : T[];

/** The type of a chunk when the collected chunks are a `T`: the reverse of {@linkcode Collected}. */
export type ChunkOf<T> = unknown extends T ? unknown
  : T extends string ? string
  : T extends readonly (infer Item)[] ? Item
  : never;

/** Returns the form in which chunks that leave through a schema are collected. */
export function collectionOf(chunk: z.ZodType): Collection {
  const json = jsonOf(chunk, "output");
  return isText(json) ? "text" : isAnything(json) ? undefined : "list";
}

/** Returns the form in which chunks are collected for a declared output, if that is text or a list. */
export function collectionTo(output: z.ZodType): Collection {
  const json = jsonOf(output, "input");
  return isText(json) ? "text" : json["type"] === "array" ? "list" : undefined;
}

/** Collects chunks into one value. */
export function collected(chunks: readonly unknown[], form: Collection): unknown {
  const isAllText = form !== "list" && chunks.every((chunk) => typeof chunk === "string");
  return isAllText ? chunks.join("") : chunks;
}

/** Returns the schema of the collected chunks of a tool; `undefined` when only the chunks can tell. */
export function sentSchema(chunk: z.ZodType): z.ZodType | undefined {
  switch (collectionOf(chunk)) {
    case "text":
      return z.string();
    case "list":
      return z.array(chunk);
  }
}

/** Returns the schema by which a consumer that declares `chunk` reads collected chunks. */
export function receivedSchema(chunk: z.ZodType, value: unknown): z.ZodType {
  const { type } = chunk._zod.def;
  if (type === "unknown" || type === "any") return z.unknown();
  const isTextual = isText(jsonOf(chunk, "input")) && isText(jsonOf(chunk, "output"));
  // A transform's output has no JSON Schema, but its value shows the type.
  const staysText = typeof value === "string" && typeof chunk.safeParse(value).data === "string";
  if (isTextual || staysText) return z.string();
  // A provider without a declared chunk answers an empty stream with empty text.
  return z.preprocess((value) => value === "" ? [] : value, z.array(chunk));
}

function jsonOf(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  return z.toJSONSchema(schema, { io, unrepresentable: "any" });
}

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
