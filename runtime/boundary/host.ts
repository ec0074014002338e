/**
 * The line between the trusted runtime and agent code. Everything that crosses it is in this file:
 * the trusted side asks a {@linkcode Host} to invoke a tool and lends it a {@linkcode CallEnvironment};
 * the code behind the host may be in this thread or in a sandboxed worker.
 *
 * @module
 */
import type { CheckVerdict } from "../define/health_check.ts";
import type { CompletionRequest } from "../define/completion.ts";
import type { Target } from "../define/dependency.ts";
import type { AgentManifest } from "../define/manifest.ts";
import type { McpClient } from "../define/handler_context.ts";
import type { TraceContext } from "../protocol/trace_context.ts";
import type { LlmSettings } from "../define/llm.ts";
import type { LentTool } from "../define/toolbox.ts";
import type { OnChunk } from "../base/chunks.ts";
import type { LogLevel } from "../base/log.ts";
import type { Outcome } from "./result.ts";
import type { CodeSpan } from "../protocol/code_span.ts";

/** What a caller takes of a stream: its outcome, also its chunks as they come, or these alone. */
export type ChunkUse = "none" | "also" | "only";

/** Options of one call through a {@linkcode DependencyPort}. */
export interface PortCallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Calls of one key run once; see `CallOptions`. */
  readonly idempotencyKey?: string;
  /** Longest wait for the next chunk, in milliseconds. */
  readonly stallMs?: number;
  /** The span of the agent's code that it is made in. @default the span of the call */
  readonly parentSpanId?: string;
  /** Gets each streamed chunk, in order; the next one is not read before it resolves. */
  readonly onChunk?: OnChunk;
}

/** What agent code may ask of the agent a dependency leads to. */
export type AgentRequest =
  | {
    readonly method: "tools/call";
    /** A tool of the provider; the one the dependency resolved to when absent. */
    readonly tool?: string;
    /** Of a request to a provider of a language model: whether the tool's streaming twin is asked. */
    readonly twin?: boolean;
    readonly args: Record<string, unknown>;
    /**
     * JSON text of the arguments, in place of `args`: then the value of the call is JSON text as well.
     * Text alone keeps the digits of numbers on every way there is between agent code and its host.
     */
    readonly exact?: string;
  }
  | { readonly method: "tools/list" | "prompts/list" | "resources/list" }
  | {
    readonly method: "prompts/get";
    readonly name: string;
    readonly args: Readonly<Record<string, string>>;
  }
  | { readonly method: "resources/read"; readonly uri: string };

/** One wired dependency, as the trusted side lends it to a call. */
export interface DependencyPort {
  readonly target: Target;
  /**
   * Sends a request to the provider's agent.
   *
   * @returns The value of a call; all items of a list, of resources with the templates; a prompt
   * (`GetPromptResult`); the contents of a resource.
   * @throws {MeshError} As `DependencyClient`.
   */
  call(request: AgentRequest, options: PortCallOptions): Promise<unknown>;
}

/** Under which name a tool of the toolbox is among the dependencies; no dependency has a colon. */
export function toolPort(name: string): string {
  return `tool:${name}`;
}

/** What the trusted side lends to one call. */
export interface CallEnvironment {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly trace: TraceContext | undefined;
  readonly client: McpClient | undefined;
  /** What the client answered to earlier questions of this call, by key. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** What the caller takes of a stream; chunks that are taken alone need not be kept for the outcome. */
  readonly chunks: ChunkUse;
  /**
   * The dependencies that are wired right now, by the name the handler knows them under; and the
   * tools of the toolbox, by {@linkcode toolPort}.
   */
  readonly dependencies: ReadonlyMap<string, DependencyPort>;
  /** Tools of others that the handler may call, or have a language model call. */
  readonly toolbox: readonly LentTool[];
  /** Passes one chunk of a streaming tool on; resolves when the reader took it. */
  emit(chunk: unknown): Promise<void>;
  progress(progress: number, total?: number, message?: string): void;
  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
  /** Takes a span that the code has measured. */
  record(span: CodeSpan): void;
}

/** What the trusted side lends to what an agent holds while it is served. */
export interface LifespanEnvironment {
  /** Looks at the agent's health now. */
  checkHealth(): void;
  /** Absolute path of the folder the agent may keep files in, if there is one. */
  readonly dataFolder?: string | undefined;
  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
}

/** Which of an agent's checks to run. */
export type CheckKind = "health" | "startup";

/** What a host tells of the code behind it. */
export interface HostEvents {
  /** The manifest changed. */
  manifest?(): void;
  /** What is under a resource's URI has changed. */
  resourceUpdated?(uri: string): void;
}

/** Agent code, ready to be called. */
export interface Host extends AsyncDisposable {
  /** What the agent says about itself right now. */
  readonly manifest: AgentManifest;
  /** Tells `listener` of what happens, until the returned function is called. */
  listen(listener: HostEvents): () => void;
  /**
   * Runs an operation once.
   *
   * @param key An operation of the manifest.
   * @param args Its arguments, as they came.
   * @throws {MeshError} Always a MeshError: `bad_input`, `bad_output`, `tool_failed`,
   * `permission_denied`, `host_crashed`, `not_found`, `cannot_ask`, or what a dependency failed with.
   */
  invoke(key: string, args: unknown, environment: CallEnvironment): Promise<Outcome>;
  /**
   * Suggests values for an argument of a prompt or a variable of a resource.
   *
   * @param key Its operation.
   * @throws {MeshError} As `invoke`.
   */
  complete(key: string, request: CompletionRequest): Promise<readonly string[]>;
  /**
   * Compiles its prompts and opens what it holds while it is served, which is closed with the host.
   * Called once, before the first call.
   *
   * @param llm What beats the declarations of language models.
   * @throws {MeshError} Whatever kept it from opening.
   */
  open(environment: LifespanEnvironment, llm?: LlmSettings): Promise<void>;
  /** Runs a check of the agent; a check that throws is `degraded`, no check is `healthy`. */
  check(kind: CheckKind): Promise<CheckVerdict>;
}
