/**
 * Which traces are looked for. Pure.
 *
 * @module
 */
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import type { TraceSummary } from "../../runtime/protocol/trace_view.ts";
import { parseDuration } from "../base/duration.ts";
import {
  Fault,
  NAMESPACE,
  type QueryParameters,
  text,
  textAs,
  type Values,
} from "../base/parameter.ts";
import { DEFAULT_NAMESPACE, mayHave, type SpanDigest } from "./span_digest.ts";

/** Which traces are looked for; what is absent does not matter. */
export interface TraceQuery {
  /** Name or id of an agent that took part. */
  agent?: string;
  /** A tool, route or the like that ran, or was called. */
  operation?: string;
  /** Whether something of it failed. */
  error?: boolean;
  /** Shortest time from the first begin to the last end, milliseconds. */
  minDurationMs?: number;
  /** Where its agents are. */
  namespace?: string;
}

/** The parameters of a query for traces. */
export const TRACE_PARAMETERS = {
  agent: text("Name or id of an agent that took part"),
  operation: text("A tool, route or the like that ran"),
  error: textAs(
    "Whether something of it failed",
    (given) =>
      given === "true" || given === "false"
        ? given === "true"
        : new Fault(`${JSON.stringify(given)} is not true or false`),
    "boolean",
  ),
  min_duration: textAs(
    "Shortest time from the first begin to the last end: seconds, or such as `250ms`",
    (given) =>
      parseDuration(given) ??
        new Fault(`${JSON.stringify(given)} is no duration, such as 250ms or 1.5s`),
  ),
  namespace: NAMESPACE,
} as const satisfies QueryParameters;

/** Returns the search that a query asks for. */
export function traceQuery(
  { agent, operation, error, min_duration, namespace }: Values<typeof TRACE_PARAMETERS>,
): TraceQuery {
  return {
    ...(agent !== undefined && { agent }),
    ...(operation !== undefined && { operation }),
    ...(error !== undefined && { error }),
    ...(min_duration !== undefined && { minDurationMs: min_duration }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** Whether a trace with some spans of this digest may be looked for. */
export function mayFit({ agent, operation, error, namespace }: TraceQuery, digest: SpanDigest) {
  return (agent === undefined || mayHave(digest.a, agent)) &&
    (operation === undefined || mayHave(digest.o, operation)) &&
    (namespace === undefined || mayHave(digest.n, namespace)) &&
    (error !== true || digest.e);
}

/** Whether a trace is looked for. */
export function fits(
  { agent, operation, error, minDurationMs, namespace }: TraceQuery,
  { has_error, duration_ms = 0 }: TraceSummary,
  measured: readonly MeasuredSpan[],
): boolean {
  return (error === undefined || error === has_error) &&
    (minDurationMs === undefined || duration_ms >= minDurationMs) &&
    (agent === undefined ||
      measured.some(({ agent: { id, name } }) => agent === id || agent === name)) &&
    (operation === undefined || measured.some(({ span }) => span.name === operation)) &&
    isIn(namespace, measured);
}

/** Whether a trace touches a namespace; `undefined` is all of them. */
export function isIn(namespace: string | undefined, measured: readonly MeasuredSpan[]): boolean {
  return namespace === undefined ||
    measured.some(({ agent }) => (agent.namespace ?? DEFAULT_NAMESPACE) === namespace);
}
