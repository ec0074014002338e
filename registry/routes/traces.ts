/**
 * Traces. `GET /trace/{id}`, `/trace/status`, `/trace/info` and `/trace/stats` are the reference's
 * (registry-protocol §1.11); `POST /trace/spans`, `GET /traces` and `GET /traces/stream` are ours.
 *
 * @module
 */
import type { Hono } from "hono";
import { errorText } from "../../runtime/base/errors.ts";
import { BATCH_BYTES_MAX, type SpanReceipt } from "../../runtime/protocol/trace.ts";
import type { TraceStats } from "../../runtime/protocol/trace_view.ts";
import type { Bodies } from "../http/body.ts";
import { badParameter, problem } from "../http/problem.ts";
import type { RegistryMetrics } from "../base/registry_metrics.ts";
import { completedTrace } from "../trace/assemble.ts";
import { WATCHERS_MAX } from "../trace/live_traces.ts";
import { readBatch } from "../trace/span_batch.ts";
import { TokenBucket } from "../trace/token_bucket.ts";
import { NEWEST, readTraceCursor, traceList } from "../trace/trace_list.ts";
import { isIn, traceQuery } from "../trace/trace_query.ts";
import { type MeantTraces, meantTraces } from "../trace/trace_reference.ts";
import { traceStatus } from "../trace/trace_status.ts";
import type { Traces } from "../trace/traces.ts";
import { wholeNumber } from "../base/whole_number.ts";
import { resource } from "./resource.ts";

/** What {@linkcode traceRoutes} needs. */
export interface TraceRoutesOptions {
  traces: Traces;
  bodies: Bodies;
  metrics: RegistryMetrics;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

const LIMIT = { fallback: 20, min: 1, max: 100 } as const;
/** Ids that are named when several begin as asked. */
const CANDIDATES_MAX = 10;
const HEX_DIGITS = 32;

/** Adds the trace routes. */
export function traceRoutes(app: Hono, options: TraceRoutesOptions): void {
  const { traces } = options;
  const isOn = traces.config.enabled;
  const status = () => traceStatus(traces.config, traces.consumer);
  const whenOn = (answer: (request: Request) => Promise<Response>) =>
    isOn ? answer : () => Promise.resolve(tracingIsOff());
  const [take, list, watch] = [taking(options), listing(traces), watching(traces)].map(whenOn);

  resource(app, "/trace/spans", { POST: ({ req }) => take?.(req.raw) ?? tracingIsOff() });
  resource(app, "/traces", { GET: ({ req }) => list?.(req.raw) ?? tracingIsOff() });
  resource(app, "/traces/stream", { GET: ({ req }) => watch?.(req.raw) ?? tracingIsOff() });
  resource(app, "/trace/status", { GET: () => Response.json(status()) });
  resource(app, "/trace/info", {
    GET: () => {
      const config = "MCP_MESH_DISTRIBUTED_TRACING_ENABLED=false";
      return Response.json(isOn ? status() : { ...status(), config });
    },
  });
  resource(app, "/trace/stats", { GET: () => Response.json(statistics(options)) });
  resource(app, "/trace/:id", {
    GET: (context) => {
      if (!isOn) return tracingIsOff();
      const namespace = new URL(context.req.url).searchParams.get("namespace") || undefined;
      return oneTrace(options, context.req.param("id") ?? "", namespace);
    },
  });
}

/** The reference's answer. */
function tracingIsOff(): Response {
  return Response.json({ enabled: false, error: "tracing not enabled" }, { status: 404 });
}

function taking({ traces, bodies, metrics, now, log }: TraceRoutesOptions) {
  const allowance = new TokenBucket(traces.config.maxRate, now);
  return async (request: Request) => {
    const body = await bodies.read(request, BATCH_BYTES_MAX);
    if (body instanceof Response) return body;
    const batch = readBatch(body);
    if ("fault" in batch) return problem(400, batch.fault);
    const { spans, rejected, reasons, dropped } = batch;
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
    const receipt: SpanReceipt = {
      accepted: spans.length,
      rejected,
      ...(reasons.length > 0 && { reasons: [...reasons] }),
    };
    return Response.json(receipt, { status: 202 });
  };
}

function later(status: 429 | 503, what: string, waitMs: number): Response {
  const seconds = String(Math.ceil(waitMs / 1_000));
  return problem(status, `${what}; send them again later`, { "Retry-After": seconds });
}

function listing({ store }: Traces) {
  return async (request: Request) => {
    const { searchParams } = new URL(request.url);
    const query = traceQuery(searchParams);
    if ("fault" in query) return badParameter(query.parameter, query.fault);
    const limit = wholeNumber(searchParams.get("limit"), LIMIT);
    if (typeof limit === "string") return badParameter("limit", limit);
    const cursor = searchParams.get("cursor");
    const place = cursor ? readTraceCursor(cursor) : NEWEST;
    if (place === undefined) {
      return badParameter("cursor", `${JSON.stringify(cursor)} is not from a page before`);
    }
    return Response.json(await traceList(store, query, limit, place));
  };
}

function watching({ live }: Traces) {
  return async (request: Request) => {
    const query = traceQuery(new URL(request.url).searchParams);
    if ("fault" in query) return badParameter(query.parameter, query.fault);
    const last = request.headers.get("last-event-id") ?? "";
    const stream = await live.watch(query, /^\d{1,15}$/.test(last) ? Number(last) : undefined);
    return stream ?? problem(
      503,
      `no more than ${WATCHERS_MAX} watch traces at a time; try again later, or ask /traces`,
      { "Retry-After": "10" },
    );
  };
}

async function oneTrace(
  { traces, log }: TraceRoutesOptions,
  asked: string,
  namespace: string | undefined,
): Promise<Response> {
  const beginning = asked.toLowerCase().replaceAll("-", "");
  const isId = /^[0-9a-f]+$/.test(beginning) && beginning.length <= HEX_DIGITS;
  if (!isId) return noTrace(asked);
  let id = beginning;
  if (beginning.length < HEX_DIGITS) {
    const meant = await meantTraces(traces.store, { beginning, namespace, max: CANDIDATES_MAX });
    const [first] = meant.ids;
    if (meant.more || meant.ids.length > 1) return severalTraces(asked, meant);
    if (first === undefined) return noTrace(asked);
    id = first;
  }
  try {
    const found = await traces.read(id);
    if (found === undefined || !isIn(namespace, found.spans)) return noTrace(asked);
    return Response.json(completedTrace(id, found.spans, found.truncated));
  } catch (error) {
    const reason = errorText(error);
    log(`Tempo could not be asked for a trace: ${reason}`);
    return problem(502, `the trace is not here, and Tempo could not be asked for it: ${reason}`);
  }
}

function noTrace(trace_id: string): Response {
  return Response.json({ error: "trace not found", trace_id }, { status: 404 });
}

function severalTraces(trace_id: string, { ids, more }: MeantTraces): Response {
  const some = ids.length === 0 ? "too many" : `more than ${ids.length}`;
  const count = more ? some : ids.length;
  const named = ids.length === 0 ? "" : `: ${ids.join(", ")}`;
  const error = `${count} traces begin with ${trace_id}; give more of the id${named}`;
  return Response.json({ error, trace_id, trace_ids: ids }, { status: 409 });
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
