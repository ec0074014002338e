/**
 * Traces. `GET /trace/{id}`, `/trace/status`, `/trace/info` and `/trace/stats` are the reference's
 * (registry-protocol §1.11); `POST /trace/spans`, `GET /traces` and `GET /traces/stream` are ours.
 *
 * @module
 */
import { errorText } from "../../runtime/base/errors.ts";
import { BATCH_BYTES_MAX } from "../../runtime/protocol/trace.ts";
import type { TraceStats } from "../../runtime/protocol/trace_view.ts";
import type { Bodies } from "../http/body.ts";
import type { Message } from "../describe/openapi_schemas.ts";
import { type Answered, answeredJson, madeElsewhere } from "../http/answered.ts";
import { problem } from "../http/problem.ts";
import type { RegistryMetrics } from "../base/registry_metrics.ts";
import { completedTrace } from "../trace/assemble.ts";
import { WATCHERS_MAX } from "../trace/live_traces.ts";
import { readBatch } from "../trace/span_batch.ts";
import { TokenBucket } from "../../runtime/base/token_bucket.ts";
import { NEWEST, readTraceCursor, traceList } from "../trace/trace_list.ts";
import { isIn, TRACE_PARAMETERS, traceQuery } from "../trace/trace_query.ts";
import { type MeantTraces, meantTraces } from "../trace/trace_reference.ts";
import { traceStatus } from "../trace/trace_status.ts";
import type { Traces } from "../trace/traces.ts";
import { Fault, limit, NAMESPACE, textAs } from "../base/parameter.ts";
import { BAD_VALUE, refused, UNWRITABLE } from "../describe/operation.ts";
import { NOT_RECEIVED, type Route, route } from "./route.ts";
import { lastEventId, STREAM_ANSWERS } from "./streams.ts";

/** Options for {@linkcode traceRoutes}. */
export interface TraceRoutesOptions {
  traces: Traces;
  bodies: Bodies;
  metrics: RegistryMetrics;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

const LIMIT = { fallback: 20, max: 100 } as const;
/** Ids that are named when several begin as asked. */
const CANDIDATES_MAX = 10;
const HEX_DIGITS = 32;

/** The answer of a route that needs traces, where there are none. */
const NO_TRACES = { about: "Traces are switched off", body: "application/json" } as const;

/** Returns the trace routes. */
export function traceRoutes(options: TraceRoutesOptions): readonly Route[] {
  const { traces } = options;
  const guard = () => traces.config.enabled ? undefined : tracingIsOff();
  return [
    taking(options, guard),
    listing(traces, guard),
    watching(traces, guard),
    oneTrace(options, guard),
    standing(traces, "/trace/status", {}),
    standing(
      traces,
      "/trace/info",
      traces.config.enabled ? {} : { config: "MCP_MESH_DISTRIBUTED_TRACING_ENABLED=false" },
    ),
    route({
      method: "GET",
      path: "/trace/stats",
      about: "What became of spans since this instance started",
      answers: { 200: { about: "Counts", body: "TraceStats" } },
      handler: ({ json }) => json(200, statistics(options)),
    }),
  ];
}

/** Refuses where traces are switched off. */
type TracesGuard = () => Answered<404> | undefined;

/** Returns the reference's answer. */
function tracingIsOff(): Answered<404> {
  return answeredJson(404, { enabled: false, error: "tracing not enabled" });
}

function standing(traces: Traces, path: string, more: { readonly config?: string }): Route {
  return route({
    method: "GET",
    path,
    about: "How tracing stands: settings, and the reading of the Redis stream",
    answers: { 200: { about: "The state", body: "TraceStatus" } },
    handler: ({ json }) => json(200, { ...traceStatus(traces.config, traces.consumer), ...more }),
  });
}

function taking(
  { traces, bodies, metrics, now, log }: TraceRoutesOptions,
  guard: TracesGuard,
): Route {
  const allowance = new TokenBucket(traces.config.maxRate, now);
  return route({
    method: "POST",
    path: "/trace/spans",
    about: "Spans of an agent; up to 1,000, and 1 MiB",
    body: "SpanBatch",
    receive: { bodies, max: BATCH_BYTES_MAX, read: readBatch },
    answers: {
      ...NOT_RECEIVED,
      202: { about: "What was taken is kept", body: "SpanReceipt" },
      400: refused("The body is no batch"),
      404: NO_TRACES,
      429: refused("More spans come in than are taken; try again later"),
      503: UNWRITABLE,
    },
    guard,
    handler: async ({ body: { spans, rejected, reasons, dropped }, json }) => {
      const waitMs = allowance.take(spans.length);
      if (waitMs > 0) {
        return later(429, `more than ${traces.config.maxRate} spans a second come in`, waitMs);
      }
      const kept = spans.length === 0 ? Promise.resolve() : traces.take(spans);
      if (kept === undefined) return later(503, "too many spans wait to be stored", 1_000);
      try {
        await kept;
      } catch (error) {
        log(`could not store spans: ${error}`);
        return later(503, "the registry's database does not take writes", 1_000);
      }
      metrics.countSpans("http", "unusable", rejected);
      metrics.countSpans("http", "dropped", dropped);
      return json(202, {
        accepted: spans.length,
        rejected,
        ...(reasons.length > 0 && { reasons: [...reasons] }),
      });
    },
  });
}

function later<const Status extends 429 | 503>(status: Status, what: string, waitMs: number) {
  const seconds = String(Math.ceil(waitMs / 1_000));
  return problem(status, `${what}; send them again later`, { "Retry-After": seconds });
}

function listing({ store }: Traces, guard: TracesGuard): Route {
  return route({
    method: "GET",
    path: "/traces",
    about: "The traces there are, those with the latest spans first",
    query: {
      ...TRACE_PARAMETERS,
      limit: limit(LIMIT),
      cursor: textAs(
        "`next_cursor` of the page before",
        (given) =>
          readTraceCursor(given) ?? new Fault(`${JSON.stringify(given)} is not from a page before`),
      ),
    },
    answers: {
      200: { about: "The traces", body: "TraceList" },
      400: BAD_VALUE,
      404: NO_TRACES,
    },
    guard,
    handler: async ({ query: { limit, cursor, ...query }, json }) =>
      json(200, await traceList(store, traceQuery(query), limit, cursor ?? NEWEST)),
  });
}

function watching({ live }: Traces, guard: TracesGuard): Route {
  return route({
    method: "GET",
    path: "/traces/stream",
    about: "Traces as they grow: `trace_started`, `trace_update` and `trace_completed`",
    query: TRACE_PARAMETERS,
    answers: { ...STREAM_ANSWERS, 400: BAD_VALUE, 404: NO_TRACES },
    guard,
    handler: async ({ request, query }) => {
      const last = lastEventId(request);
      const stream = await live.watch(
        traceQuery(query),
        /^\d{1,15}$/.test(last) ? Number(last) : undefined,
      );
      return stream !== undefined ? madeElsewhere(stream) : problem(
        503,
        `no more than ${WATCHERS_MAX} watch traces at a time; try again later, or ask /traces`,
        { "Retry-After": "10" },
      );
    },
  });
}

function oneTrace({ traces, log }: TraceRoutesOptions, guard: TracesGuard): Route {
  return route({
    method: "GET",
    path: "/trace/{id}",
    about: "One trace; the beginning of its id is enough",
    query: { namespace: NAMESPACE },
    answers: {
      200: { about: "The trace", body: "CompletedTrace" },
      404: { about: "There is none, or traces are switched off", body: "application/json" },
      409: { about: "Several begin so", body: "AmbiguousTrace" },
      502: refused("It is not here, and Tempo could not be asked"),
    },
    guard,
    handler: async ({ path: { id: asked }, query: { namespace }, json }) => {
      const noTrace = () => json(404, { error: "trace not found", trace_id: asked });
      const beginning = asked.toLowerCase().replaceAll("-", "");
      const isId = /^[0-9a-f]+$/.test(beginning) && beginning.length <= HEX_DIGITS;
      if (!isId) return noTrace();
      let id = beginning;
      if (beginning.length < HEX_DIGITS) {
        const range = { beginning, namespace, max: CANDIDATES_MAX };
        const meant = await meantTraces(traces.store, range);
        const [first] = meant.ids;
        if (meant.more || meant.ids.length > 1) return json(409, severalTraces(asked, meant));
        if (first === undefined) return noTrace();
        id = first;
      }
      try {
        const found = await traces.read(id);
        if (found === undefined || !isIn(namespace, found.spans)) return noTrace();
        return json(200, completedTrace(id, found.spans, found.truncated));
      } catch (error) {
        const reason = errorText(error);
        log(`Tempo could not be asked for a trace: ${reason}`);
        const text = "the trace is not here, and Tempo could not be asked for it";
        return problem(502, `${text}: ${reason}`);
      }
    },
  });
}

function severalTraces(trace_id: string, { ids, more }: MeantTraces): Message<"AmbiguousTrace"> {
  const some = ids.length === 0 ? "too many" : `more than ${ids.length}`;
  const count = more ? some : ids.length;
  const named = ids.length === 0 ? "" : `: ${ids.join(", ")}`;
  const error = `${count} traces begin with ${trace_id}; give more of the id${named}`;
  return { error, trace_id, trace_ids: [...ids] };
}

function statistics({ traces, metrics }: TraceRoutesOptions): TraceStats {
  if (!traces.config.enabled) return { enabled: false, reason: "tracing not initialized" };
  const came = (outcome: "stored" | "unusable" | "dropped") =>
    Object.fromEntries(
      (["http", "redis"] as const).map((
        source,
      ) => [source, metrics.spans.with({ source, outcome }).value]),
    );
  const exported = traces.config.exporters.map(({ type: exporter }) => [
    exporter,
    metrics.exported.with({ exporter, outcome: "exported" }).value,
  ]);
  return {
    enabled: true,
    stats_available: true,
    stats: {
      stored: came("stored"),
      rejected: came("unusable"),
      dropped: came("dropped"),
      exported: Object.fromEntries(exported),
      waiting: Object.fromEntries(traces.waiting()),
    },
  };
}
