import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Redis } from "ioredis";
import { BATCH_SPANS_MAX } from "../../runtime/protocol/trace.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import {
  CompletedTraceSchema,
  TraceListSchema,
  TraceStatsSchema,
  TraceStatusSchema,
} from "../../runtime/protocol/trace_view.ts";
import { readConfig } from "../config/config.ts";
import { createRegistry, type Registry } from "../app/registry.ts";
import { spawned, temporaryDatabase } from "../suites/process_fixture.ts";
import {
  otlpGrpcSink,
  otlpHttpSink,
  type OtlpSink,
  type ReceivedSpan,
} from "./export/otlp_sink_fixture.ts";
import { redisTest } from "../../.ci/fixtures/redis_server.ts";
import { publish } from "./redis/stream_fixture.ts";
import { batch, measured, spanId, traceId } from "./span_fixture.ts";
import { tripSpans } from "./trip_fixture.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

/** A registry over a database, by the time of this machine. */
async function registryOf(
  kv: Deno.Kv,
  env: Record<string, string>,
  log: string[] = [],
): Promise<Registry> {
  return await createRegistry({
    kv,
    config: readConfig(env).registry,
    log: (line) => log.push(line),
  });
}

async function ask(registry: Registry, path: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await registry.fetch(new Request(`http://registry.test${path}`, init));
  return await response.json();
}

/** Sends spans as their agents do: each its own. */
async function post(registry: Registry, spans: readonly MeasuredSpan[]): Promise<void> {
  for (const own of Map.groupBy(spans, ({ agent }) => agent.id).values()) {
    const receipt = await ask(registry, "/trace/spans", {
      agent: own[0]?.agent,
      spans: own.map(({ span }) => span),
    });
    deepEqual(receipt, { accepted: own.length, rejected: 0 });
  }
}

/** Who is below whom, as ids. */
const sentEdges = (spans: readonly MeasuredSpan[]) =>
  spans.map(({ span }) => `${span.parent_span_id ?? ""}>${span.span_id}`).sort();
const receivedEdges = (spans: readonly ReceivedSpan[]) =>
  spans.map(({ parentSpanId, spanId }) => `${parentSpanId}>${spanId}`).sort();

const SINKS: [name: string, open: () => OtlpSink | Promise<OtlpSink>, protocol: string][] = [
  ["gRPC", otlpGrpcSink, "grpc"],
  ["HTTP with protobuf", otlpHttpSink, "http"],
];

for (const [name, open, protocol] of SINKS) {
  Deno.test(`spans of agents reach a collector over ${name} with their parents`, async () => {
    await using sink = await open();
    using kv = await Deno.openKv(":memory:");
    const spans = tripSpans(7);
    {
      await using registry = await registryOf(kv, {
        TELEMETRY_ENDPOINT: sink.address,
        TELEMETRY_PROTOCOL: protocol,
      });
      await post(registry, spans);
      await sink.received.has(spans.length);
    }
    deepEqual(receivedEdges(sink.received.spans), sentEdges(spans));
    deepEqual([...new Set(sink.received.spans.map((span) => span.traceId))], [traceId(7)]);
    const names = new Set(sink.received.spans.map(({ resource }) => resource["service.name"]));
    equal(names.size, new Set(spans.map(({ agent }) => agent.name)).size);
  });
}

Deno.test("a registry that stops passes on what has come", async () => {
  await using sink = otlpHttpSink();
  using kv = await Deno.openKv(":memory:");
  const registry = await registryOf(kv, {
    TELEMETRY_ENDPOINT: sink.address,
    TELEMETRY_PROTOCOL: "http",
  });
  await post(registry, tripSpans(4));
  await registry[Symbol.asyncDispose]();
  deepEqual(receivedEdges(sink.received.spans), sentEdges(tripSpans(4)));
});

for (const protocol of ["http", "grpc"]) {
  Deno.test(`a registry stops in time while its ${protocol} collector does not answer, and says what is lost`, async () => {
    const silent = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const connections: Deno.Conn[] = [];
    const accepting = (async () => {
      for await (const connection of silent) connections.push(connection);
    })();
    using kv = await Deno.openKv(":memory:");
    const log: string[] = [];
    const env = {
      TELEMETRY_ENDPOINT: `127.0.0.1:${silent.addr.port}`,
      TELEMETRY_PROTOCOL: protocol,
    };
    const registry = await registryOf(kv, env, log);
    const spans = tripSpans(3);
    await post(registry, spans);
    const begun = performance.now();
    await registry[Symbol.asyncDispose]();
    ok(performance.now() - begun < 5_000);
    const lost = log.filter((line) => line.includes("were not passed on"));
    equal(lost.length, 1, log.join("\n"));
    match(lost[0] ?? "", new RegExp(`^${spans.length} spans `));
    silent.close();
    await accepting.catch(() => {});
    for (const connection of connections) connection.close();
  });
}

Deno.test("a registry that does nothing between requests passes spans on with the answer", async () => {
  await using sink = otlpHttpSink();
  using kv = await Deno.openKv(":memory:");
  const env = { TELEMETRY_ENDPOINT: sink.address, TELEMETRY_PROTOCOL: "http" };
  await using registry = await createRegistry({
    kv,
    config: readConfig(env).registry,
    background: false,
  });
  await post(registry, tripSpans(3));
  deepEqual(receivedEdges(sink.received.spans), sentEdges(tripSpans(3)));
});

redisTest("spans of the stream reach the database and a collector", async (redis) => {
  await using sink = await otlpGrpcSink();
  using kv = await Deno.openKv(":memory:");
  const spans = tripSpans(7);
  await publish(redis.client(), spans);
  await using registry = await registryOf(kv, {
    REDIS_URL: redis.url,
    TELEMETRY_ENDPOINT: sink.address,
  });
  await sink.received.has(spans.length);
  deepEqual(receivedEdges(sink.received.spans), sentEdges(spans));
  const trace = CompletedTraceSchema.parse(await ask(registry, `/trace/${traceId(7)}`));
  deepEqual([trace.SpanCount, trace.Complete], [spans.length, true]);
  const { consumer } = TraceStatusSchema.parse(await ask(registry, "/trace/status"));
  deepEqual([consumer?.consuming, consumer?.stream_name], [true, "mesh:trace"]);
});

/** Publishes spans as an agent that does not give up, a hundred at a time. */
async function publishAll(
  client: Redis,
  spans: readonly MeasuredSpan[],
  onProgress: (published: number) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < spans.length; at += 100) {
    const some = spans.slice(at, at + 100);
    for (;;) {
      try {
        await publish(client, some);
        break;
      } catch {
        // Redis died under it: whether it took them is not known, so they are sent again.
      }
    }
    await onProgress(at + some.length);
  }
}

redisTest("a Redis that is killed under load costs no span", async (redis) => {
  const sent = Array.from(
    { length: 6_000 },
    (_, at) => measured({ trace: 1 + Math.floor(at / 30), id: 1 + at }),
  );
  await using sink = otlpHttpSink();
  using kv = await Deno.openKv(":memory:");
  const log: string[] = [];
  const env = {
    REDIS_URL: redis.url,
    TELEMETRY_ENDPOINT: sink.address,
    TELEMETRY_PROTOCOL: "http",
  };
  await using one = await registryOf(kv, env, log);
  await using _other = await registryOf(kv, env, log);
  let restarting = Promise.resolve();
  await publishAll(redis.client(), sent, async (published) => {
    if (published !== 2_000 && published !== 4_000) return;
    await restarting;
    // Not waited for: publishing goes on meanwhile.
    restarting = redis.kill().then(() => redis.start());
  });
  await restarting;
  const isThere = () => new Set(sink.received.spans.map((span) => span.spanId)).size;
  for (let size = isThere(); size < sent.length; size = isThere()) {
    await sink.received.has(sink.received.spans.length + 1);
  }
  let kept = 0;
  for (let number = 1; number <= sent.length / 30; number++) {
    const trace = CompletedTraceSchema.parse(await ask(one, `/trace/${traceId(number)}`));
    kept += trace.SpanCount;
  }
  equal(kept, sent.length);
  ok(log.some((line) => line.includes("the trace stream cannot be read")), log.join("\n"));
  ok(log.some((line) => line.includes("is read again")), log.join("\n"));
});

/** Spans of the load that follows. */
const LOAD = 50_000;
const LIMIT = 20_000;

processTest("50,000 spans: none is lost within the limits, and memory stays flat", async (test) => {
  await using database = await temporaryDatabase();
  await using sink = otlpHttpSink();
  const registry = await spawned(database.path, [], {
    MCP_MESH_TRACE_MAX_SPANS: String(LIMIT),
    MCP_MESH_TRACE_MAX_RATE: "0",
    // Less than the spans would take if they were held, and no garbage that only looks like it.
    DENO_V8_FLAGS: "--max-old-space-size=64",
    TELEMETRY_ENDPOINT: sink.address,
    TELEMETRY_PROTOCOL: "http",
  });
  try {
    const get = async (path: string) => await (await fetch(`${registry.url}${path}`)).text();
    const memory: number[] = [];
    const attributes = { "note": "x".repeat(200) };
    for (let at = 0; at < LOAD; at += BATCH_SPANS_MAX) {
      const facts = Array.from({ length: BATCH_SPANS_MAX }, (_, place) => ({
        trace: 1 + Math.floor((at + place) / 10),
        id: 1 + at + place,
        attributes,
      }));
      const response = await fetch(`${registry.url}/trace/spans`, {
        method: "POST",
        body: JSON.stringify(batch("flight-agent", facts)),
      });
      equal(response.status, 202, await response.text());
      // The receiver is this process, too: it may be behind, within the exporter's room.
      await sink.received.has(at - 10 * BATCH_SPANS_MAX);
      const [, bytes = ""] = /^process_memory_usage_bytes (\S+)$/m.exec(await get("/metrics")) ??
        [];
      memory.push(Number(bytes) / 1_048_576);
    }
    await sink.received.has(LOAD);
    equal(new Set(sink.received.spans.map((span) => span.spanId)).size, LOAD);
    const statistics = async () =>
      TraceStatsSchema.parse(JSON.parse(await get("/trace/stats"))).stats;
    let stats = await statistics();
    // The receiver has them before its answer is back.
    while ((stats?.exported.otlp ?? LOAD) < LOAD) stats = await statistics();
    deepEqual([stats?.stored.http, stats?.dropped.http, stats?.exported.otlp], [LOAD, 0, LOAD]);
    for (const at of [LOAD, LOAD - LIMIT + 10]) {
      const trace = CompletedTraceSchema.parse(JSON.parse(await get(`/trace/${traceId(at / 10)}`)));
      equal(trace.SpanCount, 10);
      ok(trace.Spans.some(({ SpanID }) => SpanID === spanId(at)));
    }
    const { traces } = TraceListSchema.parse(JSON.parse(await get("/traces?limit=1")));
    equal(traces[0]?.trace_id, traceId(LOAD / 10));
    await test.step(`MiB: ${memory.map(Math.round).join(" ")}`, () => {
      const [first, last] = [memory.slice(0, 20), memory.slice(-20)].map((some) =>
        Math.max(...some)
      );
      ok((last ?? 0) < (first ?? 0) * 1.15, `${last} after ${first}`);
    });
  } finally {
    registry.kill("SIGTERM");
    const { code, errors } = await registry.ended();
    equal(code, 0, errors);
  }
});
