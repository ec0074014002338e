import { deepEqual, equal } from "node:assert/strict";
import { measured, traceId } from "./span_fixture.ts";
import { SpanStore } from "./span_store.ts";
import { readTraceCursor, traceList } from "./trace_list.ts";
import { readParameters } from "../base/parameter.ts";
import { TRACE_PARAMETERS, type TraceQuery, traceQuery } from "./trace_query.ts";

const LIMITS = { spans: 10_000, bytes: 1e8, ageMs: 0 };

/** An empty store. */
async function openStore(): Promise<{ store: SpanStore } & Disposable> {
  const kv = await Deno.openKv(":memory:");
  return {
    store: new SpanStore(kv, LIMITS, Date.now),
    [Symbol.dispose]: () => kv.close(),
  };
}

/** Numbers of the traces of a page, and its cursor. */
async function page(store: SpanStore, query: TraceQuery, limit = 100, cursor?: string | null) {
  const list = await traceList(store, query, limit, readTraceCursor(cursor ?? ""));
  const ids = list.traces.map(({ trace_id }) => Number(`0x${trace_id.slice(0, 4)}`));
  return { ids, cursor: list.next_cursor };
}

/** A query of these parameters. */
function asked(text: string): TraceQuery {
  const read = readParameters(TRACE_PARAMETERS, new URLSearchParams(text));
  if ("fault" in read) throw new Error(read.fault.text);
  return traceQuery(read.values);
}

Deno.test("traceList() has the traces with the latest spans first, each once", async () => {
  using test = await openStore();
  await test.store.write([measured({ trace: 1, id: 1 }), measured({ trace: 2, id: 1 })]);
  await test.store.write([measured({ trace: 3, id: 1 })]);
  await test.store.write([measured({ trace: 1, id: 2 })]);
  deepEqual(await page(test.store, {}), { ids: [1, 3, 2], cursor: null });
});

Deno.test("traceList() goes on where a page ended, within a commit too", async () => {
  using test = await openStore();
  await test.store.write([1, 2, 3].map((trace) => measured({ trace, id: 1 })));
  await test.store.write([4, 1].map((trace) => measured({ trace, id: 2 })));
  const first = await page(test.store, {}, 1);
  deepEqual(first.ids, [1]);
  // What comes meanwhile neither repeats nor hides others.
  await test.store.write([measured({ trace: 3, id: 9 }), measured({ trace: 5, id: 1 })]);
  const second = await page(test.store, {}, 2, first.cursor);
  deepEqual(second.ids, [4, 2]);
  deepEqual(await page(test.store, {}, 2, second.cursor), { ids: [], cursor: null });
});

Deno.test("traceList() finds by agent, operation, failure, duration and namespace", async () => {
  using test = await openStore();
  const { store } = test;
  await store.write([
    measured({ trace: 1, id: 1, agent: "planner-agent", name: "plan_trip", ms: 900 }),
    measured({ trace: 2, id: 1, agent: "planner-agent", name: "plan_trip", ms: 90 }),
    measured({ trace: 2, id: 2, parent: 1, name: "flight_search", error: { message: "no" } }),
  ]);
  await store.write([
    {
      ...measured({ trace: 3, id: 1 }),
      agent: { ...measured({ id: 1 }).agent, namespace: "blue" },
    },
  ]);
  const rows: [string, number[]][] = [
    ["", [3, 2, 1]],
    ["agent=planner-agent", [2, 1]],
    ["agent=planner-agent-1eaedb6c", [2, 1]],
    ["agent=flight-agent&operation=flight_search", [2]],
    ["operation=nothing", []],
    ["error=true", [2]],
    ["error=false", [3, 1]],
    ["min_duration=80ms", [2, 1]],
    ["min_duration=0.5", [1]],
    ["namespace=blue", [3]],
    ["namespace=default", [2, 1]],
    ["agent=planner-agent&min_duration=95ms&error=false", [1]],
  ];
  for (const [query, ids] of rows) deepEqual((await page(store, asked(query))).ids, ids, query);
});

Deno.test("traceList() finds a trace by what only an older commit brought, once", async () => {
  using test = await openStore();
  const { store } = test;
  await store.write([measured({ trace: 1, id: 1, agent: "hotel-agent" })]);
  await store.write([measured({ trace: 1, id: 2, agent: "poi-agent" })]);
  await store.write([measured({ trace: 1, id: 3, agent: "hotel-agent" })]);
  await store.write([measured({ trace: 1, id: 4, agent: "poi-agent" })]);
  deepEqual((await page(store, { agent: "hotel-agent" })).ids, [1]);
  deepEqual((await page(store, { agent: "poi-agent" })).ids, [1]);
  deepEqual((await page(store, { agent: "poi-agent" }, 9, "3.0")).ids, []);
});

Deno.test("TRACE_PARAMETERS say which parameter is wrong", () => {
  const rows: [string, string][] = [
    ["error=maybe", "error"],
    ["min_duration=long", "min_duration"],
    ["min_duration=-1s", "min_duration"],
  ];
  for (const [text, parameter] of rows) {
    const read = readParameters(TRACE_PARAMETERS, new URLSearchParams(text));
    equal("fault" in read && read.parameter, parameter);
  }
});

Deno.test("readTraceCursor() reads its own cursors only", () => {
  deepEqual(readTraceCursor("12.3"), [12, 3]);
  for (const cursor of ["", "12", "-1.0", "1.99999", "x.1", "1.0.0"]) {
    equal(readTraceCursor(cursor), undefined, cursor);
  }
});

Deno.test("traceList() answers a trace of ten thousand spans as one", async () => {
  using test = await openStore();
  await test.store.write(
    Array.from({ length: 10_001 }, (_, id) => measured({ id, parent: 0, at: id })),
  );
  const { traces } = await traceList(test.store, {}, 10);
  deepEqual(traces.map(({ trace_id, span_count }) => [trace_id, span_count]), [
    [traceId(1), 10_000],
  ]);
});
