import { deepEqual, ok } from "node:assert/strict";
import { measured, spanAgent, traceId } from "./span_fixture.ts";
import { meantTraces } from "./trace_reference.ts";

/** A store of traces with one span each, whose ids begin alike; tells how many were read. */
function storeOf(namespaces: readonly string[]) {
  const told = { reads: 0 };
  return {
    told,
    store: {
      async *idsFrom() {
        for (const number of namespaces.keys()) yield await Promise.resolve(traceId(number));
      },
      read(id: string) {
        told.reads++;
        const number = namespaces.findIndex((_, each) => traceId(each) === id);
        const agent = spanAgent("a", { namespace: namespaces[number] });
        const { span } = measured({ trace: number, id: 1 });
        return Promise.resolve({ id, spans: [{ span, agent }], commits: [1], truncated: false });
      },
    },
  };
}

const mixed = ["a", "b", "a", "b", "b"];
const cases: [namespace: string | undefined, max: number, numbers: number[], more: boolean][] = [
  ["a", 9, [0, 2], false],
  ["b", 3, [1, 3, 4], false],
  ["b", 2, [1, 3], true],
  ["c", 9, [], false],
  [undefined, 5, [0, 1, 2, 3, 4], false],
  [undefined, 2, [0, 1], true],
];

for (const [namespace, max, numbers, more] of cases) {
  Deno.test(`meantTraces() finds at most ${max} of ${namespace ?? "all namespaces"}`, async () => {
    const { store } = storeOf(mixed);
    const found = await meantTraces(store, { beginning: "0", namespace, max });
    deepEqual(found, { ids: numbers.map(traceId), more });
  });
}

Deno.test("meantTraces() gives up among too many of other namespaces, and says so", async () => {
  const { store, told } = storeOf(Array.from({ length: 1_000 }, () => "b"));
  const found = await meantTraces(store, { beginning: "0", namespace: "a", max: 9 });
  deepEqual(found, { ids: [], more: true });
  ok(told.reads <= 200, `${told.reads} reads`);
});
