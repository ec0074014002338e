/**
 * Answers that must fit a schema: what an endpoint is told so that they do. Pure.
 *
 * @module
 */
import type { ChatMessage, ModelParams } from "./contract.ts";
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
  return {
    responseFormat: {
      type: "json_schema",
      json_schema: { name: schemaName(name), schema, strict: isStrict(schema) },
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
 * Whether a schema may be asked for strictly: every property of every object required, none beside
 * them allowed, and no keyword that strict mode refuses.
 */
export function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== "object" || schema === null) return true;
  const { type, properties, required, additionalProperties }: Record<string, unknown> = {
    ...schema,
  };
  if (type === "object" || properties !== undefined) {
    const names = Object.keys(properties ?? {});
    const all = Array.isArray(required) ? required : [];
    if (additionalProperties !== false || !names.every((name) => all.includes(name))) return false;
  }
  return Object.entries(schema).every(([keyword, value]) => {
    if (NOT_STRICT.has(keyword)) return false;
    switch (keyword) {
      case "properties":
      case "$defs":
      case "definitions":
        return Object.values(value ?? {}).every(isStrict);
      case "items":
      case "anyOf":
        return isStrict(value);
      default:
        return true;
    }
  });
}
