/**
 * Prompts: messages ready for a language model, offered to MCP clients and other agents by name.
 *
 * @module
 */
import * as z from "zod";
import { isObject } from "../base/json.ts";
import { checkDeclaration } from "./check/check.ts";
import type { DependencyDefinitions } from "./dependency.ts";
import { type ContextOf, type Declared, type ErasedHandler } from "./handler_context.ts";
import { type Complete, type Completions, completions } from "./completion.ts";
import type { PromptMessage } from "../protocol/mcp_content.ts";
import { text } from "./check/kind.ts";
import { objectSchema, TEXTS } from "./check/schema_kind.ts";
import { onlyKeys, shape } from "./check/shape.ts";
import { dependencies } from "./check/parts.ts";
import { functionsByName } from "./check/lists.ts";

/** The definition of `prompt()`. */
const PROMPT = shape<PromptDefinition<z.ZodObject, DependencyDefinitions>>("a prompt", {
  title: text,
  description: text,
  args: objectSchema(TEXTS, "z.object({ topic: z.string() })"),
  complete: functionsByName,
  dependencies,
}, {
  also: ({ args, complete }, place) => {
    if (complete === undefined) return;
    const names = isObject(args) && isObject(args["shape"]) ? Object.keys(args["shape"]) : [];
    onlyKeys("an argument of the prompt", names)(complete, place.at("complete"));
  },
});

/** What a prompt's handler returns: a user's message as text, messages, or messages and what they are about. */
export type PromptResult = string | readonly PromptMessage[] | {
  readonly description?: string;
  readonly messages: readonly PromptMessage[];
};

/** What a prompt says about itself. */
export interface PromptDefinition<A extends z.ZodObject, Ds extends DependencyDefinitions> {
  /** Its name for people. */
  readonly title?: string;
  /** What it is good for. */
  readonly description?: string;
  /**
   * The arguments it takes. They arrive as text: use `z.string()`, `z.enum()`, `z.coerce.number()`.
   *
   * @default no arguments
   */
  readonly args?: A;
  /** What to suggest while somebody fills an argument in. */
  readonly complete?: { readonly [K in keyof z.input<A>]?: Complete };
  /** What it needs from other agents. */
  readonly dependencies?: Declared<Ds>;
}

/** A declared prompt. Made by {@linkcode prompt}, given to `agent()`. */
export interface Prompt {
  readonly title: string | undefined;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly complete: Completions;
  readonly dependencies: DependencyDefinitions;
  readonly handler: ErasedHandler;
}

/**
 * Declares a prompt.
 *
 * @param definition What it takes and needs.
 * @param handler Writes the messages.
 * @throws {MeshError} `bad_definition` that says what is wrong with it, and where.
 *
 * @example
 * ```ts
 * import { prompt } from "mesh";
 * import { z } from "zod";
 *
 * const review = prompt({
 *   description: "Asks for a review of code",
 *   args: z.object({ code: z.string() }),
 * }, ({ code }) => `Review this code:\n${code}`);
 * ```
 */
export function prompt<
  A extends z.ZodObject = z.ZodObject<Record<never, never>>,
  const Ds extends DependencyDefinitions = Record<never, never>,
>(
  definition: PromptDefinition<A, Ds>,
  handler: (
    args: z.output<A>,
    context: ContextOf<Ds>,
  ) => PromptResult | Promise<PromptResult>,
): Prompt {
  checkDeclaration(PROMPT, "prompt", definition, handler);
  const dependencies: DependencyDefinitions = definition.dependencies ?? {};
  return {
    title: definition.title,
    description: definition.description ?? "",
    input: definition.args ?? z.object({}),
    complete: completions(definition.complete),
    dependencies,
    // Only called with what `input` parsed and a context built from `dependencies`.
    handler: handler as unknown as ErasedHandler,
  };
}
