/**
 * Tools: a declaration and a handler, typed from zod schemas.
 *
 * @module
 */
import { z } from "zod";
import type { DependencyDefinitions, Injected } from "./dependency.ts";
import { MeshError } from "./errors.ts";

/** Writes structured log lines for one call. */
export interface Logger {
  /** Detail for somebody looking for a fault. */
  debug(message: string, fields?: Record<string, unknown>): void;
  /** The ordinary course of things. */
  info(message: string, fields?: Record<string, unknown>): void;
  /** Something is off but the call goes on. */
  warn(message: string, fields?: Record<string, unknown>): void;
  /** The call or a part of it failed. */
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Where a call stands in its trace. Ids are W3C Trace Context: 32 and 16 lower-case hex digits. */
export interface TraceContext {
  readonly traceId: string;
  readonly parentSpanId?: string;
}

/** What every handler gets beside its input and its dependencies. */
export interface ToolContext {
  /** Fires when the caller gave up or the deadline passed; its reason is a {@linkcode MeshError}. */
  readonly signal: AbortSignal;
  /** Log lines that name the agent and the tool. */
  readonly log: Logger;
  /**
   * Tells the caller how far the call is (MCP `notifications/progress`).
   *
   * @param progress How much is done; only ever grows.
   * @param total How much there is, if known.
   * @param message What is being done.
   */
  readonly progress: (progress: number, total?: number, message?: string) => void;
  /** Inbound HTTP headers on the allow-list (`MCP_MESH_PROPAGATE_HEADERS`), names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The trace this call belongs to, if the caller sent one. */
  readonly trace: TraceContext | undefined;
}

/** Names a dependency cannot have, because the context already uses them. */
const RESERVED = ["signal", "log", "progress", "headers", "trace"] as const;
type Reserved = typeof RESERVED[number];

/** What a tool says about itself. */
export interface ToolDefinition<
  I extends z.ZodObject,
  O extends z.ZodType,
  Ds extends DependencyDefinitions,
> {
  /**
   * The name other agents ask for.
   *
   * @default the tool's own name
   */
  readonly capability?: string;
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
  /** What it answers; results are checked against it. */
  readonly output?: O;
  /** What it needs from other agents. */
  readonly dependencies?: Ds & { readonly [K in Reserved]?: never };
  /** Free-form settings that consumers get to see, such as `timeout` in seconds. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

/**
 * What a tool does. Returns a plain value, or is an async generator whose chunks are streamed.
 * Anything it throws becomes an error result of the call.
 */
export type ToolHandler<
  I extends z.ZodObject,
  O extends z.ZodType,
  Ds extends DependencyDefinitions,
> = (
  input: z.output<I>,
  context: ToolContext & Injected<Ds>,
) => z.input<O> | Promise<z.input<O>> | AsyncIterable<unknown>;

/** A declared tool. Made by {@linkcode tool}, given to `agent()`. */
export interface Tool {
  readonly capability: string | undefined;
  readonly description: string;
  readonly tags: readonly string[];
  readonly version: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodType | undefined;
  readonly dependencies: DependencyDefinitions;
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
  /** The handler with its types erased: called with input already checked against `input`. */
  readonly handler: (input: unknown, context: ToolContext & Record<string, unknown>) => unknown;
}

/**
 * Declares a tool. Nothing runs and nothing is registered until an agent that lists it is served.
 *
 * @param definition What it offers, takes, answers and needs.
 * @param handler What it does.
 * @throws {MeshError} `bad_definition` when a dependency has a reserved name, no capability, or a
 * match mode without an output.
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
>(definition: ToolDefinition<I, O, Ds>, handler: ToolHandler<I, O, Ds>): Tool {
  const dependencies: DependencyDefinitions = definition.dependencies ?? {};
  for (const [name, dependency] of Object.entries(dependencies)) {
    if ((RESERVED as readonly string[]).includes(name)) {
      throw new MeshError(
        "bad_definition",
        `a dependency cannot be called "${name}": the handler's context uses that name; choose another key`,
      );
    }
    if (!dependency.capability) {
      throw new MeshError("bad_definition", `dependency "${name}" names no capability; add one`);
    }
    if (dependency.matchMode !== undefined && dependency.output === undefined) {
      throw new MeshError(
        "bad_definition",
        `dependency "${name}" has matchMode "${dependency.matchMode}" and no output to match; add one`,
      );
    }
  }
  return {
    capability: definition.capability,
    description: definition.description ?? "",
    tags: definition.tags ?? [],
    version: definition.version ?? "1.0.0",
    input: definition.input ?? z.object({}),
    output: definition.output,
    dependencies,
    kwargs: definition.kwargs,
    // The one place where the handler's types are erased; run_tool.ts only ever passes it input
    // that its own schema produced and a context built from its own dependencies.
    handler: handler as unknown as Tool["handler"],
  };
}
