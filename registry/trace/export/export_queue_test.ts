import { deepEqual, equal, match } from "node:assert/strict";
import type { MeasuredSpan } from "../../../runtime/protocol/trace_stream.ts";
import { measured } from "../span_fixture.ts";
import type { ExportOutcome } from "./exporter.ts";
import { EXPORT_BATCH, ExportQueue } from "./export_queue.ts";

/** A queue to an exporter that answers as told, and what became of spans. */
function queueTo(answers: ExportOutcome[], room?: number) {
  const seen = {
    batches: [] as number[],
    log: [] as string[],
    counts: {} as Record<string, number>,
  };
  const clock = { now: 0 };
  const queue = new ExportQueue({
    exporter: {
      name: "test",
      export: (spans) => {
        seen.batches.push(spans.length);
        return Promise.resolve(answers.shift() ?? { kind: "taken" });
      },
      close: () => {},
    },
    now: () => clock.now,
    log: (line) => seen.log.push(line),
    count: (outcome, spans) => seen.counts[outcome] = (seen.counts[outcome] ?? 0) + spans,
    random: () => 1,
    ...(room !== undefined && { room }),
  });
  return { queue, seen, clock };
}

const spans = (count: number): MeasuredSpan[] =>
  Array.from({ length: count }, (_, id) => measured({ id }));
const later: ExportOutcome = { kind: "later", reason: "away" };

Deno.test("ExportQueue passes on in batches until nothing waits", async () => {
  const { queue, seen } = queueTo([]);
  queue.add(spans(EXPORT_BATCH));
  equal(queue.isDue, true);
  queue.add(spans(10));
  await queue.flush();
  deepEqual(seen.batches, [EXPORT_BATCH, 10]);
  deepEqual(seen.counts, { exported: EXPORT_BATCH + 10 });
  equal(queue.size, 0);
});

Deno.test("ExportQueue tries again after growing pauses, and loses nothing", async () => {
  const { queue, seen, clock } = queueTo([later, later, { ...later, afterMs: 60_000 }]);
  queue.add(spans(3));
  const pauses = [1_000, 2_000, 60_000];
  for (const pause of pauses) {
    await queue.flush();
    const tried = seen.batches.length;
    clock.now += pause - 1;
    await queue.flush();
    equal(seen.batches.length, tried);
    clock.now += 1;
  }
  await queue.flush();
  deepEqual(seen.counts, { exported: 3 });
  equal(seen.log.length, 2);
  match(seen.log[0] ?? "", /cannot be passed on to test: away/);
  match(seen.log[1] ?? "", /again/);
});

Deno.test("ExportQueue's pauses have an end", async () => {
  const { queue, seen, clock } = queueTo(Array.from({ length: 20 }, () => later));
  queue.add(spans(1));
  for (let time = 0; time < 10; time++) {
    await queue.flush();
    clock.now += 30_000;
  }
  equal(seen.batches.length, 10);
});

Deno.test("ExportQueue drops what it has no room for, and counts it", async () => {
  const { queue, seen, clock } = queueTo([later], 5);
  queue.add(spans(3));
  await queue.flush();
  queue.add(spans(4));
  deepEqual(seen.counts, { dropped: 2 });
  clock.now = 1_000;
  await queue.flush();
  deepEqual(seen.counts, { dropped: 2, exported: 5 });
});

Deno.test("ExportQueue gives up what is refused, and says so once", async () => {
  const refused: ExportOutcome = { kind: "refused", reason: "it answered 401" };
  const { queue, seen } = queueTo([refused, refused, { kind: "taken", refused: 1 }]);
  for (let time = 0; time < 3; time++) {
    queue.add(spans(2));
    await queue.flush();
  }
  deepEqual(seen.counts, { refused: 5, exported: 1 });
  deepEqual(seen.log, ["test does not take spans: it answered 401"]);
});

Deno.test("ExportQueue leaves out spans that have only begun", () => {
  const { queue } = queueTo([]);
  const { span, agent } = measured({ id: 1 });
  queue.add([{ span: { ...span, duration_us: undefined }, agent }]);
  equal(queue.size, 0);
});

Deno.test("ExportQueue says once how many spans it gives up, and counts them as dropped", async () => {
  const { queue, seen } = queueTo([later]);
  queue.add(spans(3));
  await queue.flush();
  queue.abandon();
  queue.abandon();
  deepEqual(seen.counts, { dropped: 3 });
  equal(queue.size, 0);
  equal(seen.log.length, 2);
  match(seen.log[1] ?? "", /^3 spans were not passed on to test/);
});

Deno.test("ExportQueue has nothing to say when nothing is given up", async () => {
  const { queue, seen } = queueTo([]);
  queue.add(spans(3));
  await queue.flush();
  queue.abandon();
  deepEqual(seen.counts, { exported: 3 });
  deepEqual(seen.log, []);
});
