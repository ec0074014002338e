/**
 * Decides which calls to an agent are recorded, and where they stand in their traces.
 *
 * @module
 */
import type { TraceContext } from "../protocol/trace_context.ts";
import { carriedTrace, traceOf } from "../protocol/headers.ts";
import type { OperationManifest } from "../define/manifest.ts";
import { newSpanId, newTraceId } from "../protocol/trace_id.ts";
import { parentOf } from "../protocol/trace.ts";
import { ServerSpan, type SpanRecorder } from "./call_span.ts";

/** The part of a trace id that is random (W3C Trace Context Level 2 §3.2.2.3): its last 56 bits. */
const RANDOM_DIGITS = 14;
/** How many ids that part can tell apart. */
const RANDOM_IDS = 2 ** (4 * RANDOM_DIGITS);

/**
 * Which calls are recorded: `off` none, `asked` those whose caller says that the trace is recorded,
 * `on` besides those that nobody has decided about, by ratio.
 */
export type TracingMode = "off" | "asked" | "on";

/** What decides. */
export interface TracerOptions extends SpanRecorder {
  readonly mode: Exclude<TracingMode, "off">;
  /** How many of the traces that begin here are recorded, 0 to 1. */
  readonly ratio: number;
}

/** A call as it came. */
export interface TracedCall {
  readonly headers: Headers;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Where a call stands, and its span if it is recorded. */
export interface CallTrace {
  readonly context: TraceContext;
  readonly span: ServerSpan | undefined;
}

/** Begins the spans of one agent. */
export class Tracer {
  readonly #options: TracerOptions;

  constructor(options: TracerOptions) {
    this.#options = options;
  }

  /** A call begins; `undefined` where there is nothing to record and nothing to pass on. */
  begin(operation: OperationManifest, { headers, args }: TracedCall): CallTrace | undefined {
    const { mode, ratio } = this.#options;
    const inbound = traceOf(headers) ?? carriedTrace(args);
    if (inbound === undefined && mode === "asked") return undefined;
    // Whoever was told not to record tells the next, who would otherwise begin a trace.
    if (inbound?.sampled === false) return { context: inbound, span: undefined };
    const traceId = inbound?.traceId ?? newTraceId();
    if (inbound === undefined && !isSampled(traceId, ratio)) {
      const context = { traceId, parentSpanId: newSpanId(), sampled: false };
      return { context, span: undefined };
    }
    const span = new ServerSpan(this.#options, {
      traceId,
      // The id of the new span is not known yet; it is not the caller's.
      parentSpanId: parentOf(traceId, "", inbound?.parentSpanId),
      state: inbound?.state,
      name: operation.key,
      capability: capabilityOf(operation),
      requestBytes: lengthOf(headers),
    });
    return { context: span.context, span };
  }
}

function capabilityOf(operation: OperationManifest): string | undefined {
  return "capability" in operation && typeof operation.capability === "string"
    ? operation.capability
    : undefined;
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null ? undefined : Number(length) || undefined;
}

/**
 * Decides by the trace's id whether a trace that nobody has decided about is recorded, so that all who
 * see it decide alike (OpenTelemetry's TraceIdRatioBased sampler).
 *
 * @param traceId 32 hex digits.
 * @param ratio How many of all traces are, 0 to 1.
 */
export function isSampled(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  if (ratio <= 0) return false;
  // Beyond 53 bits the number is rounded, which a ratio does not notice.
  return Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) >= RANDOM_IDS * (1 - ratio);
}
