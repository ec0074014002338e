/**
 * Answers that must fit a schema: what an endpoint is told so that they do. Pure.
 *
 * @module
 */
import type { ChatMessage, ModelParams } from "../../define/contract.ts";
import type { Traits } from "./vendors.ts";

/** How a turn's answer is held to its schema. */
export interface OutputPlan {
  /** Value of `response_format`. */
  readonly responseFormat?: Readonly<Record<string, unknown>>;
  /** What the model is told in words. */
  readonly hint?: string;
}

/**
 * What to do about the schema of an answer.
 *
 * `text` asks for nothing, `hint` for words only; else the endpoint's own facility is used as far as
 * it goes, and words where it does not.
 */
export function outputPlan(
  { output_schema: schema, output_type_name: name, output_mode: mode }: ModelParams,
  hasTools: boolean,
  { structured, structuredWithTools }: Traits,
): OutputPlan {
  if (schema === undefined || mode === "text") return {};
  const hint = schemaHint(schema);
  const isUsable = mode !== "hint" && (structuredWithTools || !hasTools);
  if (!isUsable || structured === "words" || schema["type"] !== "object") return { hint };
  if (structured === "json") return { responseFormat: { type: "json_object" }, hint };
  const strict = strictForm(schema);
  return {
    responseFormat: {
      type: "json_schema",
      json_schema: {
        name: schemaName(name),
        schema: strict ?? schema,
        strict: strict !== undefined,
      },
    },
  };
}

/** The instruction that stands for a schema where there is only the prompt. */
export function schemaHint(schema: Readonly<Record<string, unknown>>): string {
  return "Answer with one JSON value that fits this JSON Schema, and with nothing around it: no " +
    `explanation, no code fence.\n${JSON.stringify(schema)}`;
}

/** Adds an instruction to the system message, or makes one. */
export function withHint(
  messages: readonly ChatMessage[],
  hint: string | undefined,
): readonly ChatMessage[] {
  if (hint === undefined) return messages;
  const [first, ...rest] = messages;
  return first?.role === "system" && typeof first.content === "string"
    ? [{ ...first, content: `${first.content}\n\n${hint}` }, ...rest]
    : [{ role: "system", content: hint }, ...messages];
}

function schemaName(name: string | undefined): string {
  return name?.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64) || "answer";
}

/** Keywords strict mode refuses (OpenAI, "Structured outputs", supported schemas). */
const NOT_STRICT = new Set([
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentRequired",
  "dependentSchemas",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
  "contains",
  "prefixItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
]);

/**
 * A schema as strict mode takes it: nothing beside the properties of an object, where the schema does
 * not say. What it allows, the schema allows too.
 *
 * @returns `undefined` when it has no such form: an optional property, an open object, a keyword that
 * strict mode refuses.
 */
export function strictForm(
  schema: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const strict: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (NOT_STRICT.has(keyword)) return undefined;
    const form = CHILDREN[keyword]?.(value) ?? { value };
    if (form.value === undefined) return undefined;
    strict[keyword] = form.value;
  }
  const { type, properties, required, additionalProperties = false } = schema;
  if (type !== "object" && properties === undefined) return strict;
  const all = Array.isArray(required) ? required : [];
  if (additionalProperties !== false) return undefined;
  if (!Object.keys(properties ?? {}).every((name) => all.includes(name))) return undefined;
  return { ...strict, additionalProperties: false };
}

/** The strict form of what is under a keyword; its value is `undefined` when there is none. */
const CHILDREN: Readonly<Record<string, (value: unknown) => { readonly value: unknown }>> = {
  properties: strictMembers,
  $defs: strictMembers,
  definitions: strictMembers,
  items: (value) => ({ value: strictChild(value) }),
  anyOf(value) {
    const members = Array.isArray(value) ? value.map(strictChild) : [undefined];
    return { value: members.includes(undefined) ? undefined : members };
  },
};

function strictChild(schema: unknown): unknown {
  return isRecord(schema) ? strictForm(schema) : schema;
}

function strictMembers(schemas: unknown): { readonly value: unknown } {
  const members = Object.entries(isRecord(schemas) ? schemas : {})
    .map(([name, schema]) => [name, strictChild(schema)] as const);
  const isWhole = members.every(([, schema]) => schema !== undefined);
  return { value: isWhole ? Object.fromEntries(members) : undefined };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
