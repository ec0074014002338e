import assert from "node:assert/strict";
import { type AgentConfig, agentConfig } from "./config.ts";
import { type AgentManifest, blankManifest } from "../define/manifest.ts";

const manifest: AgentManifest = { ...blankManifest("flight-agent"), port: 9101 };

Deno.test("agentConfig() has the documented defaults", () => {
  const { agentId, instanceToken, stateKey, ...config } = agentConfig({}, manifest);
  assert.match(agentId, /^flight-agent-[0-9a-f]{8}$/);
  assert.match(instanceToken, /^[\w-]{43}$/);
  assert.notEqual(instanceToken, agentConfig({}, manifest).instanceToken);
  assert.equal(stateKey.length, 32);
  assert.notDeepEqual(stateKey, agentConfig({}, manifest).stateKey);
  assert.deepEqual(config, {
    name: "flight-agent",
    namespace: "default",
    registryUrl: "http://localhost:8000",
    advertisedHost: "127.0.0.1",
    bindHost: "127.0.0.1",
    port: 9101,
    heartbeatMs: 5_000,
    holdsStream: true,
    llm: { model: undefined, maxIterations: undefined, toolMode: undefined },
    hasSessions: false,
    settleMs: 20_000,
    callTimeoutMs: 300_000,
    drainMs: 10_000,
    healthCheckMs: 15_000,
    maxConcurrency: 256,
    maxConnections: undefined,
    memoryBytes: 1_073_741_824,
    dataBytes: 1_073_741_824,
    propagateHeaders: [],
    allowedHosts: [],
    dataFolder: undefined,
    logLevel: "info",
    logFormat: "pretty",
    tracing: {
      mode: "asked",
      ratio: 1,
      redisUrl: undefined,
      redisTls: undefined,
      streamMaxLength: 100_000,
    },
  });
});

const overrides: [env: Record<string, string>, expected: Partial<AgentConfig>][] = [
  [{ MCP_MESH_HTTP_PORT: "0" }, { port: 0 }],
  [{ MCP_MESH_SHUTDOWN_TIMEOUT: "1.5" }, { drainMs: 1_500 }],
  [{ MCP_MESH_SHUTDOWN_TIMEOUT: "0" }, { drainMs: 0 }],
  [{ MCP_MESH_HTTP_PORT: "" }, { port: 9101 }],
  [{ MCP_MESH_AGENT_NAME: "other", MCP_MESH_AGENT_ID: "other-1" }, {
    name: "other",
    agentId: "other-1",
  }],
  [{ MCP_MESH_INSTANCE_TOKEN: "t".repeat(32) }, { instanceToken: "t".repeat(32) }],
  [{ MCP_MESH_NAMESPACE: "prod" }, { namespace: "prod" }],
  [{ MCP_MESH_REGISTRY_URL: "https://mesh.example/" }, { registryUrl: "https://mesh.example" }],
  [{ MCP_MESH_HTTP_HOST: "10.0.0.7" }, {
    advertisedHost: "10.0.0.7",
    bindHost: "0.0.0.0",
    allowedHosts: [],
  }],
  [{ MCP_MESH_HTTP_HOST: "::1" }, { advertisedHost: "::1", bindHost: "::1" }],
  [{ MCP_MESH_HTTP_HOST: "[FD00:0::7]" }, { advertisedHost: "fd00::7", bindHost: "::" }],
  [{ MCP_MESH_HTTP_HOST: "::1", HOST: "[::]" }, { advertisedHost: "::1", bindHost: "::" }],
  [{ MCP_MESH_REGISTRY_URL: "http://[::1]:8000" }, { advertisedHost: "::1", bindHost: "::1" }],
  [{ MCP_MESH_HTTP_HOST: "agent.svc", HOST: "127.0.0.1", MCP_MESH_ALLOWED_HOSTS: "A.example" }, {
    bindHost: "127.0.0.1",
    allowedHosts: ["a.example"],
  }],
  [{ MCP_MESH_SETTLE_TIMEOUT: "0.5", MCP_MESH_HEALTH_INTERVAL: "0.2" }, {
    hasSessions: false,
    settleMs: 500,
    heartbeatMs: 200,
  }],
  [{ MCP_MESH_MAX_CONNECTIONS: "50" }, { maxConnections: 50, memoryBytes: 1_073_741_824 }],
  [{ MCP_MESH_MEMORY_LIMIT: "512MiB" }, { memoryBytes: 536_870_912 }],
  [{ MCP_MESH_DATA_LIMIT: "1MiB" }, { dataBytes: 1_048_576 }],
  [{ MCP_MESH_MEMORY_LIMIT: "134217728" }, { memoryBytes: 134_217_728 }],
  [{ MCP_MESH_WIRING_STREAM: "off" }, { holdsStream: false }],
  [{ MCP_MESH_SETTLE_TIMEOUT: "0" }, { settleMs: 0 }],
  [{ MCP_MESH_CALL_TIMEOUT: "1e12" }, { callTimeoutMs: 2_147_483_647 }],
  [{ MCP_MESH_LOG_LEVEL: "WARNING" }, { logLevel: "warn" }],
  [{ MCP_MESH_LOG_LEVEL: "TRACE" }, { logLevel: "debug" }],
];
for (const [env, expected] of overrides) {
  Deno.test(`agentConfig() of ${JSON.stringify(env)}`, () => {
    const config = agentConfig(env, manifest);
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(config[key as keyof AgentConfig], value);
    }
  });
}

const refused: [name: string, value: string][] = [
  ["MCP_MESH_HTTP_PORT", "70000"],
  ["MCP_MESH_HTTP_PORT", "nine"],
  ["MCP_MESH_REGISTRY_URL", "localhost:8000"],
  ["MCP_MESH_REGISTRY_URL", "ftp://x"],
  ["MCP_MESH_HTTP_HOST", "10.0.0.7:9000"],
  ["MCP_MESH_HTTP_HOST", "http://agent"],
  ["MCP_MESH_HTTP_HOST", "fe80::1%eth0"],
  ["MCP_MESH_HEALTH_INTERVAL", "-1"],
  ["MCP_MESH_AGENT_NAME", "Not Valid"],
  ["MCP_MESH_MAX_CONCURRENCY", "0"],
  ["MCP_MESH_MAX_CONNECTIONS", "0"],
  ["MCP_MESH_DATA_LIMIT", "much"],
  ["MCP_MESH_DATA_LIMIT", "0"],
  ["MCP_MESH_MEMORY_LIMIT", "much"],
  ["MCP_MESH_MEMORY_LIMIT", "127MiB"],
  ["MCP_MESH_MEMORY_LIMIT", "0"],
  ["MCP_MESH_LOG_LEVEL", "loud"],
  ["MCP_MESH_WIRING_STREAM", "perhaps"],
];
for (const [name, value] of refused) {
  Deno.test(`agentConfig() refuses ${name}=${value} by name`, () => {
    assert.throws(() => agentConfig({ [name]: value }, manifest), {
      code: "bad_config",
      message: new RegExp(`^${name}=${value} cannot be used: `),
    });
  });
}

Deno.test("agentConfig() reads the certificates of Redis, where it is to be reached by TLS", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "PEM");
    const redisTls = (environment: Record<string, string>) =>
      agentConfig(environment, manifest).tracing.redisTls;
    const files = { REDIS_TLS_CA: file, REDIS_TLS_CERT: file, REDIS_TLS_KEY: file };
    assert.deepEqual(redisTls({ REDIS_URL: "rediss://r", ...files }), {
      ca: "PEM",
      cert: "PEM",
      key: "PEM",
    });
    assert.deepEqual(redisTls({ REDIS_URL: "rediss://r", REDIS_TLS_CA: file }), { ca: "PEM" });
    assert.equal(redisTls({ REDIS_URL: "redis://r", ...files }), undefined);
    assert.throws(() => redisTls({ REDIS_URL: "rediss://r", REDIS_TLS_CA: "/nowhere.pem" }), {
      code: "bad_config",
      message: /^REDIS_TLS_CA=\/nowhere\.pem cannot be read: .*; correct or unset it$/,
    });
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("agentConfig() reads how calls are recorded, and shows no address that holds a password", () => {
  const tracing = (environment: Record<string, string>) =>
    agentConfig(environment, manifest).tracing;
  assert.deepEqual(
    tracing({ MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "ON", REDIS_URL: "rediss://r" }),
    {
      mode: "on",
      ratio: 1,
      redisUrl: "rediss://r",
      redisTls: undefined,
      streamMaxLength: 100_000,
    },
  );
  assert.equal(tracing({ MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "0" }).mode, "off");
  // An agent's own, of another kind.
  assert.equal(tracing({ REDIS_URL: "10.0.0.1:6379" }).redisUrl, undefined);
  const ours = { MCP_MESH_TRACE_REDIS_URL: "redis://ours" };
  assert.equal(tracing(ours).redisUrl, "redis://ours");
  assert.equal(tracing({ ...ours, REDIS_URL: "10.0.0.1:6379" }).redisUrl, "redis://ours");
  assert.equal(tracing({ ...ours, REDIS_URL: "redis://theirs" }).redisUrl, "redis://theirs");
  assert.throws(
    () => tracing({ MCP_MESH_TRACE_REDIS_URL: "http://:hidden@r" }),
    ({ message }: Error) =>
      message.includes("MCP_MESH_TRACE_REDIS_URL cannot be used") && !message.includes("hidden"),
  );
  for (
    const url of ["http://ada:hidden@mesh.test", "https://hidden@mesh.test/", "http://a:hid/den@x"]
  ) {
    assert.throws(
      () => agentConfig({ MCP_MESH_REGISTRY_URL: url }, manifest),
      ({ message }: Error) =>
        message.startsWith("MCP_MESH_REGISTRY_URL cannot be used: ") && !/hid/.test(message),
    );
  }
  assert.throws(() => tracing({ MCP_MESH_TRACE_SAMPLE_RATIO: "2" }), {
    code: "bad_config",
    message: /MCP_MESH_TRACE_SAMPLE_RATIO=2/,
  });
  assert.throws(
    () => agentConfig({ MCP_MESH_REQUEST_STATE_KEY: "short-secret" }, manifest),
    ({ message }: Error) => !message.includes("short-secret"),
  );
});
