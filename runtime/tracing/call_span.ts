/**
 * The spans of a call: one for what an agent was asked, one for each thing it asks of others.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { MeshError } from "../base/errors.ts";
import type { TraceContext } from "../protocol/trace_context.ts";
import { errorOf, type Outcome } from "../boundary/result.ts";
import { newSpanId, spanIdOf } from "../protocol/trace_id.ts";
import { type SpanError, type SpanInput, SpanSchema } from "../protocol/trace.ts";
import type { CodeSpan } from "../protocol/code_span.ts";
import type { SpanClock } from "../base/span_clock.ts";
import { cutText } from "../base/cut_text.ts";

/** What spans need to be recorded. */
export interface SpanRecorder {
  readonly clock: SpanClock;
  /** Takes a span that has ended. */
  offer(span: SpanInput): void;
}

/** What is known of a call to an agent when it begins. */
export interface ServerSpanBegin {
  readonly traceId: string;
  readonly parentSpanId: string | undefined;
  /** What is passed on of the trace beside its ids. */
  readonly state: string | undefined;
  readonly name: string;
  readonly capability: string | undefined;
  readonly requestBytes: number | undefined;
}

/** Longest text of a failure that is kept in memory, in characters; readers cut shorter. */
const ERROR_TEXT_MAX = 4_096;

/** Where that stands which is done below a new span. */
function contextOf(traceId: string, state: string | undefined): ServerSpan["context"] {
  const parentSpanId = newSpanId();
  return state === undefined ? { traceId, parentSpanId } : { traceId, parentSpanId, state };
}

/** A call that an agent answers. */
export class ServerSpan {
  /** Where that stands which is done during the call. */
  readonly context: TraceContext & { readonly parentSpanId: string };
  /** Chunks passed on. */
  chunks = 0;
  readonly #recorder: SpanRecorder;
  readonly #begin: ServerSpanBegin;
  readonly #start: number;

  constructor(recorder: SpanRecorder, begin: ServerSpanBegin) {
    this.#recorder = recorder;
    this.#begin = begin;
    this.#start = recorder.clock.micros();
    this.context = contextOf(begin.traceId, begin.state);
  }

  /**
   * Begins a call to another agent.
   *
   * @param parentSpanId A span of the agent's code. @default the call itself
   */
  client(name: string, capability: string | undefined, parentSpanId?: string): ClientSpan {
    // Agent code may send anything.
    const given = parentSpanId === undefined ? undefined : spanIdOf(parentSpanId);
    const context = given === undefined ? this.context : { ...this.context, parentSpanId: given };
    return new ClientSpan(this.#recorder, context, name, capability);
  }

  /** Takes a span of the agent's code; one that cannot be used is left out. */
  record({ span_id, parent_span_id, ...span }: CodeSpan): void {
    const { traceId, parentSpanId } = this.context;
    // It comes from code that may send anything.
    const read = SpanSchema.safeParse({
      ...span,
      trace_id: traceId,
      span_id: span_id ?? newSpanId(),
      parent_span_id: parent_span_id ?? parentSpanId,
    });
    if (read.success) this.#recorder.offer(read.data);
  }

  /** It was answered. */
  answered(outcome: Outcome): void {
    const bytes = outcome.kind === "value" ? Buffer.byteLength(outcome.json) : undefined;
    this.#end(errorOf(outcome), bytes);
  }

  /** It failed. */
  failed(error: MeshError): void {
    this.#end(error, undefined);
  }

  #end(error: MeshError | undefined, responseBytes: number | undefined): void {
    const { clock } = this.#recorder;
    const { traceId, parentSpanId, name, capability, requestBytes } = this.#begin;
    this.#recorder.offer({
      trace_id: traceId,
      span_id: this.context.parentSpanId,
      parent_span_id: parentSpanId,
      name,
      kind: "server",
      start_us: this.#start,
      duration_us: clock.micros() - this.#start,
      error: error && spanError(error),
      capability,
      request_bytes: requestBytes,
      response_bytes: responseBytes,
      chunks: this.chunks === 0 ? undefined : this.chunks,
    });
  }
}

/** A call to another agent. */
export class ClientSpan {
  /** What the other agent is told. */
  readonly context: TraceContext & { readonly parentSpanId: string };
  /** How often it was sent. */
  attempts = 0;
  /** The agent it was sent to last. */
  targetAgent: string | undefined;
  /** What it was last sent for. */
  name: string;
  /** Bytes of the request and the answer, as far as they were seen. */
  requestBytes: number | undefined;
  responseBytes: number | undefined;
  chunks = 0;
  readonly #recorder: SpanRecorder;
  readonly #parentSpanId: string;
  readonly #capability: string | undefined;
  readonly #start: number;

  constructor(
    recorder: SpanRecorder,
    { traceId, parentSpanId, state }: ServerSpan["context"],
    name: string,
    capability: string | undefined,
  ) {
    this.#recorder = recorder;
    this.#parentSpanId = parentSpanId;
    this.name = name;
    this.#capability = capability;
    this.#start = recorder.clock.micros();
    this.context = contextOf(traceId, state);
  }

  /** It is sent, maybe again. */
  sentTo(agentId: string, name: string): void {
    this.attempts += 1;
    this.targetAgent = agentId;
    this.name = name;
  }

  /** It is over. @param error What it failed with. */
  end(error?: MeshError): void {
    const { traceId, parentSpanId } = this.context;
    this.#recorder.offer({
      trace_id: traceId,
      span_id: parentSpanId,
      parent_span_id: this.#parentSpanId,
      name: this.name,
      kind: "client",
      start_us: this.#start,
      duration_us: this.#recorder.clock.micros() - this.#start,
      error: error && spanError(error),
      capability: this.#capability,
      target_agent: this.targetAgent,
      request_bytes: this.requestBytes,
      response_bytes: this.responseBytes,
      attempts: this.attempts > 1 ? this.attempts : undefined,
      chunks: this.chunks === 0 ? undefined : this.chunks,
    });
  }
}

function spanError({ code, message }: MeshError): SpanError {
  return { code, message: cutText(message, ERROR_TEXT_MAX) };
}
