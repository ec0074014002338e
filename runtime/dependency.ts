/**
 * Dependencies: what a tool declares it needs, and what its handler gets for it.
 *
 * @module
 */
import type { z } from "zod";

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
  /** What the provider answers; results are checked against it and typed by it. */
  readonly output?: z.ZodType;
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
  /** Extra HTTP headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a dependency leads right now. */
export interface Target {
  readonly agentId: string;
  readonly tool: string;
  readonly endpoint: string;
}

type Arguments<D> = D extends { readonly input: infer I extends z.ZodType } ? z.input<I>
  : Record<string, unknown>;
type Result<D> = D extends { readonly output: infer O extends z.ZodType } ? z.output<O> : unknown;
type Parameters<A> = Record<never, never> extends A ? [args?: A, options?: CallOptions]
  : [args: A, options?: CallOptions];

/** A wired dependency: call it like the function it is. */
export interface DependencyClient<D extends DependencyDefinition = DependencyDefinition> {
  /**
   * Calls the provider's tool.
   *
   * @returns What it answered, typed by `output`.
   * @throws {MeshError} `bad_input`, `bad_output`, `timeout`, `cancelled`, `unreachable`,
   * `interrupted`, `overloaded`, `protocol`, or whatever code the provider answered with.
   */
  (...parameters: Parameters<Arguments<D>>): Promise<Result<D>>;
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
  /** Calls the provider's tool and yields each chunk when it arrives; a tool that does not stream yields its value once. */
  stream(...parameters: Parameters<Arguments<D>>): AsyncIterable<unknown>;
  /** Where it leads right now. */
  readonly target: Target;
}

/** What a handler gets for its declared dependencies. */
export type Injected<Ds extends DependencyDefinitions> = {
  readonly [K in keyof Ds]: Ds[K] extends { readonly required: true } ? DependencyClient<Ds[K]>
    : DependencyClient<Ds[K]> | undefined;
};
