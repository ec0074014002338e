import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { SpanSchema } from "../../runtime/protocol/trace.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import { type TraceNode, traceTree, type TreeSpan } from "../../runtime/protocol/trace_tree.ts";
import { CompletedTraceSchema, TraceSnapshotSchema } from "../../runtime/protocol/trace_view.ts";
import { completedTrace, traceSnapshot } from "./assemble.ts";
import { measured, spanAgent, spanId, traceId } from "./span_fixture.ts";
import { type Day, TRIP_TREES, tripSpans } from "./trip_fixture.ts";

const ID = traceId(1);

/** Trees as {@linkcode TRIP_TREES} writes them. */
function outline(nodes: readonly TraceNode<TreeSpan>[], level = 0): string {
  return nodes.map(({ span, children, parallel }) => {
    const line = "  ".repeat(level) + span.Operation + (parallel ? " ∥" : "");
    return [line, ...children.length === 0 ? [] : [outline(children, level + 1)]].join("\n");
  }).join("\n");
}

for (const day of [3, 4, 6, 7] satisfies Day[]) {
  Deno.test(`completedTrace() has the tree of TripPlanner's day ${day}, in any order`, () => {
    const spans = tripSpans(day);
    for (const order of [spans, spans.toReversed(), [...spans, ...spans]]) {
      const trace = completedTrace(traceId(day), order);
      equal(outline(traceTree(trace.Spans)), TRIP_TREES[day]);
      equal(trace.SpanCount, spans.length);
      equal(trace.Complete, true);
      equal(trace.Success, true);
    }
  });
}

Deno.test("completedTrace() is in the reference's shape, with ours added", () => {
  const trace = completedTrace(ID, [
    measured({ id: 1, agent: "planner-agent", name: "plan_trip", ms: 20.5 }),
    measured({
      id: 2,
      parent: 1,
      at: 5,
      ms: 1.2345,
      error: { code: "timeout", message: "late" },
      capability: "flights",
      target_agent: "x",
      llm: { model: "m", input_tokens: 3 },
      attributes: { a: 1 },
    }),
  ]);
  deepEqual(CompletedTraceSchema.parse(trace), trace);
  const { Spans: [root, child], ...rest } = trace;
  deepEqual(rest, {
    TraceID: ID,
    StartTime: "2026-01-01T00:00:00.000000Z",
    EndTime: "2026-01-01T00:00:00.020500Z",
    Duration: 20_500_000,
    Success: false,
    SpanCount: 2,
    AgentCount: 2,
    Agents: ["planner-agent", "flight-agent"],
    Complete: true,
  });
  equal(root?.ParentSpan, null);
  deepEqual(child, {
    TraceID: ID,
    SpanID: spanId(2),
    ParentSpan: spanId(1),
    AgentName: "flight-agent",
    AgentID: "flight-agent-1eaedb6c",
    IPAddress: "",
    Operation: "search",
    StartTime: "2026-01-01T00:00:00.005000Z",
    EndTime: "2026-01-01T00:00:00.006235Z",
    DurationMS: 1,
    Success: false,
    ErrorMessage: "late",
    Capability: "flights",
    TargetAgent: "x",
    Runtime: "deno",
    Name: "search",
    Kind: "server",
    DurationUS: 1_235,
    ErrorCode: "timeout",
    AgentVersion: "1.0.0",
    LLMModel: "m",
    InputTokens: 3,
    Attributes: { a: 1 },
  });
});

Deno.test("completedTrace() hides the caller's side of a call when the other side is there", () => {
  const call = { id: 2, parent: 1, kind: "client", name: "get_weather" } as const;
  const operations = (...spans: MeasuredSpan[]) =>
    completedTrace(ID, [measured({ id: 1 }), ...spans]).Spans.map(({ Operation }) => Operation);
  deepEqual(operations(measured(call)), ["search", "get_weather"]);
  deepEqual(
    operations(measured(call), measured({ id: 3, parent: 2, at: 1, name: "get_weather" })),
    [
      "search",
      "proxy_call_wrapper",
      "get_weather",
    ],
  );
});

Deno.test("completedTrace() hides a model's turn unless it failed", () => {
  const turn = { id: 2, parent: 1, kind: "client", name: "chat m", llm: { model: "m" } } as const;
  const operation = (span: MeasuredSpan) => completedTrace(ID, [span]).Spans[0]?.Operation;
  equal(operation(measured(turn)), "_internal_chat m");
  equal(operation(measured({ ...turn, error: { message: "overloaded" } })), "chat m");
});

Deno.test("completedTrace() says what runs still, and lets an end replace a begin", () => {
  const begun: MeasuredSpan = {
    ...measured({ id: 1 }),
    span: SpanSchema.parse({ ...measured({ id: 1 }).span, duration_us: undefined }),
  };
  const running = completedTrace(ID, [begun]);
  deepEqual(
    running.Spans.map(({ EndTime, DurationMS, Success }) => [EndTime, DurationMS, Success]),
    [[null, null, null]],
  );
  equal(running.Complete, false);
  for (const order of [[begun, measured({ id: 1 })], [measured({ id: 1 }), begun]]) {
    const ended = completedTrace(ID, order);
    deepEqual([ended.SpanCount, ended.Complete, ended.Spans[0]?.DurationMS], [1, true, 10]);
  }
});

Deno.test("completedTrace() is not complete without a parent, or with two roots", () => {
  equal(completedTrace(ID, [measured({ id: 2, parent: 1 })]).Complete, false);
  equal(completedTrace(ID, [measured({ id: 1 }), measured({ id: 2 })]).Complete, false);
});

Deno.test("traceSnapshot() names the root, the nearest failure and what a tree shows", () => {
  const snapshot = traceSnapshot(ID, [
    measured({ id: 1, name: "plan_trip", agent: "planner-agent", ms: 50 }),
    measured({ id: 2, parent: 1, at: 1, kind: "client", error: { message: "near" } }),
    measured({ id: 3, parent: 2, at: 2, name: "inner", error: { message: "far" } }),
    measured({ id: 4, parent: 3, at: 3, name: "deep", error: { message: "deepest" } }),
  ]);
  deepEqual(TraceSnapshotSchema.parse(snapshot), snapshot);
  const { spans, ...summary } = snapshot;
  deepEqual(summary, {
    trace_id: ID,
    root_agent: "planner-agent",
    root_operation: "plan_trip",
    start_time: "2026-01-01T00:00:00.000000Z",
    completed: true,
    duration_ms: 50,
    has_error: true,
    error: "far",
    span_count: 4,
    agents: ["planner-agent", "flight-agent"],
  });
  deepEqual(spans.map(({ operation, effective_parent }) => [operation, effective_parent]), [
    ["plan_trip", undefined],
    ["inner", spanId(1)],
    ["deep", spanId(3)],
  ]);
});

Deno.test("traceSnapshot() tells a failure that no tree shows", () => {
  const hidden = measured({
    id: 1,
    kind: "client",
    name: "proxy_call_wrapper",
    error: { message: "m" },
  });
  equal(traceSnapshot(ID, [hidden]).error, "m");
  equal(traceSnapshot(ID, [hidden]).root_agent, undefined);
});

Deno.test("any spans that can be read make a trace that can be read", () => {
  const id = fc.integer({ min: 1, max: 6 });
  const span = fc.record({
    id,
    parent: fc.option(id, { nil: 7 }),
    kind: fc.constantFrom("client", "server", "internal" as const),
    start_us: fc.oneof(fc.nat(1_000), fc.constant(Number.MAX_SAFE_INTEGER)),
    duration_us: fc.oneof(
      fc.nat(1_000),
      fc.constant(Number.MAX_SAFE_INTEGER),
      fc.constant(undefined),
    ),
    name: fc.oneof(fc.string(), fc.constantFrom("proxy_call_wrapper", "_internal_x", "__proto__")),
  });
  fc.assert(fc.property(fc.array(span, { maxLength: 20 }), (facts) => {
    const spans = facts.map(({ id, parent, ...rest }): MeasuredSpan => ({
      agent: spanAgent("a"),
      span: SpanSchema.parse({
        trace_id: ID,
        span_id: spanId(id),
        parent_span_id: spanId(parent),
        ...rest,
      }),
    }));
    if (spans.length === 0) return;
    const trace = CompletedTraceSchema.parse(JSON.parse(JSON.stringify(completedTrace(ID, spans))));
    equal(trace.SpanCount, new Set(facts.map(({ id }) => id)).size);
    ok(Number.isSafeInteger(trace.Duration) && trace.Duration >= 0);
    const snapshot = TraceSnapshotSchema.parse(traceSnapshot(ID, spans));
    const shown = trace.Spans.filter(({ Operation }) =>
      !Operation.startsWith("proxy_call_wrapper") && !Operation.startsWith("_internal_")
    );
    equal(snapshot.spans.length, shown.length);
  }));
});
