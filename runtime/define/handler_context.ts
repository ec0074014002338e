/**
 * What a handler gets beside its input: the same for tools, prompts and resources.
 *
 * @module
 */
import type { TraceContext } from "../protocol/trace_context.ts";
import type { Ask } from "./ask.ts";
import type * as z from "zod";
import type { UnknownKey } from "./check/exactly.ts";
import type {
  DependencyDefinition,
  DependencyDefinitions,
  Injected,
  MatchMode,
} from "./dependency.ts";

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

/** The MCP client behind a call, as far as it introduced itself. */
export interface McpClient {
  /** What it is called; absent when it did not say. */
  readonly name?: string;
  readonly version?: string;
  /** What it can be asked for (MCP `ClientCapabilities`): `elicitation`, `sampling`, `roots`. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** The quietest level of log lines it takes (MCP `LoggingLevel`); absent when it takes none. */
  readonly logLevel?: string;
}

/** What every handler gets beside its input and its dependencies, whoever called it. */
export interface CallContext {
  /** Fires when the caller gave up or the deadline passed; its reason is a {@linkcode MeshError}. */
  readonly signal: AbortSignal;
  /** Log lines that name the agent and the operation. */
  readonly log: Logger;
  /** Inbound HTTP headers on the allow-list (`MCP_MESH_PROPAGATE_HEADERS`), names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The trace this call belongs to, if the caller sent one or the call began one; what the handler
   * does stands below its `parentSpanId`.
   */
  readonly trace: TraceContext | undefined;
}

/** What the handlers of an agent get beside their input and their dependencies. */
export interface HandlerContext extends CallContext {
  /**
   * Tells the caller how far the call is (MCP `notifications/progress`).
   *
   * @param progress How much is done. The caller sees it only grow: what is not above the last report
   * reaches the caller for its message or its new total, else not at all.
   * @param total How much there is, if known.
   * @param message What is being done.
   */
  readonly progress: (progress: number, total?: number, message?: string) => void;
  /** The MCP client that called, if it introduced itself; agents do not. */
  readonly client: McpClient | undefined;
  /** Asks the client for something that only it can give; see {@linkcode Ask}. */
  readonly ask: Ask;
}

/** Names a dependency cannot have, because the context already uses them. */
export const RESERVED = [
  "signal",
  "log",
  "progress",
  "headers",
  "trace",
  "client",
  "ask",
  "llm",
  "toolbox",
] as const;

/** Dependencies under names that the context leaves free, each with the keys of a dependency. */
export type Declared<Ds extends DependencyDefinitions> =
  & Ds
  & { readonly [K in keyof Ds]: DeclaredOne<Ds[K]> }
  & { readonly [K in typeof RESERVED[number]]?: never };

/** The conditions on a dependency that its interface cannot state: no further keys, an output to match. */
export type DeclaredOne<D> =
  & {
    readonly [K in keyof D as K extends keyof DependencyDefinition ? never : K]: UnknownKey<K>;
  }
  & (D extends { readonly matchMode: MatchMode } ? { readonly output: z.ZodType } : unknown);

/** The context of a handler with these dependencies. */
export type ContextOf<Ds extends DependencyDefinitions> = HandlerContext & Injected<Ds>;

/** A handler with its types erased: called with input and a context that its declaration fits. */
export type ErasedHandler = (
  input: unknown,
  context: HandlerContext & Record<string, unknown>,
) => unknown;
