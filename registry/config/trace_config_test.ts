import { deepEqual, equal, throws } from "node:assert/strict";
import { isMeshError } from "../../runtime/base/errors.ts";
import { readConfig } from "./config.ts";
import { otlpAddress } from "../base/otlp_address.ts";
import type { OtlpConfig } from "./trace_config.ts";

/** Settings of traces with these variables. */
function traceConfig(env: Record<string, string>) {
  return readConfig(env).registry.trace;
}

/** The OTLP exporter these variables set up. */
function otlp(env: Record<string, string>): OtlpConfig {
  const found = traceConfig(env).exporters.find(({ type }) => type === "otlp");
  if (found?.type !== "otlp") throw new Error("nothing is exported by OTLP");
  return found;
}

Deno.test("otlpAddress() is where spans are sent", () => {
  type Row = [...Parameters<typeof otlpAddress>, string | undefined];
  const rows: Row[] = [
    ["localhost:4317", "grpc", false, false, "http://localhost:4317"],
    ["localhost:4317", "grpc", true, false, "https://localhost:4317"],
    ["https://tempo:4317/", "grpc", false, false, "https://tempo:4317"],
    ["tempo:4318", "http/protobuf", false, false, "http://tempo:4318/v1/traces"],
    ["http://tempo:4318/otlp/", "http/json", false, false, "http://tempo:4318/otlp/v1/traces"],
    ["http://tempo:4318/v1/traces", "http/json", false, false, "http://tempo:4318/v1/traces"],
    ["http://tempo:4318/here", "http/json", false, true, "http://tempo:4318/here"],
    ["tempo", "grpc", false, false, undefined],
    ["ftp://tempo:1", "grpc", false, false, undefined],
    ["a b:4317", "grpc", false, false, undefined],
  ];
  for (const [text, protocol, secure, whole, address] of rows) {
    equal(otlpAddress(text, protocol, secure, whole), address, text);
  }
});

Deno.test("readTraceConfig() exports by OTLP where an endpoint is named, and not otherwise", () => {
  deepEqual(traceConfig({}).exporters, []);
  deepEqual(otlp({ TELEMETRY_ENDPOINT: "tempo:4317" }), {
    type: "otlp",
    protocol: "grpc",
    url: "http://tempo:4317",
    headers: {},
    timeoutMs: 10_000,
    gzip: false,
    tls: { ca: undefined, cert: undefined, key: undefined },
  });
  equal(otlp({ OTLP_ENDPOINT: "tempo:4317" }).url, "http://tempo:4317");
  equal(traceConfig({ TELEMETRY_ENDPOINT: "tempo:4317" }).exporterType, "otlp");
  equal(otlp({ TRACE_EXPORTER_TYPE: "telemetry" }).url, "http://localhost:4317");
  deepEqual(traceConfig({ TELEMETRY_ENDPOINT: "t:1", TRACE_EXPORTER_TYPE: "none" }).exporters, []);
});

Deno.test("readTraceConfig() chooses the protocol by variable, then by port", () => {
  const rows: [Record<string, string>, string][] = [
    [{ TELEMETRY_ENDPOINT: "t:4318" }, "http/protobuf"],
    [{ TELEMETRY_ENDPOINT: "t:4318", TELEMETRY_PROTOCOL: "grpc" }, "grpc"],
    [{ TELEMETRY_ENDPOINT: "t:4317", TELEMETRY_PROTOCOL: "HTTP" }, "http/protobuf"],
    [{ TELEMETRY_ENDPOINT: "t:4317", TELEMETRY_PROTOCOL: "http/json" }, "http/json"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://t:4317" }, "http/protobuf"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://t:1", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "grpc"],
  ];
  for (const [env, protocol] of rows) equal(otlp(env).protocol, protocol, JSON.stringify(env));
});

Deno.test("readTraceConfig() reads OpenTelemetry's variables, those of traces first", () => {
  const all = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://all:4318",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=a%20b, x = y",
    OTEL_EXPORTER_OTLP_TIMEOUT: "500",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    OTEL_EXPORTER_OTLP_CERTIFICATE: "/all.pem",
  };
  const general = otlp(all);
  equal(general.url, "https://all:4318/v1/traces");
  deepEqual(general.headers, { "api-key": "a b", x: "y" });
  deepEqual([general.timeoutMs, general.gzip, general.tls.ca], [500, true, "/all.pem"]);
  const special = otlp({
    ...all,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://traces/in",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x=z",
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "700",
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: "none",
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: "/traces.pem",
  });
  equal(special.url, "http://traces/in");
  deepEqual(special.headers, { "api-key": "a b", x: "z" });
  deepEqual([special.timeoutMs, special.gzip, special.tls.ca], [700, false, "/traces.pem"]);
  equal(otlp({ ...all, TELEMETRY_ENDPOINT: "ours:4317" }).url, "https://ours:4317");
});

Deno.test("readTraceConfig() reads where else spans go", () => {
  deepEqual(traceConfig({ TRACE_EXPORTER_TYPE: "console", TRACE_PRETTY_OUTPUT: "no" }).exporters, [
    { type: "console", pretty: false },
  ]);
  const everything = traceConfig({
    TRACE_EXPORTER_TYPE: "multi",
    TRACE_JSON_OUTPUT_DIR: "/spans",
    TELEMETRY_ENDPOINT: "t:4317",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=prod",
  });
  deepEqual(everything.exporters.map(({ type }) => type), ["otlp", "console", "json"]);
  deepEqual(everything.resource, { "deployment.environment.name": "prod" });
  throws(
    () => traceConfig({ TRACE_EXPORTER_TYPE: "json" }),
    (error) => isMeshError(error) && /TRACE_JSON_OUTPUT_DIR/.test(error.message),
  );
});

Deno.test("readTraceConfig() takes the Redis of spans alone where no other is named", () => {
  const ours = { MCP_MESH_TRACE_REDIS_URL: "redis://ours:6379" };
  equal(traceConfig(ours).redis?.url, "redis://ours:6379");
  equal(traceConfig({ ...ours, REDIS_URL: "redis://all:6379" }).redis?.url, "redis://all:6379");
});

Deno.test("readTraceConfig() reads the stream's Redis and Tempo", () => {
  const { redis, tempo, limits, enabled } = traceConfig({
    REDIS_URL: "rediss://user:secret@redis:6380/2",
    REDIS_TLS_CA: "/redis.pem",
    TRACE_BATCH_SIZE: "50",
    TEMPO_URL: "http://tempo:3200/",
    MCP_MESH_TRACE_RETENTION: "0",
    MCP_MESH_TRACE_MAX_SPANS: "10",
    MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "off",
  });
  deepEqual(redis, {
    url: "rediss://user:secret@redis:6380/2",
    group: "mcp-mesh-registry-processors",
    batch: 50,
    tls: { ca: "/redis.pem", cert: undefined, key: undefined },
  });
  equal(tempo?.url, "http://tempo:3200");
  deepEqual(limits, { spans: 10, bytes: 10_240, ageMs: 0 });
  equal(enabled, false);
});
