/**
 * Spans that agent code measures through `@opentelemetry/api`, as part of the call they are measured
 * in.
 *
 * Deno's own provider (`OTEL_DENO=true`) sends what it gets to an OTLP endpoint, past the mesh's
 * traces and with a network connection that a sandbox need not have. So the runtime registers a small
 * provider of its own, whose spans go where those of calls go. Where Deno's is on, it stays.
 *
 * @module
 */
import type { Context, Span, SpanContext, SpanOptions, Tracer } from "@opentelemetry/api";
import type { CallEnvironment, PortCallOptions } from "../boundary/host.ts";
import { newSpanId } from "../protocol/trace_id.ts";
import type { CodeSpan } from "../protocol/code_span.ts";
import { Contexts, spanOf, withSpan } from "./otel_context.ts";
import { RecordedSpan } from "./otel_span.ts";
import { SpanClock } from "../base/span_clock.ts";

/**
 * Where `@opentelemetry/api` looks for providers, and the version it is told: its own must not be
 * newer. Deno registers its providers in the same way.
 */
const GLOBAL = Symbol.for("opentelemetry.js.api.1");
const VERSION = "1.999.999";
/** Of a trace that is recorded (W3C Trace Context). */
const SAMPLED = 1;
const NO_SPAN: SpanContext = {
  traceId: "0".repeat(32),
  spanId: "0".repeat(16),
  traceFlags: 0,
};

// The interface of OpenTelemetry is one of the whole process, so what stands behind it is as well.
const contexts = new Contexts();
const clock = new SpanClock();

/** A span that stands for the call, or for none: what it is given is not kept. */
class PlaceSpan implements Span {
  readonly #context: SpanContext;
  /** Takes spans that end below it. */
  readonly record: ((span: CodeSpan) => void) | undefined;

  constructor(context: SpanContext, record?: (span: CodeSpan) => void) {
    this.#context = context;
    this.record = record;
  }

  spanContext(): SpanContext {
    return this.#context;
  }
  setAttribute(): this {
    return this;
  }
  setAttributes(): this {
    return this;
  }
  addEvent(): this {
    return this;
  }
  addLink(): this {
    return this;
  }
  addLinks(): this {
    return this;
  }
  setStatus(): this {
    return this;
  }
  updateName(): this {
    return this;
  }
  end(): void {}
  isRecording(): boolean {
    return false;
  }
  recordException(): void {}
}

const tracer: Tracer = {
  startSpan(name, options = {}, context = contexts.active()) {
    const parent = spanOf(context);
    const isOurs = parent instanceof RecordedSpan || parent instanceof PlaceSpan;
    const record = isOurs ? parent.record : undefined;
    // Outside of a call that is recorded there is no trace to be part of.
    if (parent === undefined || record === undefined || options.root === true) {
      return new PlaceSpan(parent?.spanContext() ?? NO_SPAN);
    }
    const { traceId, spanId } = parent.spanContext();
    return new RecordedSpan({
      name,
      context: { traceId, spanId: newSpanId(), traceFlags: SAMPLED },
      parentSpanId: spanId,
      kind: options.kind ?? 0,
      startTime: options.startTime,
      attributes: options.attributes ?? {},
      clock,
      record,
    });
  },
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    // The function is last; what comes before it may be left out.
    const run = rest.at(-1) as F;
    const options = rest.length > 1 ? rest[0] as SpanOptions : {};
    const context = rest.length > 2 ? rest[1] as Context : contexts.active();
    const span = tracer.startSpan(name, options, context);
    return contexts.with(withSpan(context, span), () => run(span) as ReturnType<F>);
  },
};

/** Registers the provider for `@opentelemetry/api`, unless there is one. */
export function registerOpenTelemetry(scope: object = globalThis): void {
  if (GLOBAL in scope) return;
  const provider = { getTracer: () => tracer };
  Object.assign(scope, { [GLOBAL]: { version: VERSION, trace: provider, context: contexts } });
}

/** Runs code of a call; spans that it measures stand below the call's, if that is recorded. */
export function withinCall<T>(environment: CallEnvironment, run: () => T): T {
  const { trace } = environment;
  if (trace?.parentSpanId === undefined || trace.sampled === false) return run();
  const { traceId, parentSpanId } = trace;
  const place = new PlaceSpan(
    { traceId, spanId: parentSpanId, traceFlags: SAMPLED },
    (span) => environment.record(span),
  );
  return contexts.with(withSpan(contexts.active(), place), run);
}

/** Options of a call that is made within a span of the agent's code. */
export function ofCurrentSpan(): Pick<PortCallOptions, "parentSpanId"> {
  const span = spanOf(contexts.active());
  return span instanceof RecordedSpan ? { parentSpanId: span.spanContext().spanId } : NOTHING;
}

const NOTHING = {};
