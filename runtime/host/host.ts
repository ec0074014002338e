/**
 * The line between the trusted runtime and agent code. Everything that crosses it is in this file:
 * the trusted side asks a {@linkcode Host} to invoke a tool and lends it a {@linkcode CallEnvironment};
 * the code behind the host may be in this thread or in a sandboxed worker.
 *
 * @module
 */
import type { CheckVerdict } from "../agent.ts";
import type { Target } from "../dependency.ts";
import type { AgentManifest } from "../manifest.ts";
import type { Outcome } from "../mcp/result.ts";
import type { TraceContext } from "../tool.ts";

/** Levels of a log line, quietest first. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Options of one call through a {@linkcode DependencyPort}. */
export interface PortCallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gets each streamed chunk, in order; the next one is not read before it resolves. */
  readonly onChunk?: (chunk: unknown) => Promise<void>;
}

/** One wired dependency, as the trusted side lends it to a call. */
export interface DependencyPort {
  readonly target: Target;
  /**
   * Calls a tool of the provider.
   *
   * @param tool A tool of the provider; the one the dependency resolved to when `undefined`.
   * @throws {MeshError} As `DependencyClient`.
   */
  call(
    tool: string | undefined,
    args: Record<string, unknown>,
    options: PortCallOptions,
  ): Promise<unknown>;
}

/** What the trusted side lends to one call. */
export interface CallEnvironment {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly trace: TraceContext | undefined;
  /** The dependencies that are wired right now, by the name the handler knows them under. */
  readonly dependencies: ReadonlyMap<string, DependencyPort>;
  /** Passes one chunk of a streaming tool on; resolves when the reader took it. */
  emit(chunk: unknown): Promise<void>;
  progress(progress: number, total?: number, message?: string): void;
  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
}

/** Which of an agent's checks to run. */
export type CheckKind = "health" | "startup";

/** Agent code, ready to be called. */
export interface Host extends AsyncDisposable {
  /** What the agent says about itself right now. */
  readonly manifest: AgentManifest;
  /** Runs `listener` whenever the manifest changed, until the returned function is called. */
  onManifest(listener: () => void): () => void;
  /**
   * Runs a tool once.
   *
   * @param tool A tool of the manifest.
   * @param args Its arguments, as they came.
   * @throws {MeshError} Always a MeshError: `bad_input`, `bad_output`, `tool_failed`,
   * `permission_denied`, `host_crashed`, `not_found`, or what a dependency failed with.
   */
  invoke(tool: string, args: unknown, environment: CallEnvironment): Promise<Outcome>;
  /** Runs a check of the agent; a check that throws is `degraded`, no check is `healthy`. */
  check(kind: CheckKind): Promise<CheckVerdict>;
}
