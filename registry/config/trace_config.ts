/**
 * Settings of traces from variables that have been checked one by one.
 *
 * @module
 */
import type * as z from "zod";
import { MeshError } from "../../runtime/base/errors.ts";
import { otlpAddress, type OtlpProtocol } from "../base/otlp_address.ts";
import { EXPORTER_TYPES, type TraceEnvironment } from "./trace_environment.ts";

/** How many spans are kept. */
export interface SpanLimits {
  /** Newest spans kept, at least; a twentieth more may be there. */
  spans: number;
  /** Bytes kept of the newest, likewise. */
  bytes: number;
  /** How long, milliseconds; 0 is for ever. */
  ageMs: number;
}

/** Files of one end of a connection with TLS. */
export interface TlsFiles {
  /** Certificates that are trusted besides the usual ones. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Where and how spans are exported by OTLP. */
export interface OtlpConfig {
  readonly type: "otlp";
  readonly protocol: OtlpProtocol;
  /** For gRPC scheme, host and port; for HTTP all of it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly gzip: boolean;
  readonly tls: TlsFiles;
}

/** One place spans go to. */
export type ExporterConfig =
  | OtlpConfig
  | { readonly type: "console"; readonly pretty: boolean }
  | { readonly type: "json"; readonly folder: string };

/** The Redis that has the stream. */
export interface RedisConfig {
  /** With password, if it has one: never to be shown. */
  readonly url: string;
  readonly group: string;
  /** Entries read at once. */
  readonly batch: number;
  readonly tls: TlsFiles;
}

/** Settings of traces. */
export interface TraceConfig {
  readonly enabled: boolean;
  readonly limits: SpanLimits;
  /** Spans a second taken over HTTP; 0 is no limit. */
  readonly maxRate: number;
  readonly redis: RedisConfig | undefined;
  /** What the reference calls the kind of exporter. */
  readonly exporterType: ExporterType;
  readonly exporters: readonly ExporterConfig[];
  /** Added to the resource of every exported span. */
  readonly resource: Readonly<Record<string, string>>;
  /** Where to ask for traces that are not here. */
  readonly tempo: { readonly url: string; readonly tls: TlsFiles } | undefined;
}

/** What the reference calls the kind of exporter; `telemetry` is `otlp`. */
export type ExporterType = Exclude<typeof EXPORTER_TYPES[number], "telemetry">;

/** Bytes a span counts for in the limit of what is kept. */
const SPAN_BYTES = 1_024;

/** The variables after they were checked one by one. */
type TraceValues = z.output<z.ZodObject<typeof TraceEnvironment>>;

/** Where the reference's collectors listen. */
const DEFAULT_ENDPOINT = "localhost:4317";

/**
 * Settings of traces.
 *
 * @throws {MeshError} `bad_config` when variables do not fit together.
 */
export function readTraceConfig(values: TraceValues): TraceConfig {
  const otlp = otlpConfig(values);
  const redisUrl = values.REDIS_URL ?? values.MCP_MESH_TRACE_REDIS_URL;
  const exporterType = exporterTypeOf(values, otlp);
  return {
    enabled: values.MCP_MESH_DISTRIBUTED_TRACING_ENABLED,
    limits: {
      spans: values.MCP_MESH_TRACE_MAX_SPANS,
      bytes: values.MCP_MESH_TRACE_MAX_SPANS * SPAN_BYTES,
      ageMs: values.MCP_MESH_TRACE_RETENTION,
    },
    maxRate: values.MCP_MESH_TRACE_MAX_RATE,
    redis: redisUrl === undefined ? undefined : {
      url: redisUrl,
      group: values.MCP_MESH_TRACE_CONSUMER_GROUP,
      batch: values.TRACE_BATCH_SIZE,
      tls: { ca: values.REDIS_TLS_CA, cert: values.REDIS_TLS_CERT, key: values.REDIS_TLS_KEY },
    },
    exporterType,
    exporters: exportersOf(exporterType, values, otlp),
    resource: values.OTEL_RESOURCE_ATTRIBUTES,
    tempo: values.TEMPO_URL === undefined ? undefined : {
      url: values.TEMPO_URL,
      tls: { ca: values.TEMPO_TLS_CA, cert: values.TEMPO_TLS_CERT, key: values.TEMPO_TLS_KEY },
    },
  };
}

function exporterTypeOf(values: TraceValues, otlp: OtlpConfig | undefined): ExporterType {
  const asked = values.TRACE_EXPORTER_TYPE ?? (otlp === undefined ? "none" : "otlp");
  return asked === "telemetry" ? "otlp" : asked;
}

function exportersOf(
  type: ExporterType,
  values: TraceValues,
  otlp: OtlpConfig | undefined,
): ExporterConfig[] {
  const { TRACE_PRETTY_OUTPUT: pretty, TRACE_JSON_OUTPUT_DIR: folder } = values;
  const json: ExporterConfig[] = folder === undefined ? [] : [{ type: "json", folder }];
  switch (type) {
    case "none":
      return [];
    case "otlp":
      return [otlp ?? otlpConfig({ ...values, TELEMETRY_ENDPOINT: DEFAULT_ENDPOINT })]
        .filter((each) => each !== undefined);
    case "console":
      return [{ type: "console", pretty }];
    case "json":
      if (json.length > 0) return json;
      throw new MeshError(
        "bad_config",
        "TRACE_EXPORTER_TYPE=json wants a folder to write to; name one in TRACE_JSON_OUTPUT_DIR.",
      );
    case "multi":
      return [...otlp === undefined ? [] : [otlp], { type: "console", pretty }, ...json];
  }
}

/** Variables of the mesh win over OpenTelemetry's, and those of traces alone over the others. */
function otlpConfig(values: TraceValues): OtlpConfig | undefined {
  const ours = values.TELEMETRY_ENDPOINT ?? values.OTLP_ENDPOINT;
  const whole = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const text = ours ?? whole ?? values.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (text === undefined) return undefined;
  const asked = ours === undefined
    ? values.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? values.OTEL_EXPORTER_OTLP_PROTOCOL ??
      "http/protobuf"
    : values.TELEMETRY_PROTOCOL ?? (text.endsWith(":4318") ? "http" : "grpc");
  const protocol = asked === "http" ? "http/protobuf" : asked;
  const tls = {
    ca: values.TELEMETRY_TLS_CA ?? values.OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE ??
      values.OTEL_EXPORTER_OTLP_CERTIFICATE,
    cert: values.TELEMETRY_TLS_CERT ?? values.OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE ??
      values.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE,
    key: values.TELEMETRY_TLS_KEY ?? values.OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY ??
      values.OTEL_EXPORTER_OTLP_CLIENT_KEY,
  };
  const compression = values.OTEL_EXPORTER_OTLP_TRACES_COMPRESSION ??
    values.OTEL_EXPORTER_OTLP_COMPRESSION;
  const isWhole = ours === undefined && whole !== undefined;
  return {
    type: "otlp",
    protocol,
    // Checked when the variable was read.
    url: otlpAddress(text, protocol, tls.ca !== undefined, isWhole) ?? text,
    headers: {
      ...values.OTEL_EXPORTER_OTLP_HEADERS,
      ...values.OTEL_EXPORTER_OTLP_TRACES_HEADERS,
    },
    timeoutMs: values.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT || values.OTEL_EXPORTER_OTLP_TIMEOUT,
    gzip: compression === "gzip",
    tls,
  };
}
