/**
 * What one inbound call lends to the agent's code. Whatever costs to find out is found out when it is
 * asked for.
 *
 * @module
 */
import type { Deadline } from "../base/deadline.ts";
import type { TraceContext } from "../protocol/trace_context.ts";
import {
  type CarriedArguments,
  type HeaderAllowList,
  takeCarried,
  traceOf,
} from "../protocol/headers.ts";
import type { CallEnvironment, DependencyPort } from "../boundary/host.ts";
import type { LogLevel } from "../base/log.ts";
import type { LentTool } from "../define/toolbox.ts";
import type { Log } from "../base/log.ts";
import type { OperationManifest } from "../define/manifest.ts";
import type { InboundCall } from "../mcp/agent_server.ts";
import type { AgentMeter } from "./agent_meter.ts";
import type { CodeSpan } from "../protocol/code_span.ts";
import type { CallTrace } from "../tracing/tracer.ts";

const NOTHING: ReadonlyMap<string, DependencyPort> = new Map();

/** What the calls of an agent have in common, and where this one stands. */
export interface InboundOptions {
  readonly allowed: HeaderAllowList;
  readonly log: Log;
  /** Absent when it is not recorded and has nothing to pass on that its caller did not send. */
  readonly trace: CallTrace | undefined;
  readonly meter: AgentMeter;
}

/** What log lines of a call have, so that they can be found. */
export function lineFields(
  { key }: OperationManifest,
  trace: TraceContext | undefined,
): { tool: string; trace?: string } {
  return trace === undefined ? { tool: key } : { tool: key, trace: trace.traceId };
}

/** The environment of one inbound call. */
export class InboundEnvironment implements CallEnvironment {
  /** Set once, before the code runs. */
  dependencies: ReadonlyMap<string, DependencyPort> = NOTHING;
  /** Set with `dependencies`. */
  toolbox: readonly LentTool[] = [];
  readonly #operation: OperationManifest;
  readonly #inbound: InboundCall;
  readonly #deadline: Deadline;
  readonly #options: InboundOptions;
  readonly #carried: CarriedArguments | undefined;
  #headers: Record<string, string> | undefined;

  constructor(
    operation: OperationManifest,
    inbound: InboundCall,
    deadline: Deadline,
    options: InboundOptions,
  ) {
    this.#operation = operation;
    this.#inbound = inbound;
    this.#deadline = deadline;
    this.#options = options;
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
    return this.#headers ??= this.#options.allowed.of(
      this.#inbound.headers,
      this.#carried?.headers,
    );
  }

  get trace(): TraceContext | undefined {
    const { trace } = this.#options;
    return trace === undefined
      ? traceOf(this.#inbound.headers) ?? this.#carried?.trace
      : trace.context;
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
    const span = this.#options.trace?.span;
    if (span !== undefined) span.chunks += 1;
    return this.#inbound.emit(chunk);
  }

  progress(progress: number, total?: number, message?: string): void {
    this.#inbound.progress(progress, total, message);
  }

  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void {
    this.#options.log(level, message, { ...fields, ...lineFields(this.#operation, this.trace) });
    this.#inbound.log?.(level, message, fields);
  }

  record(span: CodeSpan): void {
    this.#options.meter.ended(span);
    this.#options.trace?.span?.record(span);
  }
}
