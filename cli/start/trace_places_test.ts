import { deepEqual, equal, ok } from "node:assert/strict";
import { type StackAddresses, tracePlaces } from "./trace_places.ts";

/** A service that answers the first thing it is sent, or nothing. */
function service(answer?: string): Disposable & { port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  void (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      if (answer === undefined) continue;
      await connection.read(new Uint8Array(64)).catch(() => null);
      await connection.write(new TextEncoder().encode(answer)).catch(() => 0);
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of connections) connection.close();
    },
  };
}

/** A port at which nothing is. */
function nothing(): number {
  using closed = service();
  return closed.port;
}

const REGISTRY = { url: "http://localhost:8000", local: true };
/** Nobody answers for a registry. */
const none = () => Promise.reject(new TypeError("refused"));
/** A registry that runs, with these settings. */
const running = (config: Record<string, unknown>) => () =>
  Promise.resolve(Response.json({ enabled: true, config }));

function addresses(redis: number, otlp: number, tempo: number): StackAddresses {
  return {
    redis: `redis://localhost:${redis}`,
    otlp: `localhost:${otlp}`,
    tempo: `http://localhost:${tempo}`,
  };
}

Deno.test("tracePlaces() takes what answers", async () => {
  using redis = service("+PONG\r\n");
  using otlp = service();
  using tempo = service();
  const usual = addresses(redis.port, otlp.port, tempo.port);
  deepEqual(await tracePlaces({}, REGISTRY, { fetch: none }, usual), {
    variables: {
      MCP_MESH_TRACE_REDIS_URL: usual.redis,
      TELEMETRY_ENDPOINT: usual.otlp,
      TEMPO_URL: usual.tempo,
    },
    text:
      `Spans go to the registry over Redis at ${usual.redis}, from there to ${usual.otlp} (OTLP), ` +
      `older traces come from Tempo at ${usual.tempo}`,
  });
});

Deno.test("tracePlaces() leaves spans to the registry where nothing is", async () => {
  const usual = addresses(nothing(), nothing(), nothing());
  deepEqual(await tracePlaces({}, REGISTRY, { fetch: none }, usual), {
    variables: {},
    text: "Spans go to the registry",
  });
});

for (const [what, answer] of [["hangs", undefined], ["wants a password", "-NOAUTH no\r\n"]]) {
  Deno.test(`tracePlaces() does without a Redis that ${what}, and soon`, async () => {
    using redis = service(answer);
    const usual = addresses(redis.port, nothing(), nothing());
    const since = performance.now();
    const { variables } = await tracePlaces({}, REGISTRY, { fetch: none }, usual);
    deepEqual(variables, {});
    ok(performance.now() - since < 5_000);
  });
}

Deno.test("tracePlaces() lets variables win, also empty ones", async () => {
  using redis = service("+PONG\r\n");
  using otlp = service();
  using tempo = service();
  const usual = addresses(redis.port, otlp.port, tempo.port);
  const cases: [environment: Record<string, string>, left: string[], text: string][] = [
    [{ REDIS_URL: "" }, ["TELEMETRY_ENDPOINT", "TEMPO_URL"], "Spans go to the registry, from"],
    [
      { REDIS_URL: "redis://:secret@cache:6380" },
      ["TELEMETRY_ENDPOINT", "TEMPO_URL"],
      "Spans go to the registry over Redis at redis://cache:6380, from",
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" },
      ["MCP_MESH_TRACE_REDIS_URL", "TEMPO_URL"],
      `Spans go to the registry over Redis at ${usual.redis}, from there to http://collector:4318 (OTLP), older`,
    ],
    [
      { TRACE_EXPORTER_TYPE: "none", TEMPO_URL: "" },
      ["MCP_MESH_TRACE_REDIS_URL"],
      `Spans go to the registry over Redis at ${usual.redis}`,
    ],
  ];
  for (const [environment, left, text] of cases) {
    const places = await tracePlaces(environment, REGISTRY, { fetch: none }, usual);
    deepEqual(Object.keys(places.variables), left);
    equal(places.text.slice(0, text.length), text);
    ok(!places.text.includes("secret"));
  }
});

Deno.test("tracePlaces() does as a registry that runs already", async () => {
  using redis = service("+PONG\r\n");
  using otlp = service();
  const usual = addresses(redis.port, otlp.port, nothing());
  const ask = (config: Record<string, unknown>) =>
    tracePlaces({}, REGISTRY, { fetch: running(config) }, usual);
  deepEqual(await ask({ exporters: [] }), { variables: {}, text: "Spans go to the registry" });
  deepEqual((await ask({ redis_url: "redis://elsewhere:6379" })).variables, {});
  deepEqual(
    await ask({
      redis_url: `redis://127.0.0.1:${redis.port}`,
      exporters: [{ type: "console" }, { type: "otlp", endpoint: "http://collector:4317" }],
      tempo_url: "http://tempo:3200",
    }),
    {
      variables: { MCP_MESH_TRACE_REDIS_URL: usual.redis },
      text:
        `Spans go to the registry over Redis at ${usual.redis}, from there to http://collector:4317 (OTLP), ` +
        "older traces come from Tempo at http://tempo:3200",
    },
  );
});

Deno.test("tracePlaces() leaves a registry elsewhere its own", async () => {
  using redis = service("+PONG\r\n");
  using otlp = service();
  const usual = addresses(redis.port, otlp.port, nothing());
  const registry = { url: "http://mesh:8000", local: false };
  for (const fetch of [none, running({ exporters: [] })]) {
    deepEqual((await tracePlaces({}, registry, { fetch }, usual)).variables, {});
  }
});
