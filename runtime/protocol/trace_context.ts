/**
 * The place of a call in its trace (W3C Trace Context).
 *
 * @module
 */

/** Where a call stands in its trace. Ids are W3C Trace Context: 32 and 16 lower-case hex digits. */
export interface TraceContext {
  readonly traceId: string;
  /** The span that what is done now belongs below. */
  readonly parentSpanId?: string;
  /** Whether spans of the trace are recorded. @default {true} */
  readonly sampled?: boolean;
  /** What tracing systems on the way have to say (W3C Trace Context §3.3); passed on as it is. */
  readonly state?: string;
}
