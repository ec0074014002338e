import { deepEqual, equal } from "node:assert/strict";
import { timeText } from "./trace_time.ts";
import { type TraceNode, traceTree, type TreeSpan } from "./trace_tree.ts";

/** A span from `begin` to `end`, milliseconds. */
function span(id: string, parent: string | null, begin = 0, end = begin + 1): TreeSpan {
  return {
    SpanID: id,
    ParentSpan: parent,
    Operation: id,
    StartTime: timeText(begin * 1_000),
    EndTime: timeText(end * 1_000),
  };
}

/** A hidden call from one span to another. */
function call(id: string, parent: string, begin = 0, end = begin + 1): TreeSpan {
  return { ...span(id, parent, begin, end), Operation: "proxy_call_wrapper" };
}

/** Trees as `a(b c)`, with `|` behind what ran at the same time as a sibling. */
function shape(nodes: readonly TraceNode<TreeSpan>[]): string {
  return nodes.map(({ span, children, parallel }) =>
    span.SpanID + (parallel ? "|" : "") + (children.length === 0 ? "" : `(${shape(children)})`)
  ).join(" ");
}

Deno.test("traceTree() orders children and roots by begin, whatever order they came in", () => {
  const spans = [span("b", "r", 5), span("s", null, 10), span("a", "r", 2), span("r", null, 0, 9)];
  equal(shape(traceTree(spans)), "r(a b) s");
});

Deno.test("traceTree() makes roots of spans whose parent is not there", () => {
  equal(shape(traceTree([span("a", "lost", 1), span("b", "a", 2)])), "a(b)");
});

Deno.test("traceTree() leaves calls out and puts what they called in their place", () => {
  const spans = [
    span("plan", null, 0, 9),
    call("to-prefs", "plan", 1),
    span("prefs", "to-prefs", 1),
    call("to-nobody", "plan", 2),
    { ...span("model", "plan", 3), Operation: "_internal_chat" },
    span("tool", "model", 4),
  ];
  equal(shape(traceTree(spans)), "plan(prefs tool)");
  equal(
    shape(traceTree(spans, { showInternal: true })),
    "plan(to-prefs(prefs) to-nobody model(tool))",
  );
});

Deno.test("traceTree() makes a root of what a left-out root called", () => {
  equal(shape(traceTree([call("c", "lost"), span("a", "c")])), "a");
});

Deno.test("traceTree() marks siblings that ran at the same time, by their caller's clock", () => {
  const clockAhead = 1_000;
  const spans = [
    span("plan", null, 0, 100),
    call("c1", "plan", 1, 10),
    span("first", "c1", 2 + clockAhead, 9 + clockAhead),
    call("c2", "plan", 10, 30),
    span("second", "c2", 11, 29),
    call("c3", "plan", 12, 20),
    span("third", "c3", 13, 19),
    call("c4", "plan", 25, 28),
    span("fourth", "c4", 26, 27),
    call("c5", "plan", 40, 50),
    span("fifth", "c5", 41, 49),
  ];
  equal(shape(traceTree(spans)), "plan(first second| third| fourth| fifth)");
});

Deno.test("traceTree() counts a span without an end as running still", () => {
  const spans = [span("r", null, 0, 9), { ...span("a", "r", 1), EndTime: null }, span("b", "r", 5)];
  equal(shape(traceTree(spans)), "r(a| b|)");
});

Deno.test("traceTree() breaks circles at their first span, and loses nothing", () => {
  const spans = [span("a", "c", 3), span("b", "a", 2), span("c", "b", 4), span("d", "c", 5)];
  equal(shape(traceTree(spans)), "b(c(a d))");
  equal(shape(traceTree([span("self", "self")])), "self");
  const hidden = [call("x", "y", 1), call("y", "x", 2), span("z", "y", 3)];
  equal(shape(traceTree(hidden)), "z");
});

Deno.test("traceTree() has a span once that is there twice", () => {
  equal(
    shape(traceTree([span("r", null), span("a", "r"), span("a", "r"), span("r", "a")])),
    "r(a)",
  );
});

Deno.test("traceTree() orders by time, not by text", () => {
  const at = (id: string, StartTime: string) => ({
    ...span(id, null),
    StartTime,
    EndTime: StartTime,
  });
  const spans = [
    at("c", "2026-01-01T00:00:00.51Z"),
    at("b", "2026-01-01T01:00:00.5+01:00"),
    at("a", "2026-01-01T00:00:00Z"),
    at("none", "soon"),
  ];
  deepEqual(traceTree(spans).map(({ span }) => span.SpanID), ["none", "a", "b", "c"]);
});

Deno.test("traceTree() takes ten thousand spans, one below the other", () => {
  const depth = 10_000;
  const spans = Array.from(
    { length: depth },
    (_, at) => span(`s${at}`, at === 0 ? null : `s${at - 1}`, at),
  );
  let levels = 0;
  for (let node = traceTree(spans)[0]; node !== undefined; node = node.children[0]) levels++;
  equal(levels, depth);
});
