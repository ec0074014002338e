/**
 * How tracing stands, in the reference's words (registry-protocol §1.11). Pure.
 *
 * @module
 */
import type { TraceConsumerStatus, TraceStatus } from "../../runtime/protocol/trace_view.ts";
import type { ExporterConfig, TraceConfig } from "../config/trace_config.ts";

/** What `GET /trace/status` answers. @param consumer How the reading of the Redis stream stands. */
export function traceStatus(
  config: TraceConfig,
  consumer: TraceConsumerStatus | undefined,
): TraceStatus {
  if (!config.enabled) return { enabled: false, reason: "tracing not initialized" };
  const { redis, limits } = config;
  return {
    enabled: true,
    exporter_type: config.exporterType,
    stream_through_mode: true,
    config: {
      ...(redis !== undefined && {
        redis_url: shownAddress(redis.url),
        consumer_group: redis.group,
        batch_size: redis.batch,
      }),
      ...(config.tempo !== undefined && { tempo_url: shownAddress(config.tempo.url) }),
      exporters: config.exporters.map(shownExporter),
      max_spans: limits.spans,
      max_rate: config.maxRate,
      // Nanoseconds, as the reference has durations.
      trace_retention: limits.ageMs * 1_000_000,
    },
    ...(consumer !== undefined && { consumer }),
  };
}

/** An address without what may be a secret. */
export function shownAddress(address: string): string {
  const url = new URL(address);
  if (url.password !== "") url.password = "***";
  url.search = "";
  return url.href;
}

function shownExporter(config: ExporterConfig): Record<string, unknown> {
  switch (config.type) {
    case "otlp":
      return { type: "otlp", protocol: config.protocol, endpoint: shownAddress(config.url) };
    case "console":
      return { type: "console" };
    case "json":
      return { type: "json", folder: config.folder };
  }
}
