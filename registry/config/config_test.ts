import { deepEqual, equal, throws } from "node:assert/strict";
import { isMeshError } from "../../runtime/base/errors.ts";
import { readConfig } from "./config.ts";

Deno.test("readConfig() has the reference's defaults", () => {
  deepEqual(readConfig({}), {
    host: "localhost",
    port: 8000,
    maxConnections: undefined,
    kv: ".mesh/registry.kv",
    registry: {
      thresholdMs: 20_000,
      scanMs: 10_000,
      retentionMs: 3_600_000,
      sweepMs: 300_000,
      eventMaxRows: 100_000,
      drainMs: 10_000,
      proxyTimeoutMs: 60_000,
      propagateHeaders: { names: new Set(), prefixes: [] },
      allowedHosts: undefined,
      endpointHosts: undefined,
      publicUrlPrefix: undefined,
      adminToken: undefined,
      adminPort: 0,
      namespaceStrict: false,
      mcp: "loopback",
      mcpToken: undefined,
      trace: {
        enabled: true,
        limits: { spans: 100_000, bytes: 102_400_000, ageMs: 86_400_000 },
        maxRate: 10_000,
        redis: undefined,
        exporterType: "none",
        exporters: [],
        resource: {},
        tempo: undefined,
      },
    },
  });
});

type Setting = keyof ReturnType<typeof readConfig>["registry"];
const values: [name: string, text: string, setting: Setting, value: unknown][] = [
  ["DEFAULT_TIMEOUT_THRESHOLD", "0.5", "thresholdMs", 500],
  ["DEFAULT_TIMEOUT_THRESHOLD", "", "thresholdMs", 20_000],
  ["DEFAULT_TIMEOUT_THRESHOLD", "2", "scanMs", 1_000],
  ["HEALTH_CHECK_INTERVAL", "3", "scanMs", 3_000],
  ["HEALTH_CHECK_INTERVAL", "60", "scanMs", 10_000],
  ["MCP_MESH_RETENTION", "2h", "retentionMs", 7_200_000],
  ["MCP_MESH_RETENTION", "0", "retentionMs", 0],
  ["MCP_MESH_SWEEP_INTERVAL", "1m30s", "sweepMs", 90_000],
  ["MCP_MESH_EVENT_MAX_ROWS", "0", "eventMaxRows", 0],
  ["MCP_MESH_PROXY_TIMEOUT", "5", "proxyTimeoutMs", 5_000],
  ["MCP_MESH_PROXY_TIMEOUT", "3600", "proxyTimeoutMs", 600_000],
  ["MCP_MESH_ALLOWED_HOSTS", "A.test, b.test,", "allowedHosts", ["a.test", "b.test"]],
  ["MCP_MESH_ALLOWED_HOSTS", " ", "allowedHosts", undefined],
  ["MCP_MESH_PUBLIC_URL_PREFIX", "https://a.test/b/", "publicUrlPrefix", "https://a.test/b"],
  ["MCP_MESH_ADMIN_TOKEN", " secret-token ", "adminToken", "secret-token"],
  ["MCP_MESH_MCP", " ON ", "mcp", "on"],
  ["MCP_MESH_MCP", "", "mcp", "loopback"],
  ["MCP_MESH_MCP_TOKEN", "secret-token", "mcpToken", "secret-token"],
  [
    "MCP_MESH_PROPAGATE_HEADERS",
    "X-One, y-*, *",
    "propagateHeaders",
    { names: new Set(["x-one"]), prefixes: ["y-"] },
  ],
];
for (const [name, text, setting, value] of values) {
  Deno.test(`readConfig() reads ${name}=${text} as ${setting}`, () => {
    deepEqual(readConfig({ [name]: text }).registry[setting], value);
  });
}

const faults: [name: string, text: string][] = [
  ["PORT", "x"],
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["MCP_MESH_ADMIN_PORT", "-1"],
  ["HEALTH_CHECK_INTERVAL", "0"],
  ["DEFAULT_TIMEOUT_THRESHOLD", "-5"],
  ["MCP_MESH_RETENTION", "not-a-duration"],
  ["MCP_MESH_SWEEP_INTERVAL", "0s"],
  ["MCP_MESH_EVENT_MAX_ROWS", "1e5"],
  ["MCP_MESH_EVENT_MAX_ROWS", "many"],
  ["MCP_MESH_PROXY_TIMEOUT", "soon"],
  ["MCP_MESH_PUBLIC_URL_PREFIX", "agents.test"],
  ["MCP_MESH_PUBLIC_URL_PREFIX", "ftp://agents.test"],
  ["MCP_MESH_MCP", "yes"],
  ["MCP_MESH_DISTRIBUTED_TRACING_ENABLED", "perhaps"],
  ["MCP_MESH_TRACE_MAX_SPANS", "0"],
  ["MCP_MESH_TRACE_RETENTION", "a day"],
  ["TRACE_BATCH_SIZE", "0"],
  ["TRACE_EXPORTER_TYPE", "zipkin"],
  ["REDIS_URL", "http://localhost"],
  ["TELEMETRY_ENDPOINT", "collector"],
  ["TELEMETRY_PROTOCOL", "udp"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector"],
  ["OTEL_EXPORTER_OTLP_PROTOCOL", "http"],
  ["OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"],
  ["OTEL_RESOURCE_ATTRIBUTES", "no pair"],
  ["TEMPO_URL", "tempo:3200"],
];
for (const [name, text] of faults) {
  Deno.test(`readConfig() refuses ${name}=${text}, naming it`, () => {
    throws(() => readConfig({ [name]: text }), (error) => {
      equal(isMeshError(error, "bad_config"), true);
      equal(String(error).includes(`${name}="${text}" cannot be used`), true, String(error));
      return true;
    });
  });
}

const secrets: [name: string, text: string][] = [
  ["MCP_MESH_ADMIN_TOKEN", "päss"],
  ["MCP_MESH_MCP_TOKEN", "päss"],
  ["REDIS_URL", "user:päss@redis"],
  ["TEMPO_URL", "user:päss@tempo"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "päss"],
];
for (const [name, text] of secrets) {
  Deno.test(`readConfig() refuses a bad ${name} without printing it`, () => {
    throws(() => readConfig({ [name]: text }), (error) => {
      equal(String(error).includes(`${name}=… cannot be used`), true, String(error));
      equal(String(error).includes("päss"), false);
      return true;
    });
  });
}
