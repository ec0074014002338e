/**
 * The messages between a host of agent code (the trusted side) and the code, in a worker or in a
 * process of its own. They are plain data; `call` numbers an invocation, `port` a dependency call
 * that is made during one. They travel in batches, because sending one costs more than its content.
 *
 * @module
 */
import type { PlainError } from "../base/errors.ts";
import type { RequestParts } from "../base/parts.ts";
import type { CheckVerdict } from "../define/health_check.ts";
import type { CompletionRequest } from "../define/completion.ts";
import type { Target } from "../define/dependency.ts";
import type { AgentManifest } from "../define/manifest.ts";
import type { PromptSources } from "../define/prompt_files.ts";
import type { LlmSettings } from "../define/llm.ts";
import type { LentTool } from "../define/toolbox.ts";
import type { Outcome } from "./result.ts";
import type { McpClient } from "../define/handler_context.ts";
import type { TraceContext } from "../protocol/trace_context.ts";
import type { CodeSpan } from "../protocol/code_span.ts";
import type { AgentRequest, CheckKind, ChunkUse, PortCallOptions } from "./host.ts";
import type { LogLevel } from "../base/log.ts";

/** The part of a call's environment that crosses as plain data. */
export interface Lent {
  readonly headers: Readonly<Record<string, string>>;
  readonly trace: TraceContext | undefined;
  readonly client: McpClient | undefined;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly chunks: ChunkUse;
  readonly dependencies: ReadonlyMap<string, Target>;
  readonly toolbox: readonly LentTool[];
}

/** The environment of most calls: nothing. */
export const NOTHING_LENT: Lent = {
  headers: {},
  trace: undefined,
  client: undefined,
  answers: {},
  chunks: "none",
  dependencies: new Map(),
  toolbox: [],
};

/** A message from the trusted side to the agent's code. */
export type ToAgent =
  | {
    readonly type: "invoke";
    readonly call: number;
    readonly key: string;
    readonly args: unknown;
    /** The arguments as JSON text instead, where JavaScript does not hold their numbers exactly. */
    readonly exactArgs?: string;
    /** The parts of a request instead, of a gateway's route. */
    readonly parts?: RequestParts;
    /** The members that the call has of an environment. */
    readonly lent: Partial<Lent> | undefined;
  }
  | { readonly type: "abort"; readonly call: number; readonly error: PlainError }
  /** Asks for a sign of life. */
  | { readonly type: "ping" }
  | { readonly type: "emitted"; readonly call: number }
  | {
    readonly type: "complete";
    readonly call: number;
    readonly key: string;
    readonly request: CompletionRequest;
  }
  | { readonly type: "check"; readonly call: number; readonly kind: CheckKind }
  | { readonly type: "open"; readonly call: number; readonly dataFolder: string | undefined }
  | { readonly type: "close"; readonly call: number }
  | {
    readonly type: "prepare";
    readonly call: number;
    readonly prompts: PromptSources;
    readonly settings: LlmSettings | undefined;
  }
  | { readonly type: "port_chunk"; readonly port: number; readonly chunk: unknown }
  | { readonly type: "port_result"; readonly port: number; readonly value: unknown }
  | { readonly type: "port_error"; readonly port: number; readonly error: PlainError };

/** A message from the agent's code to the trusted side. */
export type FromAgent =
  | { readonly type: "loaded" | "manifest"; readonly manifest: AgentManifest }
  | { readonly type: "resource_updated"; readonly uri: string }
  | { readonly type: "failed"; readonly error: PlainError }
  | { readonly type: "exiting"; readonly reason: string }
  /** The thread of the code is not busy. */
  | { readonly type: "pong" }
  /** The code touched more than it may; `message` is what Deno said. */
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "outcome"; readonly call: number; readonly outcome: Outcome }
  | { readonly type: "error"; readonly call: number; readonly error: PlainError }
  | { readonly type: "verdict"; readonly call: number; readonly verdict: CheckVerdict }
  | { readonly type: "done"; readonly call: number }
  | { readonly type: "check_health" }
  | { readonly type: "completed"; readonly call: number; readonly values: readonly string[] }
  | { readonly type: "emit"; readonly call: number; readonly chunk: unknown }
  | {
    readonly type: "progress";
    readonly call: number;
    readonly progress: number;
    readonly total: number | undefined;
    readonly message: string | undefined;
  }
  | { readonly type: "span"; readonly call: number; readonly span: CodeSpan }
  | {
    readonly type: "log";
    readonly call: number | undefined;
    readonly level: LogLevel;
    readonly message: string;
    readonly fields: Record<string, unknown> | undefined;
  }
  | {
    readonly type: "port";
    readonly port: number;
    readonly call: number;
    readonly dependency: string;
    readonly request: AgentRequest;
    /** The options that cross as plain data. */
    readonly options: Omit<PortCallOptions, "signal" | "onChunk">;
    readonly streaming: boolean;
  }
  | { readonly type: "port_abort"; readonly port: number; readonly error: PlainError }
  | { readonly type: "port_taken"; readonly port: number };
