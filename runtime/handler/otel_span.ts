/**
 * A span of agent code, measured through `@opentelemetry/api`.
 *
 * @module
 */
import type {
  Attributes,
  AttributeValue,
  Exception,
  Link,
  Span,
  SpanContext,
  SpanStatus,
  TimeInput,
} from "@opentelemetry/api";
import type { CodeSpan } from "../protocol/code_span.ts";
import type { SpanClock } from "../base/span_clock.ts";

/** Kinds by OpenTelemetry's numbers. */
const KINDS = ["internal", "server", "client", "producer", "consumer"] as const;
/** The status of a span that failed (OpenTelemetry `SpanStatusCode.ERROR`). */
const ERROR = 2;

/** What a span begins with. */
export interface RecordedSpanBegin {
  readonly name: string;
  readonly context: SpanContext;
  readonly parentSpanId: string;
  readonly kind: number;
  readonly startTime: TimeInput | undefined;
  readonly attributes: Attributes;
  readonly clock: SpanClock;
  /** Takes it when it has ended. */
  readonly record: (span: CodeSpan) => void;
}

/** A span that is recorded. */
export class RecordedSpan implements Span {
  readonly #begin: RecordedSpanBegin;
  readonly #start: number;
  readonly #attributes: Record<string, string | number | boolean> = {};
  #name: string;
  #status: SpanStatus | undefined;
  #exception: string | undefined;
  #ended = false;

  constructor(begin: RecordedSpanBegin) {
    this.#begin = begin;
    this.#name = begin.name;
    this.#start = microsOf(begin.startTime, begin.clock);
    this.setAttributes(begin.attributes);
  }

  /** Where spans that are not given another place stand: takes what ends below it. */
  get record(): (span: CodeSpan) => void {
    return this.#begin.record;
  }

  spanContext(): SpanContext {
    return this.#begin.context;
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#attributes[key] = Array.isArray(value) ? JSON.stringify(value) : scalar(value);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined) this.setAttribute(key, value);
    }
    return this;
  }

  /** Events have no place in the mesh's traces; an exception is the span's failure. */
  addEvent(): this {
    return this;
  }

  addLink(_link: Link): this {
    return this;
  }

  addLinks(_links: Link[]): this {
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.#status = status;
    return this;
  }

  updateName(name: string): this {
    this.#name = name;
    return this;
  }

  isRecording(): boolean {
    return !this.#ended;
  }

  recordException(exception: Exception): void {
    this.#exception = typeof exception === "string" ? exception : exception.message;
  }

  end(endTime?: TimeInput): void {
    if (this.#ended) return;
    this.#ended = true;
    const { context, parentSpanId, kind, clock, record } = this.#begin;
    const failed = this.#status?.code === ERROR;
    record({
      span_id: context.spanId,
      parent_span_id: parentSpanId,
      name: this.#name,
      kind: KINDS[kind] ?? "internal",
      start_us: this.#start,
      duration_us: Math.max(0, microsOf(endTime, clock) - this.#start),
      ...(failed && { error: { message: this.#status?.message ?? this.#exception ?? "" } }),
      attributes: this.#attributes,
    });
  }
}

function scalar(value: Exclude<AttributeValue, unknown[]>): string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" ? value : String(value);
}

/** A time as OpenTelemetry's interfaces take it, in microseconds since the epoch. */
function microsOf(time: TimeInput | undefined, clock: SpanClock): number {
  if (time === undefined) return clock.micros();
  if (time instanceof Date) return time.getTime() * 1_000;
  if (Array.isArray(time)) return Math.round(time[0] * 1e6 + time[1] / 1e3);
  // Small ones are of performance.now().
  const ms = time < performance.timeOrigin ? performance.timeOrigin + time : time;
  return Math.round(ms * 1_000);
}
