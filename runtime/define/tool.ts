/**
 * Tools: a declaration and a handler, typed from zod schemas.
 *
 * @module
 */
import * as z from "zod";
import type { ChunkOf } from "./collected.ts";
import { checkDeclaration } from "./check/check.ts";
import type { Exactly } from "./check/exactly.ts";
import type { DependencyDefinitions } from "./dependency.ts";
import { type ContextOf, type Declared, type ErasedHandler } from "./handler_context.ts";
import type { Llm, LlmDefinition } from "./llm.ts";
import { promptFile } from "./prompt_files.ts";
import { name, object, text, truth, version } from "./check/kind.ts";
import { objectSchema, READ, schema, SENT } from "./check/schema_kind.ts";
import { shape } from "./check/shape.ts";
import { dependencies, llm } from "./check/parts.ts";
import { tags } from "./check/lists.ts";

const annotations = shape<ToolAnnotations>("annotations", {
  readOnlyHint: truth,
  destructiveHint: truth,
  idempotentHint: truth,
  openWorldHint: truth,
}, { written: () => "{ readOnlyHint: true }" });

/** The definition of `tool()`. */
const TOOL = shape<
  ToolDefinition<z.ZodObject, z.ZodType, DependencyDefinitions, LlmDefinition, z.ZodType>
>("a tool", {
  capability: name,
  title: text,
  description: text,
  tags,
  version,
  input: objectSchema(READ, "z.object({ text: z.string() })"),
  output: schema(SENT),
  chunk: schema(SENT),
  dependencies,
  llm,
  annotations,
  kwargs: object,
}, { written: () => "{ description: … }" });

/** What a tool says about itself. */
export interface ToolDefinition<
  I extends z.ZodObject,
  O extends z.ZodType,
  Ds extends DependencyDefinitions,
  L extends LlmDefinition | undefined = undefined,
  C extends z.ZodType | undefined = undefined,
> {
  /**
   * The name other agents ask for.
   *
   * @default the tool's own name
   */
  readonly capability?: string;
  /** Its name for people. */
  readonly title?: string;
  /** What it does, for people and language models. */
  readonly description?: string;
  /** What consumers select it by. */
  readonly tags?: readonly string[];
  /**
   * Semantic version of the tool.
   *
   * @default "1.0.0"
   */
  readonly version?: string;
  /**
   * The arguments it takes.
   *
   * @default no arguments
   */
  readonly input?: I;
  /**
   * What it answers; results are checked against it. For a tool that streams it is the answer to a
   * plain call: the chunks as one text, or a list of them.
   *
   * @default for a tool with `chunk`, the collected chunks
   */
  readonly output?: O;
  /**
   * One chunk of a tool that streams: its handler is an async generator, or returns the stream of a
   * dependency. Every chunk is checked before it is sent.
   */
  readonly chunk?: C;
  /** What it needs from other agents. */
  readonly dependencies?: Declared<Ds>;
  /** The language model its handler gets as `llm`. */
  readonly llm?: L & Exactly<L, LlmDefinition>;
  /** What calling it does to the world; see {@linkcode ToolAnnotations}. */
  readonly annotations?: ToolAnnotations;
  /** Free-form settings that consumers get to see, such as `timeout` in seconds. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

/** Hints on what calling a tool does (MCP `ToolAnnotations`). */
export interface ToolAnnotations {
  /** It changes nothing. */
  readonly readOnlyHint?: boolean;
  /** What it changes cannot be undone. */
  readonly destructiveHint?: boolean;
  /**
   * Calling it twice with the same arguments does what calling it once does. Callers in the mesh then
   * try again when they cannot know whether a call ran; the same holds for `readOnlyHint`.
   */
  readonly idempotentHint?: boolean;
  /** It deals with things outside the agent, such as the web. */
  readonly openWorldHint?: boolean;
}

/**
 * What a tool does. Returns a plain value, or is an async generator whose chunks are streamed.
 * Anything it throws becomes an error result of the call.
 */
export type ToolHandler<
  I extends z.ZodObject,
  O extends z.ZodType,
  Ds extends DependencyDefinitions,
  L extends LlmDefinition | undefined = undefined,
  C extends z.ZodType | undefined = undefined,
> = (
  input: z.output<I>,
  context: ContextOf<Ds> & (L extends LlmDefinition ? { readonly llm: Llm } : unknown),
) => ToolAnswer<O, C>;

/**
 * The return value of a tool's handler: a stream of declared chunks, or else a value or a stream that is
 * collected into one.
 */
export type ToolAnswer<O extends z.ZodType, C extends z.ZodType | undefined> = C extends z.ZodType
  ? AsyncIterable<z.input<C>> | Promise<AsyncIterable<z.input<C>>>
  : z.input<O> | Promise<z.input<O>> | AsyncIterable<ChunkOf<z.input<O>>>;

/**
 * What a tool of somebody else's MCP server says about itself, as it is written there. Such a tool
 * shows it as it is, takes its arguments unchecked, and its handler returns an MCP result that is
 * passed on untouched.
 */
export interface Verbatim {
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema: Readonly<Record<string, unknown>> | undefined;
  /** Further members of its entry in `tools/list`. */
  readonly listing: Readonly<Record<string, unknown>>;
}

/** A declared tool. Made by {@linkcode tool}, given to `agent()`. */
export interface Tool {
  readonly capability: string | undefined;
  readonly title: string | undefined;
  readonly description: string;
  readonly tags: readonly string[];
  readonly version: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodType | undefined;
  /** One chunk, if it is declared. */
  readonly chunk?: z.ZodType;
  readonly dependencies: DependencyDefinitions;
  readonly annotations: ToolAnnotations | undefined;
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
  /** Whether it streams: `chunk` is declared, or the handler is an async generator. */
  readonly streams: boolean;
  /** Set when the tool is somebody else's, whom it speaks for. */
  readonly verbatim?: Verbatim;
  /** The language model its handler gets, if it declares one. */
  readonly llm?: LlmDefinition;
  /** URL of the file its model's system prompt is in, if it is in one. */
  readonly promptFile?: string;
  /**
   * Whose tools its handler may call besides its dependencies: those its language model is offered, or
   * those its caller hands over with their addresses, as consumers do to a provider.
   */
  readonly toolbox?: "offered" | "handed";
  readonly handler: ErasedHandler;
}

/**
 * Declares a tool. Nothing runs and nothing is registered until an agent that lists it is served.
 *
 * @param definition What it offers, takes, answers and needs.
 * @param handler What it does.
 * @throws {MeshError} `bad_definition` that says what is wrong with it, and where.
 *
 * @example
 * ```ts
 * import { tool } from "mesh";
 * import { z } from "zod";
 *
 * const greet = tool({
 *   description: "Greet somebody",
 *   input: z.object({ name: z.string() }),
 *   output: z.string(),
 * }, ({ name }) => `Hello, ${name}`);
 * ```
 */
export function tool<
  I extends z.ZodObject = z.ZodObject<Record<never, never>>,
  O extends z.ZodType = z.ZodType<unknown, unknown>,
  const Ds extends DependencyDefinitions = Record<never, never>,
  L extends LlmDefinition | undefined = undefined,
  C extends z.ZodType | undefined = undefined,
>(
  definition: ToolDefinition<I, O, Ds, L, C>,
  // A conditional type has the compiler fix `O` before it checks what the handler returns: the literal
  // of `{ priority: "low" }` is then not widened to `string`.
  handler: O extends z.ZodType ? ToolHandler<I, O, Ds, L, C> : never,
): Tool {
  checkDeclaration(TOOL, "tool", definition, handler);
  const dependencies: DependencyDefinitions = definition.dependencies ?? {};
  return {
    capability: definition.capability,
    title: definition.title,
    description: definition.description ?? "",
    tags: definition.tags ?? [],
    version: definition.version ?? "1.0.0",
    input: definition.input ?? z.object({}),
    output: definition.output,
    ...(definition.chunk === undefined ? {} : { chunk: definition.chunk }),
    dependencies,
    annotations: definition.annotations,
    kwargs: definition.kwargs,
    ...llmOf(definition.llm),
    streams: definition.chunk !== undefined ||
      Object.prototype.toString.call(handler) === "[object AsyncGeneratorFunction]",
    // Only called with what `input` parsed and a context built from `dependencies`.
    handler: handler as unknown as ErasedHandler,
  };
}

function llmOf(llm: LlmDefinition | undefined): Pick<Tool, "llm" | "promptFile" | "toolbox"> {
  if (llm === undefined) return {};
  const file = promptFile(llm.system ?? "", tool);
  return { llm, toolbox: "offered", ...(file && { promptFile: file }) };
}
