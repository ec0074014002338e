/**
 * What each variable of traces may be.
 *
 * @module
 */
import * as z from "zod";
import { duration, integer, optional } from "./config_values.ts";
import { otlpAddress, PROTOCOLS } from "../base/otlp_address.ts";
import type { TRACE_VARIABLES } from "./trace_variables.ts";

/** What `TRACE_EXPORTER_TYPE` may say. */
export const EXPORTER_TYPES = ["otlp", "telemetry", "console", "json", "multi", "none"] as const;

/** Longest wait for a receiver, milliseconds: OpenTelemetry's default. */
const TIMEOUT_MS = 10_000;
const TIMEOUT_MAX_MS = 3_600_000;

const choice = <const Names extends readonly string[]>(names: Names) =>
  optional.transform((text) => text?.toLowerCase()).pipe(
    z.enum(names, `expected one of ${names.join(", ")}`).optional(),
  );

/** Yes unless it is said otherwise, in any of the words the reference's agents take. */
const unlessOff = z.string().default("").transform((text, context) => {
  const value = text.trim().toLowerCase();
  if (["", "true", "1", "yes", "on"].includes(value)) return true;
  if (["false", "0", "no", "off"].includes(value)) return false;
  context.addIssue("expected true or false");
  return z.NEVER;
});

const count = (fallback: number) =>
  integer(fallback, 1e9).refine((value) => value > 0, "expected a number above 0");

/** `key=value` pairs, as OpenTelemetry writes them. */
const pairs = optional.transform((text, context) => {
  const entries = (text ?? "").split(",").filter((pair) => pair.trim() !== "").map((pair) => {
    const [, key, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    return [key, decoded(value)] as const;
  });
  const isWhole = (entry: typeof entries[number]): entry is readonly [string, string] =>
    entry[0] !== undefined && entry[1] !== undefined;
  if (entries.every(isWhole)) return Object.fromEntries(entries);
  context.addIssue("expected key=value pairs, separated by commas, values percent-encoded");
  return z.NEVER;
});

const redisUrl = optional.refine(
  (text) => text === undefined || (/^rediss?:\/\//i.test(text) && URL.canParse(text)),
  "expected an address such as redis://localhost:6379",
);

const httpUrl = optional.refine(
  (text) => text === undefined || (/^https?:\/\//i.test(text) && URL.canParse(text)),
  "expected an address such as http://localhost:3200",
).transform((text) => text?.replace(/\/+$/, ""));

const endpoint = optional.refine(
  (text) => text === undefined || otlpAddress(text, "grpc", false) !== undefined,
  "expected host:port, or an http(s) address",
);
const compression = choice(["gzip", "none"]);
const protocol = choice(PROTOCOLS);

/** The variables of traces, as {@linkcode readTraceConfig} wants them. */
export const TraceEnvironment = {
  MCP_MESH_DISTRIBUTED_TRACING_ENABLED: unlessOff,
  MCP_MESH_TRACE_RETENTION: duration(86_400_000),
  MCP_MESH_TRACE_MAX_SPANS: count(100_000),
  MCP_MESH_TRACE_MAX_RATE: integer(10_000, 1e9),
  REDIS_URL: redisUrl,
  MCP_MESH_TRACE_REDIS_URL: redisUrl,
  MCP_MESH_TRACE_CONSUMER_GROUP: optional.transform((text) =>
    text ?? "mcp-mesh-registry-processors"
  ),
  TRACE_BATCH_SIZE: count(100),
  TRACE_EXPORTER_TYPE: choice(EXPORTER_TYPES),
  TELEMETRY_ENDPOINT: endpoint,
  OTLP_ENDPOINT: endpoint,
  TELEMETRY_PROTOCOL: choice(["http", ...PROTOCOLS]),
  TRACE_PRETTY_OUTPUT: unlessOff,
  TRACE_JSON_OUTPUT_DIR: optional,
  TEMPO_URL: httpUrl,
  TELEMETRY_TLS_CA: optional,
  TELEMETRY_TLS_CERT: optional,
  TELEMETRY_TLS_KEY: optional,
  TEMPO_TLS_CA: optional,
  TEMPO_TLS_CERT: optional,
  TEMPO_TLS_KEY: optional,
  REDIS_TLS_CA: optional,
  REDIS_TLS_CERT: optional,
  REDIS_TLS_KEY: optional,
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TIMEOUT: integer(TIMEOUT_MS, TIMEOUT_MAX_MS),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: integer(0, TIMEOUT_MAX_MS),
  OTEL_EXPORTER_OTLP_COMPRESSION: compression,
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: compression,
  OTEL_EXPORTER_OTLP_CERTIFICATE: optional,
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: optional,
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: optional,
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: optional,
  OTEL_EXPORTER_OTLP_CLIENT_KEY: optional,
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: optional,
} satisfies Record<typeof TRACE_VARIABLES[number]["name"], z.ZodType>;

/** Text with its percent-encoding taken off; what cannot be decoded is meant as it stands. */
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}
