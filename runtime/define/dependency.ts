/**
 * Dependencies: what a tool declares it needs, and what its handler gets for it.
 *
 * @module
 */
import type * as z from "zod";
import type { Collected } from "./collected.ts";
import type { PromptMessage } from "../protocol/mcp_content.ts";
import type { ResourceContents } from "../protocol/mcp_content.ts";

/**
 * How a provider's declared output must fit `output`: `"subset"`, it has every field that is read,
 * of a type that will do; `"strict"`, it is the same type.
 */
export type MatchMode = "subset" | "strict";

/**
 * What a tool needs from another agent. The key it stands under in `dependencies` is its name in
 * the handler's context; order means nothing.
 */
export interface DependencyDefinition {
  /** The capability some agent offers; compared exactly. */
  readonly capability: string;
  /**
   * Which providers will do: `"x"` must have the tag, `"+x"` is preferred, `"-x"` is excluded, a
   * list means any one of its members.
   */
  readonly tags?: readonly (string | readonly string[])[];
  /** Semantic version constraint on the provider's tool, such as `^1.2` or `>=1, <3`. */
  readonly version?: string;
  /**
   * Whether the tool cannot work without it. A required dependency is never `undefined` for the
   * handler; without a provider the call fails with `dependency_unavailable` before the handler
   * runs.
   *
   * @default false
   */
  readonly required?: boolean;
  /** What the provider takes; arguments are checked against it before anything is sent. */
  readonly input?: z.ZodType;
  /**
   * What the provider answers; results are checked against it and typed by it.
   *
   * @default with `chunk`, the collected chunks: text in one piece, or a list
   */
  readonly output?: z.ZodType;
  /** One chunk of `stream()`; chunks are checked against it and typed by it. */
  readonly chunk?: z.ZodType;
  /**
   * Only be wired to providers whose declared output fits `output`, which must then be given.
   *
   * @default any provider will do, and results are checked when they arrive
   */
  readonly matchMode?: MatchMode;
  /** Longest time for one call, in milliseconds, unless the call says otherwise. */
  readonly timeoutMs?: number;
}

/** The dependencies of a tool, by the name its handler knows them under. */
export type DependencyDefinitions = Readonly<Record<string, DependencyDefinition>>;

/** Options of one call to a dependency. */
export interface CallOptions {
  /** Gives the call up; the far handler's own `signal` fires. Defaults to the caller's signal. */
  readonly signal?: AbortSignal;
  /** Longest time for the call in milliseconds; the caller's own deadline still holds. */
  readonly timeoutMs?: number;
  /** Extra HTTP headers; those on the allow-list travel on from the provider. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Names this call, so that it may be sent again when the connection is lost: the provider runs calls
   * of one key once and gives them all the same answer, for ten minutes. Sent as `Idempotency-Key`.
   */
  readonly idempotencyKey?: string;
  /**
   * Longest wait for the next chunk of a stream in milliseconds; then it fails with `stream_stalled`.
   *
   * @default 60 000
   */
  readonly stallMs?: number;
}

/** A tool of another agent, as it describes itself (MCP `Tool`). */
export interface RemoteTool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>>;
}

/** A prompt of another agent, as it describes itself (MCP `Prompt`). */
export interface RemotePrompt {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly required?: boolean;
  }[];
}

/** A resource of another agent, or a template for many, as it describes itself (MCP `Resource`). */
export interface RemoteResource {
  /** Of a single resource. */
  readonly uri?: string;
  /** Of many (RFC 6570). */
  readonly uriTemplate?: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

/** Where a dependency leads right now. */
export interface Target {
  readonly agentId: string;
  readonly tool: string;
  readonly endpoint: string;
  /** Whether the tool may be called twice where once was meant. */
  readonly idempotent?: boolean;
  /** What the provider's agent runs on, if the registry told. */
  readonly runtime?: string;
}

/** The arguments of a dependency. */
export type DependencyArguments<D> = D extends { readonly input: infer I extends z.ZodType }
  ? z.input<I>
  : Record<string, unknown>;
/** The answer to a plain call of a dependency. */
export type DependencyResult<D> = D extends { readonly output: infer O extends z.ZodType }
  ? z.output<O>
  : D extends { readonly chunk: infer C extends z.ZodType } ? Collected<z.output<C>, z.input<C>>
  : unknown;
/** One chunk of a dependency's stream. */
export type DependencyChunk<D> = D extends { readonly chunk: infer C extends z.ZodType }
  ? z.output<C>
  : unknown;
/** The parameters of a call; arguments may be left out when all of them are optional. */
export type DependencyParameters<A> = Record<never, never> extends A
  ? [args?: A, options?: CallOptions]
  : [args: A, options?: CallOptions];

/** A wired dependency: call it like the function it is. */
export interface DependencyClient<D extends DependencyDefinition = DependencyDefinition> {
  /**
   * Calls the provider's tool.
   *
   * @returns What it answered, typed by `output`, or else by `chunk`.
   * @throws {MeshError} `bad_input`, `bad_output`, `timeout`, `cancelled`, `unreachable`,
   * `interrupted`, `overloaded`, `protocol`, or whatever code the provider answered with.
   */
  (...parameters: DependencyParameters<DependencyArguments<D>>): Promise<DependencyResult<D>>;
  /**
   * Calls another tool of the same provider.
   *
   * @param name Its function name.
   * @param args Its arguments.
   */
  callTool(
    name: string,
    args?: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<unknown>;
  /**
   * Calls the provider's tool and yields each chunk when it arrives; a tool that does not stream
   * yields its value once. Leaving the loop gives the call up.
   *
   * @returns The chunks, typed by `chunk`.
   * @throws {MeshError} As the call itself, and `stream_stalled`.
   */
  stream(
    ...parameters: DependencyParameters<DependencyArguments<D>>
  ): AsyncIterable<DependencyChunk<D>>;
  /** The tools of the provider's agent. */
  listTools(options?: CallOptions): Promise<RemoteTool[]>;
  /** The prompts of the provider's agent. */
  listPrompts(options?: CallOptions): Promise<RemotePrompt[]>;
  /**
   * Fills in a prompt of the provider's agent.
   *
   * @throws {MeshError} As the call itself; `not_found` for a prompt it does not have.
   */
  getPrompt(
    name: string,
    args?: Readonly<Record<string, string>>,
    options?: CallOptions,
  ): Promise<{ readonly description?: string; readonly messages: readonly PromptMessage[] }>;
  /** The resources and resource templates of the provider's agent. */
  listResources(options?: CallOptions): Promise<RemoteResource[]>;
  /**
   * Reads a resource of the provider's agent.
   *
   * @throws {MeshError} As the call itself; `not_found` for a URI it has nothing under.
   */
  readResource(uri: string, options?: CallOptions): Promise<readonly ResourceContents[]>;
  /** Where it leads right now. */
  readonly target: Target;
}

/** What a handler gets for its declared dependencies. */
export type Injected<Ds extends DependencyDefinitions> = {
  readonly [K in keyof Ds]: Ds[K] extends { readonly required: true } ? DependencyClient<Ds[K]>
    : DependencyClient<Ds[K]> | undefined;
};
