import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { SpanBatchInput } from "../../runtime/protocol/trace.ts";
import {
  AmbiguousTraceSchema,
  type CompletedTrace,
  CompletedTraceSchema,
  TraceListSchema,
  TraceStatsSchema,
  TraceStatusSchema,
} from "../../runtime/protocol/trace_view.ts";
import { row, type TestMesh } from "../suites/mesh_fixture.ts";
import { StreamReader } from "../suites/sse_fixture.ts";
import { batch, type SpanFacts, spanId, traceId } from "../trace/span_fixture.ts";
import { tripSpans } from "../trace/trip_fixture.ts";

const OFF = { env: { MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "false" } };

async function post(mesh: TestMesh, body: unknown): Promise<Response> {
  return await mesh.send("/trace/spans", { method: "POST", body: JSON.stringify(body) });
}

/** Sends spans of an agent, which all must be taken. */
async function send(mesh: TestMesh, agent: string, ...spans: SpanFacts[]): Promise<void> {
  const response = await post(mesh, batch(agent, spans));
  deepEqual(await response.json(), { accepted: spans.length, rejected: 0 });
}

async function json(mesh: TestMesh, path: string): Promise<unknown> {
  return await (await mesh.send(path)).json();
}

async function trace(mesh: TestMesh, id: string): Promise<CompletedTrace> {
  return CompletedTraceSchema.parse(await json(mesh, `/trace/${id}`));
}

async function ids(mesh: TestMesh, query: string): Promise<string[]> {
  const list = TraceListSchema.parse(await json(mesh, `/traces${query}`));
  return list.traces.map(({ trace_id }) => trace_id);
}

/** Three traces: a failed one, one of two agents, and a slow one. */
async function threeTraces(mesh: TestMesh): Promise<void> {
  await send(mesh, "flight-agent", { trace: 1, id: 1, error: { message: "no seats" } });
  await send(mesh, "planner-agent", { trace: 2, id: 2, name: "plan_trip", ms: 40 });
  await send(mesh, "flight-agent", { trace: 2, id: 3, parent: 2, at: 10 });
  await send(mesh, "hotel-agent", { trace: 3, id: 4, name: "hotel_search", ms: 2_000 });
}

row("GET /trace/{id}", "shows a trace of several agents, late spans included", async (mesh) => {
  await send(mesh, "flight-agent", { id: 2, parent: 1, at: 5, ms: 20 });
  equal((await trace(mesh, traceId(1))).Complete, false);
  await send(mesh, "planner-agent", { id: 1, name: "plan_trip", ms: 50 });
  const shown = await trace(mesh, traceId(1));
  deepEqual(
    shown.Spans.map(({ Operation, AgentName, ParentSpan }) => [
      Operation,
      AgentName,
      ParentSpan,
    ]),
    [["plan_trip", "planner-agent", null], ["search", "flight-agent", spanId(1)]],
  );
  deepEqual([shown.SpanCount, shown.AgentCount, shown.Success, shown.Complete], [2, 2, true, true]);
  equal(shown.Duration, 50_000_000);
});

row("GET /trace/{id}", "takes the beginning of an id, capitals and dashes", async (mesh) => {
  await threeTraces(mesh);
  for (const id of ["0002", traceId(2).toUpperCase(), traceId(2).replace(/^(.{8})/, "$1-")]) {
    equal((await trace(mesh, id)).TraceID, traceId(2), id);
  }
  const several = await mesh.send("/trace/000");
  equal(several.status, 409);
  const told = AmbiguousTraceSchema.parse(await several.json());
  deepEqual(told.trace_ids, [traceId(1), traceId(2), traceId(3)]);
  match(told.error, /3 traces begin with 000/);
});

row("GET /trace/{id}", "takes a beginning within the caller's namespace only", async (mesh) => {
  for (const [trace, namespace] of [[1, "a"], [2, "b"], [3, "b"]] as const) {
    const { agent, ...rest } = batch("flight-agent", [{ trace, id: trace }]);
    equal((await post(mesh, { ...rest, agent: { ...agent, namespace } })).status, 202);
  }
  equal((await trace(mesh, "000?namespace=a")).TraceID, traceId(1));
  const several = await mesh.send("/trace/000?namespace=b");
  equal(several.status, 409);
  const text = await several.text();
  deepEqual(AmbiguousTraceSchema.parse(JSON.parse(text)).trace_ids, [traceId(2), traceId(3)]);
  ok(!text.includes(traceId(1)), text);
  equal((await mesh.send("/trace/000?namespace=c")).status, 404);
  const all = AmbiguousTraceSchema.parse(await json(mesh, "/trace/000"));
  equal(all.trace_ids.length, 3);
});

row("GET /trace/{id}", "404 for what is none, in the reference's words", async (mesh) => {
  for (const id of [traceId(9), "list", "00zz", "f".repeat(33)]) {
    const response = await mesh.send(`/trace/${id}`);
    equal(response.status, 404);
    deepEqual(await response.json(), { error: "trace not found", trace_id: id });
  }
});

row("GET /trace/{id}", "asks Tempo for what is not here, and says when it cannot", async (mesh) => {
  const response = await mesh.send(`/trace/${traceId(9)}`);
  equal(response.status, 502);
  match(await response.text(), /Tempo could not be asked for it: nobody there/);
  equal((await mesh.send("/trace/0009")).status, 404);
}, {
  env: { TEMPO_URL: "http://tempo.test:3200" },
  fetch: (input) => {
    equal(String(input), `http://tempo.test:3200/api/traces/${traceId(9)}`);
    return Promise.reject(new Error("nobody there"));
  },
});

row("GET /traces", "filters, and lists the latest first, page by page", async (mesh) => {
  await threeTraces(mesh);
  const [one, two, three] = [1, 2, 3].map(traceId);
  const cases: [query: string, expected: (string | undefined)[]][] = [
    ["", [three, two, one]],
    ["?agent=flight-agent", [two, one]],
    ["?operation=plan_trip", [two]],
    ["?error=true", [one]],
    ["?error=false", [three, two]],
    ["?min_duration=1.5s", [three]],
    ["?agent=nobody", []],
  ];
  for (const [query, expected] of cases) deepEqual(await ids(mesh, query), expected, query);
  const page = TraceListSchema.parse(await json(mesh, "/traces?limit=2"));
  deepEqual(page.traces.map(({ trace_id }) => trace_id), [three, two]);
  deepEqual(await ids(mesh, `?limit=2&cursor=${page.next_cursor}`), [one]);
  for (const query of ["limit=x", "error=maybe", "min_duration=soon", "cursor=1"]) {
    equal((await mesh.send(`/traces?${query}`)).status, 400, query);
  }
});

row(
  "POST /trace/spans",
  "takes what can be read of a batch, and says what cannot",
  async (mesh) => {
    const sound = batch("flight-agent", [{ id: 1 }]);
    const broken: SpanBatchInput = {
      ...sound,
      spans: [
        ...sound.spans,
        ...batch("x", [{ id: 2, name: "b" }]).spans.map((span) => ({
          ...span,
          span_id: "short",
        })),
      ],
      dropped: 3,
    };
    const response = await post(mesh, broken);
    equal(response.status, 202);
    const receipt = await response.json();
    deepEqual([receipt.accepted, receipt.rejected], [1, 1]);
    match(receipt.reasons[0], /span 1: .*16 hex digits/s);
    const { stats } = TraceStatsSchema.parse(await json(mesh, "/trace/stats"));
    deepEqual([stats?.stored.http, stats?.rejected.http, stats?.dropped.http], [1, 1, 3]);
  },
);

row("POST /trace/spans", "refuses what is no batch, or too much", async (mesh) => {
  const text = (body: string) => mesh.send("/trace/spans", { method: "POST", body });
  equal((await text("{")).status, 400);
  equal((await post(mesh, { spans: [] })).status, 400);
  equal((await text(" ".repeat(1_048_577))).status, 413);
  equal((await mesh.send("/trace/spans")).status, 405);
});

row("POST /trace/spans", "429 for more spans a second than are taken", async (mesh) => {
  const spans = Array.from({ length: 30 }, (_, at) => ({ id: at + 1 }));
  await send(mesh, "flight-agent", ...spans.slice(0, 20));
  const response = await post(mesh, batch("flight-agent", spans.slice(20)));
  equal(response.status, 429);
  equal(response.headers.get("retry-after"), "1");
  await response.body?.cancel();
  mesh.now += 1_000;
  await send(mesh, "flight-agent", ...spans.slice(20));
  equal((await trace(mesh, "0001")).SpanCount, 30);
}, { env: { MCP_MESH_TRACE_MAX_RATE: "10" } });

row("POST /trace/spans", "503 while the database takes no writes, and then all", async (mesh) => {
  mesh.database.fault = new Error("disk full");
  const refused = await post(mesh, batch("flight-agent", [{ id: 1 }]));
  equal(refused.status, 503);
  ok(refused.headers.get("retry-after"));
  await refused.body?.cancel();
  mesh.database.fault = undefined;
  await send(mesh, "flight-agent", { id: 1 });
  equal((await trace(mesh, "0001")).SpanCount, 1);
});

row("GET /traces/stream", "tells of traces as they grow", async (mesh) => {
  await using stream = new StreamReader(await mesh.send("/traces/stream?agent=planner-agent"));
  equal((await stream.next())?.event, "connected");
  await send(mesh, "hotel-agent", { trace: 7, id: 9 });
  await send(mesh, "planner-agent", { trace: 8, id: 1, name: "plan_trip" });
  const begun = await stream.next();
  deepEqual([begun?.event, begun?.data.trace_id], ["trace_started", traceId(8)]);
  await send(mesh, "flight-agent", { trace: 8, id: 2, parent: 1 });
  const grown = await stream.next();
  deepEqual([grown?.event, grown?.data.span_count], ["trace_update", 2]);
  mesh.now += 2_000;
  const done = await stream.next();
  deepEqual([done?.event, done?.data.completed], ["trace_completed", true]);
});

row("GET /trace/status", "says how tracing stands, without secrets", async (mesh) => {
  for (const path of ["/trace/status", "/trace/info"]) {
    const text = await (await mesh.send(path)).text();
    const status = TraceStatusSchema.parse(JSON.parse(text));
    deepEqual([status.enabled, status.exporter_type], [true, "multi"]);
    ok(!text.includes("hunter2"), text);
    match(text, /otlp\.test:4318/);
  }
}, {
  env: {
    TRACE_EXPORTER_TYPE: "multi",
    TELEMETRY_ENDPOINT: "http://user:hunter2@otlp.test:4318",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=hunter2",
  },
});

row("tracing off", "answers as the reference does", async (mesh) => {
  const reason = "tracing not initialized";
  deepEqual(await json(mesh, "/trace/status"), { enabled: false, reason });
  deepEqual(await json(mesh, "/trace/stats"), { enabled: false, reason });
  deepEqual(await json(mesh, "/trace/info"), {
    enabled: false,
    reason,
    config: "MCP_MESH_DISTRIBUTED_TRACING_ENABLED=false",
  });
  const off = { enabled: false, error: "tracing not enabled" };
  for (const path of [`/trace/${traceId(1)}`, "/traces", "/traces/stream"]) {
    const response = await mesh.send(path);
    equal(response.status, 404);
    deepEqual(await response.json(), off);
  }
  const response = await post(mesh, batch("flight-agent", [{ id: 1 }]));
  deepEqual([response.status, await response.json()], [404, off]);
}, OFF);

row("traces", "stay inside their namespace", async (mesh) => {
  for (const [namespace, number] of [["red", 1], ["blue", 2]] as const) {
    const { agent, ...rest } = batch("a", [{ trace: number, id: number }]);
    await (await post(mesh, { ...rest, agent: { ...agent, namespace } })).body?.cancel();
  }
  deepEqual(await ids(mesh, "?namespace=red"), [traceId(1)]);
  equal((await mesh.send("/trace/0002?namespace=red")).status, 404);
  equal((await mesh.send("/trace/0002", { headers: { "x-mesh-namespace": "blue" } })).status, 200);
});

row("a registry that starts again", "has the traces of before", async (mesh) => {
  for (const { span, agent } of tripSpans(7)) {
    await (await post(mesh, { agent, spans: [span] })).body?.cancel();
  }
  const [id = ""] = await ids(mesh, "");
  const before = await trace(mesh, id);
  await mesh.restart();
  deepEqual(await trace(mesh, id), before);
  equal(before.Complete, true);
});
