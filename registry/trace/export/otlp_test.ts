import { deepEqual, equal, match } from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { endless } from "../../../runtime/base/endless_fixture.ts";
import { readConfig } from "../../config/config.ts";
import { VERSION } from "../../base/version.ts";
import { measured, spanAgent, spanId, traceId } from "../span_fixture.ts";
import type { OtlpConfig } from "../../config/trace_config.ts";
import { tripSpans } from "../trip_fixture.ts";
import type { Exporter } from "./exporter.ts";
import { otlpGrpcExporter } from "./otlp_grpc.ts";
import { otlpHttpExporter } from "./otlp_http.ts";
import {
  otlpGrpcSink,
  otlpHttpSink,
  type OtlpSink,
  type ReceivedSpan,
} from "./otlp_sink_fixture.ts";

const RESOURCE = { "deployment.environment.name": "test" };

/** Settings that lead to a receiver. */
function configFor(address: string, env: Record<string, string>): OtlpConfig {
  const { exporters } = readConfig({ TELEMETRY_ENDPOINT: address, ...env }).registry.trace;
  const [config] = exporters;
  if (config?.type !== "otlp") throw new Error("nothing is exported by OTLP");
  return config;
}

interface Way {
  readonly name: string;
  open(port?: number): OtlpSink | Promise<OtlpSink>;
  exporter(address: string, env?: Record<string, string>): Exporter;
}

const http = (address: string, env: Record<string, string>) =>
  otlpHttpExporter({
    config: configFor(address, env),
    resource: RESOURCE,
    fetch,
    now: () => 0,
  });

const WAYS: Way[] = [
  {
    name: "http/protobuf",
    open: otlpHttpSink,
    exporter: (address, env) => http(address, { TELEMETRY_PROTOCOL: "http", ...env }),
  },
  {
    name: "http/json",
    open: otlpHttpSink,
    exporter: (address, env) => http(address, { TELEMETRY_PROTOCOL: "http/json", ...env }),
  },
  {
    name: "grpc",
    open: otlpGrpcSink,
    exporter: (address, env = {}) =>
      otlpGrpcExporter({ config: configFor(address, env), tls: {}, resource: RESOURCE }),
  },
];

/** The tools a trace's spans ran, as `parent>child`, by what the receiver has of parentage. */
function edges(spans: readonly ReceivedSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return spans.map((span) => {
    const parent = byId.get(span.parentSpanId);
    const where = (of: ReceivedSpan) => `${of.resource["service.name"]}:${of.name}:${of.kind}`;
    return `${parent === undefined ? span.parentSpanId : where(parent)}>${where(span)}`;
  }).sort();
}

for (const { name, open, exporter } of WAYS) {
  Deno.test(`OTLP ${name}: a trace arrives with its ids, parents, times and agents`, async () => {
    await using sink = await open();
    using stack = new DisposableStack();
    const way = stack.adopt(exporter(sink.address), (each) => each.close());
    const spans = tripSpans(7);
    deepEqual(await way.export(spans), { kind: "taken", refused: 0 });
    const { received } = sink;
    equal(received.spans.length, spans.length);
    const agentOf = new Map(spans.map(({ span, agent }) => [span.span_id, { span, agent }]));
    const kinds = ["", "internal", "server", "client"];
    const expected = spans.map(({ span, agent }) => {
      const where = (of: { span: typeof span; agent: typeof agent }) =>
        `${of.agent.name}:${of.span.name}:${kinds.indexOf(of.span.kind)}`;
      const parent = agentOf.get(span.parent_span_id ?? "");
      return `${parent === undefined ? "" : where(parent)}>${where({ span, agent })}`;
    }).sort();
    deepEqual(edges(received.spans), expected);
    equal(received.spans.filter(({ parentSpanId }) => parentSpanId === "").length, 1);
    deepEqual(new Set(received.spans.map((span) => span.traceId)), new Set([traceId(7)]));
    for (const span of received.spans) {
      const sent = agentOf.get(span.spanId)?.span;
      equal(span.startTimeUnixNano, `${sent?.start_us}000`);
      equal(span.endTimeUnixNano, `${(sent?.start_us ?? 0) + (sent?.duration_us ?? 0)}000`);
    }
  });

  Deno.test(`OTLP ${name}: names are OpenTelemetry's where it has one`, async () => {
    await using sink = await open();
    using stack = new DisposableStack();
    const way = stack.adopt(exporter(sink.address), (each) => each.close());
    await way.export([{
      ...measured({
        id: 2,
        parent: 1,
        kind: "client",
        name: "chat m",
        error: { code: "timeout", message: "no answer – 30 s" },
        capability: "llm",
        target_agent: "claude-provider-99887766",
        request_bytes: 5,
        chunks: 3,
        llm: { model: "m", provider: "p", input_tokens: 7, output_tokens: 8 },
        attributes: { "gen_ai.operation.name": "chat", ratio: 0.5, cached: true },
      }),
      agent: spanAgent("planner-agent", { namespace: "blue", hostname: "box", version: "2.1.0" }),
    }]);
    const [span] = sink.received.spans;
    deepEqual(span?.resource, {
      "service.name": "planner-agent",
      "service.instance.id": "planner-agent-1eaedb6c",
      "service.version": "2.1.0",
      "service.namespace": "blue",
      "host.name": "box",
      "deployment.environment.name": "test",
    });
    deepEqual(span?.attributes, {
      "gen_ai.operation.name": "chat",
      ratio: 0.5,
      cached: true,
      "mcp.agent.id": "planner-agent-1eaedb6c",
      "mcp.operation": "chat m",
      "mcp.runtime": "deno",
      "mesh.capability": "llm",
      "mesh.target.agent": "claude-provider-99887766",
      "peer.service": "claude-provider",
      "mesh.request.size": 5,
      "mesh.stream.chunks": 3,
      "error.type": "timeout",
      "gen_ai.request.model": "m",
      "gen_ai.provider.name": "p",
      "gen_ai.usage.input_tokens": 7,
      "gen_ai.usage.output_tokens": 8,
    });
    deepEqual(span?.status, { code: 2, message: "no answer – 30 s" });
    equal(span?.parentSpanId, spanId(1));
    equal(span?.scope, "mesh");
    match(VERSION, /^\d/);
  });

  Deno.test(`OTLP ${name}: sends the headers that are set, packed if so set`, async () => {
    await using sink = await open();
    using stack = new DisposableStack();
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: "api-key=secret",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    };
    const way = stack.adopt(exporter(sink.address, env), (each) => each.close());
    await way.export([measured({ id: 1 })]);
    equal(sink.received.headers[0]?.["api-key"], "secret");
    equal(sink.received.spans.length, 1);
  });

  Deno.test(`OTLP ${name}: tells how many spans the receiver did not take`, async () => {
    await using sink = await open();
    using stack = new DisposableStack();
    const way = stack.adopt(exporter(sink.address), (each) => each.close());
    sink.received.refused = 3;
    deepEqual(await way.export(tripSpans(3)), { kind: "taken", refused: 3 });
  });

  Deno.test(`OTLP ${name}: a receiver that was not there gets spans once it is`, async () => {
    const gone = await open();
    await gone[Symbol.asyncDispose]();
    using stack = new DisposableStack();
    const way = stack.adopt(exporter(gone.address), (each) => each.close());
    equal((await way.export([measured({ id: 1 })])).kind, "later");
    await using sink = await open(Number(gone.address.split(":")[1]));
    for (let kind = "later"; kind === "later";) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      ({ kind } = await way.export([measured({ id: 1 })]));
    }
    equal(sink.received.spans.length, 1);
  });

  Deno.test(`OTLP ${name}: sends nothing for spans that have only begun`, async () => {
    await using sink = await open();
    using stack = new DisposableStack();
    const way = stack.adopt(exporter(sink.address), (each) => each.close());
    const { span, agent } = measured({ id: 1 });
    deepEqual(await way.export([{ span: { ...span, duration_us: undefined }, agent }]), {
      kind: "taken",
    });
    deepEqual(sink.received.headers, []);
  });
}

Deno.test("OTLP over HTTP knows what may be sent again, and when", async () => {
  await using sink = otlpHttpSink();
  const way = http(sink.address, { TELEMETRY_PROTOCOL: "http/json" });
  const rows: [() => Response, Awaited<ReturnType<Exporter["export"]>>][] = [
    [
      () => new Response("busy", { status: 429, headers: { "retry-after": "7" } }),
      { kind: "later", reason: "it answered 429: busy", afterMs: 7_000 },
    ],
    [
      () =>
        new Response(null, {
          status: 503,
          headers: { "retry-after": new Date(9_000).toUTCString() },
        }),
      { kind: "later", reason: "it answered 503", afterMs: 9_000 },
    ],
    [
      () => new Response(null, { status: 502 }),
      { kind: "later", reason: "it answered 502", afterMs: undefined },
    ],
    [
      () => new Response("what?", { status: 400 }),
      { kind: "refused", reason: "it answered 400: what?" },
    ],
    [() => new Response("not OTLP at all"), { kind: "taken", refused: 0 }],
  ];
  for (const [answer, outcome] of rows) {
    sink.received.answers.push(answer);
    deepEqual(await way.export([measured({ id: 1 })]), outcome);
  }
});

Deno.test("OTLP over HTTP gives a receiver that does not answer its time, and no more", async () => {
  const waiting = Promise.withResolvers<Response>();
  await using server = Deno.serve({ port: 0, onListen: () => {} }, () => waiting.promise);
  const env = { TELEMETRY_PROTOCOL: "http", OTEL_EXPORTER_OTLP_TIMEOUT: "50" };
  const way = http(`127.0.0.1:${server.addr.port}`, env);
  const outcome = await way.export([measured({ id: 1 })]);
  equal(outcome.kind, "later");
  waiting.resolve(new Response(null));
});

Deno.test("OTLP over gRPC knows what may be sent again", async () => {
  await using sink = await otlpGrpcSink();
  using stack = new DisposableStack();
  const way = stack.adopt(
    otlpGrpcExporter({ config: configFor(sink.address, {}), tls: {}, resource: {} }),
    (each) => each.close(),
  );
  const rows: [number, string][] = [
    [status.UNAVAILABLE, "later"],
    [status.RESOURCE_EXHAUSTED, "later"],
    [status.INVALID_ARGUMENT, "refused"],
    [status.UNAUTHENTICATED, "refused"],
    [status.OK, "taken"],
  ];
  for (const [code, kind] of rows) {
    sink.received.codes.push(code);
    equal((await way.export([measured({ id: 1 })])).kind, kind, String(code));
  }
});

const unending: [httpStatus: number, kind: string][] = [[200, "taken"], [400, "refused"], [
  503,
  "later",
]];
for (const [httpStatus, kind] of unending) {
  Deno.test(`OTLP over HTTP: of an answer ${httpStatus} without end only the status is read`, async () => {
    const answer = endless("x".repeat(2 ** 16));
    const exporter = otlpHttpExporter({
      config: configFor("http://localhost:4318", { TELEMETRY_PROTOCOL: "http/json" }),
      resource: RESOURCE,
      fetch: () => Promise.resolve(new Response(answer.body, { status: httpStatus })),
      now: () => 0,
    });
    equal((await exporter.export(tripSpans(7))).kind, kind);
    deepEqual([answer.isCancelled, answer.sent <= 2 ** 20 + 2 ** 17], [true, true]);
    exporter.close();
  });
}
