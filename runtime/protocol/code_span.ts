/**
 * Spans that agent code measures itself: calls to language models, and what it measures through
 * `@opentelemetry/api`. They cross from a sandbox as plain data; the trusted side says whose they are.
 *
 * @module
 */
import type { SpanInput } from "./trace.ts";

/** A span of agent code that has ended. */
export type CodeSpan =
  & Omit<
    SpanInput,
    "trace_id" | "span_id" | "parent_span_id" | "capability" | "target_agent" | "attempts"
  >
  & {
    /** One that nobody has used. @default a new one */
    readonly span_id?: string;
    /** Another span of the same call. @default the span of the call */
    readonly parent_span_id?: string;
  };
