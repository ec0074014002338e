/**
 * What the registry measures. Names and units are those of OpenTelemetry's semantic conventions, in
 * Prometheus's spelling; `mesh_registry_*` is what they have no name for.
 *
 * @module
 */
import {
  COMPUTATION_SECONDS,
  DATABASE_SECONDS,
  HTTP_SECONDS,
} from "../../runtime/metrics/buckets.ts";
import type {
  Counter,
  Gauge,
  Histogram,
  HistogramSeries,
} from "../../runtime/metrics/instruments.ts";
import { cpuUsage } from "node:process";
import { eventLoopDelay, processMetrics } from "../../runtime/metrics/process_metrics.ts";
import { Metrics } from "../../runtime/metrics/metrics.ts";
import { VERSION } from "./version.ts";

/** What became of spans, by where they came from. */
export type SpanOutcome =
  /** They are in the database. */
  | "stored"
  /** They cannot be read. */
  | "unusable"
  /** Their sender, or this registry, had no room for them. */
  | "dropped";

/** The registry's instruments. */
export class RegistryMetrics {
  readonly all: Metrics = new Metrics();
  /** Requests answered, by route. */
  readonly requests: Histogram<
    "http_request_method" | "http_route" | "http_response_status_code"
  >;
  /** Requests under way. */
  readonly active: Gauge;
  /** Beats and registrations, by what they were answered. */
  readonly heartbeats: Counter<"kind" | "outcome">;
  /** Working out where an agent's dependencies lead. */
  readonly resolutions: HistogramSeries;
  /** What the database was asked. */
  readonly database: Histogram<"db_system_name" | "db_operation_name" | "error_type">;
  /** Spans that came, by way and what became of them. */
  readonly spans: Counter<"source" | "outcome">;
  /** Spans passed on, by exporter and what became of them. */
  readonly exported: Counter<"exporter" | "outcome">;

  /** @param instance What tells this registry from others. */
  constructor(instance: string) {
    this.all.gauge({
      name: "target_info",
      help: "What answers here.",
      labels: ["service_name", "service_version", "service_instance_id"],
    }).set(
      { service_name: "mesh-registry", service_version: VERSION, service_instance_id: instance },
      1,
    );
    this.requests = this.all.histogram({
      name: "http_server_request_duration_seconds",
      help: "Time from a request to its answer; of streams, to their beginning.",
      labels: ["http_request_method", "http_route", "http_response_status_code"],
      bounds: HTTP_SECONDS,
    });
    this.active = this.all.gauge({
      name: "http_server_active_requests",
      help: "Requests that are being answered.",
    });
    this.heartbeats = this.all.counter({
      name: "mesh_registry_heartbeats_total",
      help: "Heartbeats, short ones and full ones, by what they were answered.",
      labels: ["kind", "outcome"],
    });
    this.resolutions = this.all.histogram({
      name: "mesh_registry_resolution_duration_seconds",
      help: "Time to work out where all dependencies of an agent lead.",
      bounds: COMPUTATION_SECONDS,
    }).with({});
    this.database = this.all.histogram({
      name: "db_client_operation_duration_seconds",
      help: "Time the database took, by operation; error_type is empty for those that succeeded.",
      labels: ["db_system_name", "db_operation_name", "error_type"],
      bounds: DATABASE_SECONDS,
    });
    this.spans = this.all.counter({
      name: "mesh_registry_trace_spans_total",
      help: "Spans that came in, by way and what became of them.",
      labels: ["source", "outcome"],
    });
    this.exported = this.all.counter({
      name: "mesh_registry_trace_exported_spans_total",
      help: "Spans for other systems, by exporter and what became of them.",
      labels: ["exporter", "outcome"],
    });
  }

  /** Counts spans that came in. @param source `http` or `redis`. */
  countSpans(source: "http" | "redis", outcome: SpanOutcome, count: number): void {
    if (count > 0) this.spans.with({ source, outcome }).add(count);
  }

  /** Counts spans for another system. */
  countExported(
    exporter: string,
    outcome: "exported" | "refused" | "dropped",
    count: number,
  ): void {
    if (count > 0) this.exported.with({ exporter, outcome }).add(count);
  }

  /** Adds how many agents there are, by status. */
  observeAgents(statuses: () => Iterable<string>): void {
    this.all.gauge({
      name: "mesh_registry_agents",
      help: "Agents the registry knows, by status.",
      labels: ["status"],
    }, (gauge) => {
      for (const status of ["healthy", "unhealthy"]) gauge.set({ status }, 0);
      for (const status of statuses()) gauge.with({ status }).add();
    });
  }

  /** Adds how many spans wait, by what for. */
  observeWaiting(queues: () => Iterable<readonly [queue: string, size: number]>): void {
    this.all.gauge({
      name: "mesh_registry_trace_waiting_spans",
      help: "Spans that wait to be stored or passed on.",
      labels: ["queue"],
    }, (gauge) => {
      for (const [queue, size] of queues()) gauge.set({ queue }, size);
    });
  }

  /** Adds what this process uses, and how late its event loop is until that is disposed of. */
  observeProcess(): Disposable {
    processMetrics(this.all, {
      memory: () => Deno.memoryUsage().rss,
      cpu: () => cpuUsage(),
      uptime: () => performance.now() / 1_000,
    });
    return eventLoopDelay(this.all);
  }

  /** Adds whether the trace stream is being read. */
  observeStream(isRead: () => boolean): void {
    this.all.gauge({
      name: "mesh_registry_trace_stream_connected",
      help: "Whether the Redis trace stream is being read.",
    }, (gauge) => gauge.set({}, isRead() ? 1 : 0));
  }
}
