/**
 * The registry's variables about traces; see `variables.ts`.
 *
 * @module
 */
import type { Variable } from "./variable.ts";

/** Variables of the reference and of this registry. */
export const TRACE_VARIABLES = [
  {
    name: "MCP_MESH_DISTRIBUTED_TRACING_ENABLED",
    fallback: "true",
    unit: "flag",
    meaning: "`false`: no spans are taken, kept or passed on",
  },
  {
    name: "MCP_MESH_TRACE_RETENTION",
    fallback: "24h",
    unit: "seconds",
    meaning: "how long spans are kept, here and in the Redis stream; 0 for ever",
  },
  {
    name: "MCP_MESH_TRACE_MAX_SPANS",
    fallback: "100000",
    unit: "count",
    meaning: "newest spans kept, of 1 KiB each on average",
  },
  {
    name: "MCP_MESH_TRACE_MAX_RATE",
    fallback: "10000",
    unit: "count",
    meaning:
      "spans a second taken by `POST /trace/spans`, on average of two seconds; 0 is no limit",
  },
  {
    name: "REDIS_URL",
    fallback: "none",
    unit: "address",
    meaning: "Redis with the stream `mesh:trace`, which is read too, `redis://` or `rediss://`",
  },
  {
    name: "MCP_MESH_TRACE_REDIS_URL",
    fallback: "none",
    unit: "address",
    meaning: "the same for spans alone, where `REDIS_URL` names none; `start --dte` sets it",
  },
  {
    name: "MCP_MESH_TRACE_CONSUMER_GROUP",
    fallback: "mcp-mesh-registry-processors",
    unit: "text",
    meaning: "consumer group that registries share the stream's work in",
  },
  {
    name: "TRACE_BATCH_SIZE",
    fallback: "100",
    unit: "count",
    meaning: "entries of the stream read at once",
  },
  {
    name: "TRACE_EXPORTER_TYPE",
    fallback: "none",
    unit: "text",
    meaning: "`otlp` (also called `telemetry`), `console`, `json`, `multi` (all of them that are " +
      "set up) or `none`. Unset: `otlp` where an endpoint is named",
  },
  {
    name: "TELEMETRY_ENDPOINT",
    fallback: "none",
    unit: "address",
    meaning: "OTLP receiver, such as `localhost:4317`; with `TRACE_EXPORTER_TYPE=otlp` that one",
  },
  { name: "OTLP_ENDPOINT", fallback: "none", unit: "address", meaning: "the same" },
  {
    name: "TELEMETRY_PROTOCOL",
    fallback: "none",
    unit: "text",
    meaning: "`grpc`, `http` (`http/protobuf`) or `http/json`. Unset: `http` on port 4318, " +
      "otherwise `grpc`",
  },
  {
    name: "TRACE_PRETTY_OUTPUT",
    fallback: "true",
    unit: "flag",
    meaning: "`false`: `console` writes JSON instead of a line to be read",
  },
  {
    name: "TRACE_JSON_OUTPUT_DIR",
    fallback: "none",
    unit: "text",
    meaning: "folder that `json` writes to: a file a day, OTLP JSON, a batch a line",
  },
  {
    name: "TEMPO_URL",
    fallback: "none",
    unit: "address",
    meaning: "Tempo that is asked for traces which are not here any more",
  },
  ...tls("TELEMETRY", "the OTLP receiver"),
  ...tls("TEMPO", "Tempo"),
  ...tls("REDIS", "Redis"),
  {
    name: "OTEL_RESOURCE_ATTRIBUTES",
    fallback: "none",
    unit: "list",
    meaning: "added to the resource of every exported span, `key=value`",
  },
  ...otlp("ENDPOINT", "none", "address", "OTLP receiver, where `TELEMETRY_ENDPOINT` names none"),
  ...otlp("PROTOCOL", "none", "text", "`grpc`, `http/protobuf` or `http/json`. Unset: protobuf"),
  ...otlp("HEADERS", "none", "list", "sent with every export, `key=value`; never shown"),
  ...otlp("TIMEOUT", "10000", "milliseconds", "longest wait for the receiver's answer"),
  ...otlp("COMPRESSION", "none", "text", "`gzip` or `none`"),
  ...otlp("CERTIFICATE", "none", "text", "file of certificates the receiver is known by"),
  ...otlp("CLIENT_CERTIFICATE", "none", "text", "file of the certificate shown to the receiver"),
  ...otlp("CLIENT_KEY", "none", "text", "file of its key"),
] as const satisfies readonly Variable[];

/** Who is on the other end of a connection with TLS. */
type TlsPeer = "TELEMETRY" | "TEMPO" | "REDIS";

function tls<Peer extends TlsPeer>(peer: Peer, name: string) {
  const file = <Kind extends string>(kind: Kind, meaning: string) => ({
    name: `${peer}_TLS_${kind}` as const,
    fallback: "none",
    unit: "text" as const,
    meaning,
  });
  return [
    file("CA", `file of certificates ${name} is known by, besides the usual ones`),
    file("CERT", `file of the certificate shown to ${name}`),
    file("KEY", "file of its key"),
  ] as const;
}

/** A variable of OpenTelemetry, and the one of traces alone, which wins. */
function otlp<Name extends string>(
  name: Name,
  fallback: string,
  unit: Variable["unit"],
  meaning: string,
) {
  return [
    { name: `OTEL_EXPORTER_OTLP_${name}` as const, fallback, unit, meaning },
    {
      name: `OTEL_EXPORTER_OTLP_TRACES_${name}` as const,
      fallback: "none",
      unit,
      meaning: "of traces alone",
      isVariant: true,
    },
  ] as const;
}
