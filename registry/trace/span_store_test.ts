import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { BreakableKv } from "../suites/kv_fixture.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import { measured, traceId } from "./span_fixture.ts";
import { SpanStore } from "./span_store.ts";
import type { SpanLimits } from "../config/trace_config.ts";

const LIMITS: SpanLimits = { spans: 1_000, bytes: 10_000_000, ageMs: 60_000 };

/** A store in memory, a clock that only tests move, and the database beneath. */
class TestStore implements Disposable {
  now = 0;
  private constructor(readonly database: BreakableKv, readonly limits: SpanLimits) {}

  static async open(limits: Partial<SpanLimits> = {}): Promise<TestStore> {
    return new TestStore(await BreakableKv.open(), { ...LIMITS, ...limits });
  }

  /** Another instance over the same database. */
  instance(): SpanStore {
    return new SpanStore(this.database.kv, this.limits, () => this.now);
  }

  /** Keys there are. */
  async keys(): Promise<Deno.KvKey[]> {
    return await Array.fromAsync(this.database.kv.list({ prefix: [] }), ({ key }) => key);
  }

  [Symbol.dispose](): void {
    this.database[Symbol.dispose]();
  }
}

/** Ids of the spans of a trace. */
async function idsOf(store: SpanStore, trace: number): Promise<string[]> {
  return (await store.read(traceId(trace), 1_000))?.spans.map(({ span }) => span.span_id) ?? [];
}

/** Spans of one trace with these ids. */
function spans(trace: number, ...ids: number[]): MeasuredSpan[] {
  return ids.map((id) => measured({ trace, id }));
}

Deno.test("SpanStore reads a trace as it was written, over commits and instances", async () => {
  using test = await TestStore.open();
  const [one, other] = [test.instance(), test.instance()];
  const first = measured({ id: 1, agent: "planner-agent" });
  const second = measured({ id: 2, parent: 1, error: { code: "timeout", message: "späť" } });
  await one.write([first, measured({ trace: 2, id: 9 })]);
  await other.write([second]);
  const found = await one.read(traceId(1), 10);
  deepEqual(found?.spans, [first, second].map((each) => JSON.parse(JSON.stringify(each))));
  equal(found?.truncated, false);
  deepEqual(found?.commits, [1, 2]);
  equal(await other.latest(), 2);
  equal(await one.read(traceId(3), 10), undefined);
});

Deno.test("SpanStore answers no more spans than asked for, and says so", async () => {
  using test = await TestStore.open();
  const store = test.instance();
  await store.write(spans(1, 1, 2, 3));
  await store.write(spans(1, 4));
  for (const [max, count, truncated] of [[2, 2, true], [3, 3, true], [4, 4, false]] as const) {
    const found = await store.read(traceId(1), max);
    deepEqual([found?.spans.length, found?.truncated], [count, truncated]);
  }
});

Deno.test("SpanStore finds ids by how they begin", async () => {
  using test = await TestStore.open();
  const store = test.instance();
  for (const trace of [0x12ab, 0x12ac, 0x1300]) await store.write(spans(trace, 1, 2));
  const ids = (beginning: string) => Array.fromAsync(store.idsFrom(beginning));
  deepEqual(await ids("12a"), [traceId(0x12ab), traceId(0x12ac)]);
  deepEqual(await ids(traceId(0x1300)), [traceId(0x1300)]);
  deepEqual(await ids("ff"), []);
});

Deno.test("SpanStore tells what commits brought, forwards and backwards", async () => {
  using test = await TestStore.open();
  const store = test.instance();
  await store.write([measured({ trace: 1, id: 1, name: "plan" })]);
  await store.write([
    measured({ trace: 2, id: 2, agent: "hotel-agent" }),
    measured({ trace: 1, id: 3, error: { message: "no" } }),
  ]);
  const [first, second] = await store.after(0, 10);
  deepEqual(first?.traces.map(({ id, digest }) => [id, digest.o, digest.e]), [
    [traceId(1), ["plan"], false],
  ]);
  deepEqual(second?.traces.map(({ id, digest }) => [id, digest.a, digest.e]), [
    [traceId(2), ["hotel-agent", "hotel-agent-1eaedb6c"], false],
    [traceId(1), ["flight-agent", "flight-agent-1eaedb6c"], true],
  ]);
  equal((await store.logged(2, traceId(2)))?.chunks, 1);
  equal(await store.logged(1, traceId(2)), undefined);
  equal(await store.logged(9, traceId(2)), undefined);
  deepEqual((await store.after(1, 10)).map(({ n }) => n), [2]);
  deepEqual((await store.after(0, 1)).map(({ n }) => n), [1]);
  deepEqual((await Array.fromAsync(store.before(Infinity))).map(({ n }) => n), [2, 1]);
  deepEqual((await Array.fromAsync(store.before(2))).map(({ n }) => n), [1]);
});

Deno.test("SpanStore numbers commits without gaps, whoever writes", async () => {
  using test = await TestStore.open();
  const stores = [test.instance(), test.instance(), test.instance()];
  await Promise.all(
    Array.from({ length: 30 }, (_, at) => stores[at % 3]?.write(spans(at, 1, 2))),
  );
  const log = await stores[0]?.after(0, 100) ?? [];
  deepEqual(log.map(({ n }) => n), Array.from({ length: 30 }, (_, at) => at + 1));
  for (let trace = 0; trace < 30; trace++) equal((await idsOf(test.instance(), trace)).length, 2);
});

Deno.test("SpanStore keeps the newest spans over its limit, and forgets the rest whole", async () => {
  using test = await TestStore.open({ spans: 20 });
  const store = test.instance();
  for (let trace = 0; trace < 30; trace++) await store.write(spans(trace, 1, 2));
  equal((await idsOf(store, 29)).length, 2);
  equal((await idsOf(store, 20)).length, 2);
  equal((await idsOf(store, 5)).length, 0);
  const kept = await store.after(0, 100);
  ok(kept.length >= 10 && kept.length <= 12, `${kept.length} commits kept`);
  // The epoch, and two keys a commit.
  equal((await test.keys()).length, 1 + 2 * kept.length);
});

Deno.test("SpanStore keeps to its limit of bytes", async () => {
  using test = await TestStore.open({ bytes: 20_000 });
  const store = test.instance();
  const attributes = { text: "x".repeat(900) };
  for (let trace = 0; trace < 60; trace++) {
    await store.write([measured({ trace, id: 1, attributes })]);
  }
  const kept = (await store.after(0, 100)).length;
  ok(kept > 10 && kept < 25, `${kept} commits kept`);
});

Deno.test("SpanStore forgets what is too old, and nothing with no age", async () => {
  using test = await TestStore.open();
  using ageless = await TestStore.open({ ageMs: 0 });
  for (const each of [test, ageless]) {
    const store = each.instance();
    await store.write(spans(1, 1));
    each.now = 30_000;
    await store.write(spans(2, 1));
    each.now = 61_000;
    await store.forget();
  }
  deepEqual(await Array.fromAsync(test.instance().idsFrom("")), [traceId(2)]);
  equal((await Array.fromAsync(ageless.instance().idsFrom(""))).length, 2);
});

Deno.test("SpanStore counts what another instance has forgotten", async () => {
  using test = await TestStore.open({ spans: 20 });
  const [one, other] = [test.instance(), test.instance()];
  for (let trace = 0; trace < 40; trace++) {
    await (trace % 2 === 0 ? one : other).write(spans(trace, 1, 2));
  }
  const kept = (await one.after(0, 100)).length;
  ok(kept >= 10 && kept <= 12, `${kept} commits kept`);
});

Deno.test("SpanStore takes the largest spans there can be, in any number", async () => {
  using test = await TestStore.open({ spans: 1e6, bytes: 1e9 });
  const store = test.instance();
  const worst = "\u0001".repeat(4_000);
  const attributes = Object.fromEntries(
    Array.from({ length: 64 }, (_, at) => [`${at}${worst}`, worst]),
  );
  const huge = Array.from(
    { length: 200 },
    (_, id) =>
      measured({ id, name: worst, capability: worst, error: { message: worst }, attributes }),
  );
  await store.write(huge);
  const found = await store.read(traceId(1), 1_000);
  equal(found?.spans.length, 200);
  equal(found?.spans[7]?.span.error?.message.length, 4_000);
  equal(found?.spans[7]?.span.attributes, undefined);
});

Deno.test("SpanStore takes a thousand traces with long names in one go", async () => {
  using test = await TestStore.open({ spans: 1e6, bytes: 1e9 });
  const store = test.instance();
  const many = Array.from(
    { length: 3_000 },
    (_, at) => measured({ trace: at % 1_000, id: at, name: `${at}`.padEnd(250, "é") }),
  );
  await store.write(many);
  for (const trace of [0, 1, 999]) equal((await idsOf(store, trace)).length, 3);
});

Deno.test("SpanStore.write() fails when the database does, and works again when it does", async () => {
  using test = await TestStore.open();
  const store = test.instance();
  let told = 0;
  const stop = store.onWritten(() => told++);
  test.database.fault = new Error("disk full");
  await rejects(store.write(spans(1, 1)), /disk full/);
  test.database.fault = undefined;
  await store.write(spans(1, 1));
  equal(told, 1);
  stop();
  await store.write(spans(1, 2));
  equal(told, 1);
  deepEqual((await idsOf(store, 1)).length, 2);
});
