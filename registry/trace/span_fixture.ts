/**
 * Spans as agents send them, for tests.
 *
 * @module
 */
import {
  type Span,
  type SpanAgent,
  SpanAgentSchema,
  type SpanBatchInput,
  type SpanInput,
  SpanSchema,
} from "../../runtime/protocol/trace.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";

/** When test traces begin, microseconds since the epoch: 2026-01-01. */
export const BEGIN_US = 1_767_225_600_000_000;

/** A trace id that is easy to read: `t` and a number become hex digits. */
export function traceId(number: number): string {
  return number.toString(16).padStart(4, "0").padEnd(31, "0") + "a";
}

/** A span id that is easy to read. */
export function spanId(number: number): string {
  return "f".padEnd(16 - number.toString(16).length, "0") + number.toString(16);
}

/** An agent, by default of this runtime. */
export function spanAgent(name: string, facts: Partial<SpanAgent> = {}): SpanAgent {
  return SpanAgentSchema.parse({
    id: `${name}-1eaedb6c`,
    name,
    runtime: "deno",
    version: "1.0.0",
    ...facts,
  });
}

/** What {@linkcode measured} may be told; times are milliseconds after {@linkcode BEGIN_US}. */
export interface SpanFacts extends Omit<Partial<SpanInput>, "trace_id" | "span_id"> {
  trace?: number;
  id: number;
  parent?: number;
  agent?: string;
  at?: number;
  ms?: number;
}

/** One span as it is sent. */
export function spanInput(facts: SpanFacts): SpanInput {
  const { trace = 1, id, parent, agent: _, at = 0, ms = 10, ...rest } = facts;
  return {
    trace_id: traceId(trace),
    span_id: spanId(id),
    ...(parent !== undefined && { parent_span_id: spanId(parent) }),
    name: "search",
    kind: "server",
    start_us: BEGIN_US + at * 1_000,
    duration_us: ms * 1_000,
    ...rest,
  };
}

/** One span as it is read. */
export function measured(facts: SpanFacts): MeasuredSpan {
  const span: Span = SpanSchema.parse(spanInput(facts));
  return { span, agent: spanAgent(facts.agent ?? "flight-agent") };
}

/** A batch of one agent, as it is sent. */
export function batch(agent: string, spans: readonly SpanFacts[]): SpanBatchInput {
  return { agent: spanAgent(agent), spans: spans.map(spanInput) };
}
