/**
 * What one inbound call lends to the agent's code. Whatever costs to find out is found out when it is
 * asked for.
 *
 * @module
 */
import type { Deadline } from "./deadline.ts";
import type { TraceContext } from "./handler_context.ts";
import { type CarriedArguments, type HeaderAllowList, takeCarried, traceOf } from "./headers.ts";
import type { CallEnvironment, DependencyPort, LogLevel } from "./host/host.ts";
import type { LentTool } from "./llm/toolbox.ts";
import type { Log } from "./log.ts";
import type { OperationManifest } from "./manifest.ts";
import type { InboundCall } from "./mcp/agent_server.ts";

const NOTHING: ReadonlyMap<string, DependencyPort> = new Map();

/** The environment of one inbound call. */
export class InboundEnvironment implements CallEnvironment {
  /** Set once, before the code runs. */
  dependencies: ReadonlyMap<string, DependencyPort> = NOTHING;
  /** Set with `dependencies`. */
  toolbox: readonly LentTool[] = [];
  readonly #operation: OperationManifest;
  readonly #inbound: InboundCall;
  readonly #deadline: Deadline;
  readonly #allowed: HeaderAllowList;
  readonly #log: Log;
  readonly #carried: CarriedArguments | undefined;
  #headers: Record<string, string> | undefined;

  constructor(
    operation: OperationManifest,
    inbound: InboundCall,
    deadline: Deadline,
    allowed: HeaderAllowList,
    log: Log,
  ) {
    this.#operation = operation;
    this.#inbound = inbound;
    this.#deadline = deadline;
    this.#allowed = allowed;
    this.#log = log;
    this.#carried = takeCarried(inbound.args);
  }

  /** The arguments for the tool. */
  get args(): Record<string, unknown> {
    return this.#carried?.args ?? this.#inbound.args;
  }

  get signal(): AbortSignal {
    return this.#deadline.signal;
  }

  get headers(): Record<string, string> {
    return this.#headers ??= this.#allowed.of(this.#inbound.headers, this.#carried?.headers);
  }

  get trace(): TraceContext | undefined {
    return traceOf(this.#inbound.headers) ?? this.#carried?.trace;
  }

  get client() {
    return this.#inbound.client;
  }

  get answers() {
    return this.#inbound.answers;
  }

  get chunks() {
    return this.#inbound.chunks;
  }

  emit(chunk: unknown): Promise<void> {
    if (this.#inbound.streamsOn) this.#deadline.lift();
    return this.#inbound.emit(chunk);
  }

  progress(progress: number, total?: number, message?: string): void {
    this.#inbound.progress(progress, total, message);
  }

  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void {
    this.#log(level, message, { ...fields, tool: this.#operation.key });
    this.#inbound.log?.(level, message, fields);
  }
}
