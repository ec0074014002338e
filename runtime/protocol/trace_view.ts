/**
 * Traces as a registry shows them. `GET /trace/{id}` and `GET /trace/status` are the reference's, in
 * its field names (registry-protocol §1.11), with fields of ours added; `GET /traces` and
 * `GET /traces/stream` are our additions, in the shape of its dashboard's live snapshots.
 *
 * @module
 */
import * as z from "zod";

const text = z.string().nullish();
const number = z.number().nullish();

/** One span of a trace. Times are RFC 3339 with microseconds, so that texts sort as times do. */
export const TraceSpanSchema = z.object({
  TraceID: z.string(),
  SpanID: z.string(),
  ParentSpan: text,
  AgentName: z.string(),
  AgentID: z.string(),
  IPAddress: z.string(),
  /**
   * What was done. Begins with `proxy_call_wrapper` or `_internal_` for what a tree leaves out: calls
   * whose other end is a span of the trace too, and calls to a model.
   */
  Operation: z.string(),
  StartTime: z.string(),
  /** `null` while it runs. */
  EndTime: text,
  /** Whole milliseconds. */
  DurationMS: number,
  /** `null` while it runs. */
  Success: z.boolean().nullish(),
  ErrorMessage: text,
  Capability: text,
  TargetAgent: text,
  Runtime: text,
  // What follows is ours; the reference's registry does not say it.
  /** What the span was sent as. */
  Name: z.string().optional(),
  Kind: z.string().optional(),
  DurationUS: z.number().optional(),
  ErrorCode: z.string().optional(),
  AgentVersion: z.string().optional(),
  Namespace: z.string().optional(),
  RequestBytes: z.number().optional(),
  ResponseBytes: z.number().optional(),
  Attempts: z.number().optional(),
  Chunks: z.number().optional(),
  LLMModel: z.string().optional(),
  LLMProvider: z.string().optional(),
  InputTokens: z.number().optional(),
  OutputTokens: z.number().optional(),
  Attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
/** One span of a trace. */
export type TraceSpan = z.output<typeof TraceSpanSchema>;

/** Answer to `GET /trace/{id}`. */
export const CompletedTraceSchema = z.object({
  TraceID: z.string(),
  /** By begin. */
  Spans: z.array(TraceSpanSchema).nullable().transform((spans) => spans ?? []),
  StartTime: z.string(),
  EndTime: z.string(),
  /** Nanoseconds from the first begin to the last end. */
  Duration: z.number(),
  /** No span of it failed. */
  Success: z.boolean(),
  SpanCount: z.number(),
  AgentCount: z.number(),
  Agents: z.array(z.string()).nullable().transform((agents) => agents ?? []),
  /** Whether nothing is missing, as far as can be told: no span runs, each parent is there. Ours. */
  Complete: z.boolean().optional(),
  /** There is more of it than is shown. Ours. */
  Truncated: z.boolean().optional(),
});
/** Answer to `GET /trace/{id}`. */
export type CompletedTrace = z.output<typeof CompletedTraceSchema>;

/** Answer to `GET /trace/{id}`, 409, when several traces begin so. */
export const AmbiguousTraceSchema = z.object({
  error: z.string(),
  trace_id: z.string(),
  /** Some of those that begin so. */
  trace_ids: z.array(z.string()),
});

/** A trace in a few words. */
export const TraceSummarySchema = z.object({
  trace_id: z.string(),
  root_agent: z.string().optional(),
  root_operation: z.string().optional(),
  start_time: z.string(),
  /** Nothing of it runs any more, as far as can be told. */
  completed: z.boolean(),
  /** Fractions of a millisecond count. */
  duration_ms: z.number().optional(),
  has_error: z.boolean(),
  /** Text of the failure nearest to the root. */
  error: z.string().optional(),
  span_count: z.number(),
  agents: z.array(z.string()),
});
/** A trace in a few words. */
export type TraceSummary = z.output<typeof TraceSummarySchema>;

/** Answer to `GET /traces`: those with the latest spans first. */
export const TraceListSchema = z.object({
  traces: z.array(TraceSummarySchema),
  count: z.number(),
  /** What to give as `cursor` for older ones; `null` when there are none. */
  next_cursor: z.string().nullable(),
});
/** Answer to `GET /traces`. */
export type TraceList = z.output<typeof TraceListSchema>;

/** A trace as it grows: the data of `trace_started`, `trace_update` and `trace_completed`. */
export const TraceSnapshotSchema = TraceSummarySchema.extend({
  spans: z.array(z.object({
    span_id: z.string(),
    /** The nearest span above it that a tree shows. */
    effective_parent: z.string().optional(),
    agent_name: z.string(),
    operation: z.string(),
    start_time: z.string(),
    duration_ms: z.number().optional(),
    success: z.boolean().optional(),
    error: z.string().optional(),
    runtime: z.string().optional(),
  })),
});
/** A trace as it grows. */
export type TraceSnapshot = z.output<typeof TraceSnapshotSchema>;

/** How the registry's reading of the Redis stream stands. */
export const TraceConsumerSchema = z.object({
  enabled: z.boolean(),
  running: z.boolean(),
  consuming: z.boolean(),
  connection_state: z.string(),
  stream_name: z.string(),
  consumer_group: z.string(),
  consumer_name: z.string(),
  retry_count: z.number(),
  last_error: z.string().optional(),
  last_error_time: z.string().optional(),
});
/** How the registry's reading of the Redis stream stands. */
export type TraceConsumerStatus = z.output<typeof TraceConsumerSchema>;

/** Answer to `GET /trace/status` and `GET /trace/info`. */
export const TraceStatusSchema = z.object({
  enabled: z.boolean(),
  /** Why not, when not enabled. */
  reason: z.string().optional(),
  exporter_type: z.string().optional(),
  /** Spans are passed on one by one, not collected to traces first. */
  stream_through_mode: z.boolean().optional(),
  /** Settings, without secrets; durations are nanoseconds, as the reference has them. */
  config: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  consumer: TraceConsumerSchema.optional(),
});
/** Answer to `GET /trace/status` and `GET /trace/info`. */
export type TraceStatus = z.output<typeof TraceStatusSchema>;

/** Answer to `GET /trace/stats`: what became of spans since this instance started. */
export const TraceStatsSchema = z.object({
  enabled: z.boolean(),
  stats_available: z.boolean().optional(),
  reason: z.string().optional(),
  stats: z.object({
    stored: z.record(z.string(), z.number()),
    rejected: z.record(z.string(), z.number()),
    dropped: z.record(z.string(), z.number()),
    exported: z.record(z.string(), z.number()),
    waiting: z.record(z.string(), z.number()),
  }).optional(),
});
/** Answer to `GET /trace/stats`. */
export type TraceStats = z.output<typeof TraceStatsSchema>;
