import { deepEqual, equal, ok } from "node:assert/strict";
import type { SpanInput } from "../protocol/trace.ts";
import { type Delivered, type SpanDelivery, SpanPublisher } from "./publisher.ts";
import { isSampled } from "./tracer.ts";
import { SpanClock } from "../base/span_clock.ts";
import { RegistryDelivery } from "./registry_delivery.ts";
import { spanSink } from "./span_sink_fixture.ts";

function span(number: number): SpanInput {
  const digits = (number + 1).toString(16);
  return {
    trace_id: digits.padStart(32, "0"),
    span_id: digits.padStart(16, "0"),
    name: `n${number}`,
    kind: "server",
    start_us: 1,
    duration_us: 1,
  };
}

/** A delivery whose answers are decided by the test, and what it was given. */
function scripted(...script: readonly Delivered[]) {
  const batches: { names: string[]; dropped: number }[] = [];
  const answers = [...script];
  let came = Promise.withResolvers<void>();
  const delivery: SpanDelivery = {
    batchMax: 3,
    deliver(spans, dropped) {
      batches.push({ names: spans.map(({ name }) => name), dropped });
      came.resolve();
      came = Promise.withResolvers();
      return Promise.resolve(answers.shift() ?? { kind: "taken" });
    },
    close: () => Promise.resolve(),
  };
  return {
    delivery,
    batches,
    async sent(count: number) {
      while (batches.length < count) await came.promise;
    },
  };
}

Deno.test("SpanPublisher sends a full batch at once and the rest after a while", async () => {
  const { delivery, batches, sent } = scripted();
  const publisher = new SpanPublisher({ delivery, lingerMs: 5 });
  for (let number = 0; number < 4; number++) publisher.offer(span(number));
  await sent(2);
  deepEqual(batches.map(({ names }) => names), [["n0", "n1", "n2"], ["n3"]]);
  await publisher.close(100);
  deepEqual(publisher.counts, { published: 4, dropped: 0, rejected: 0 });
});

Deno.test("SpanPublisher takes a delivery that throws for one that failed", async () => {
  const { delivery, sent } = scripted();
  let isBroken = true;
  const troubles: (string | undefined)[] = [];
  const publisher = new SpanPublisher({
    delivery: {
      ...delivery,
      deliver(...batch) {
        if (!isBroken) return delivery.deliver(...batch);
        isBroken = false;
        throw new Error("no such thing");
      },
    },
    lingerMs: 1,
    onTrouble: (reason) => troubles.push(reason),
  });
  publisher.offer(span(0));
  await sent(1);
  await publisher.close(100);
  deepEqual(troubles, ["spans cannot be sent: no such thing", undefined]);
  deepEqual(publisher.counts, { published: 1, dropped: 0, rejected: 0 });
});

Deno.test("SpanPublisher sends again what could not be delivered, and says so once each way", async () => {
  const failed: Delivered = { kind: "failed", reason: "gone" };
  const { delivery, batches, sent } = scripted(failed);
  const troubles: (string | undefined)[] = [];
  const publisher = new SpanPublisher({
    delivery,
    lingerMs: 1,
    onTrouble: (reason) => troubles.push(reason),
  });
  publisher.offer(span(0));
  await sent(1);
  publisher.offer(span(1));
  await sent(2);
  deepEqual(batches.map(({ names }) => names), [["n0"], ["n0", "n1"]]);
  await publisher.close(100);
  deepEqual(troubles, ["gone", undefined]);
  equal(publisher.counts.published, 2);
});

Deno.test("SpanPublisher drops the oldest beyond its capacity and tells how many", async () => {
  const { delivery, batches } = scripted({ kind: "failed", reason: "gone" });
  const publisher = new SpanPublisher({ delivery, capacity: 20, lingerMs: 60_000 });
  for (let number = 0; number < 50; number++) publisher.offer(span(number));
  const { dropped } = publisher.counts;
  ok(dropped >= 30 && dropped < 35, `${dropped}`);
  await publisher.close(1_000);
  deepEqual(batches[0]?.names[0], `n${dropped}`);
  equal(batches[0]?.dropped, dropped);
});

Deno.test("SpanPublisher.close() sends what is left, and not for longer than it may", async () => {
  const stuck: SpanDelivery = {
    batchMax: 10,
    deliver: (_spans, _dropped, signal) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve({ kind: "failed", reason: "given up" }))
      ),
    close: () => Promise.resolve(),
  };
  const publisher = new SpanPublisher({ delivery: stuck, lingerMs: 60_000 });
  publisher.offer(span(0));
  await publisher.close(20);
  deepEqual(publisher.counts, { published: 0, dropped: 1, rejected: 0 });
  publisher.offer(span(1));
  equal(publisher.counts.dropped, 2);
});

Deno.test("SpanPublisher keeps what a registry refuses from coming again", async () => {
  const { delivery, batches, sent } = scripted({ kind: "refused", reason: "404" });
  const publisher = new SpanPublisher({ delivery, lingerMs: 1 });
  publisher.offer(span(0));
  await sent(1);
  await publisher.close(100);
  equal(batches.length, 1);
  deepEqual(publisher.counts, { published: 0, dropped: 0, rejected: 1 });
});

const agent = () => ({ id: "a-1", name: "a" });
const alive = () => new AbortController().signal;

Deno.test("RegistryDelivery tells what may be sent again from what may not", async () => {
  await using sink = spanSink();
  const delivery = new RegistryDelivery({ url: sink.url, fetch, agent });
  for (const [status, kind] of [[503, "failed"], [429, "failed"], [404, "refused"]] as const) {
    sink.refuse(1, status);
    equal((await delivery.deliver([span(0)], 0, alive())).kind, kind, `${status}`);
  }
  deepEqual(await delivery.deliver([span(0)], 7, alive()), { kind: "taken", rejected: 0 });
  equal(sink.dropped, 7);
});

Deno.test("RegistryDelivery parts what is too large for one request", async () => {
  await using sink = spanSink();
  const delivery = new RegistryDelivery({ url: sink.url, fetch, agent });
  const message = "x".repeat(4_000);
  const spans = Array.from({ length: 600 }, (_, at) => ({ ...span(at), error: { message } }));
  equal((await delivery.deliver(spans, 0, alive())).kind, "taken");
  equal(sink.spans.length, 600);
  ok(sink.bodies.length > 1 && sink.bodies.every(({ length }) => length <= 1_048_576));
});

Deno.test("RegistryDelivery: nobody listening is a failure that may pass", async () => {
  const delivery = new RegistryDelivery({ url: "http://127.0.0.1:1", fetch, agent });
  equal((await delivery.deliver([span(0)], 0, alive())).kind, "failed");
});

Deno.test("isSampled() keeps about the ratio, and the same traces for all", () => {
  const ids = Array.from({ length: 2_000 }, () => crypto.randomUUID().replaceAll("-", ""));
  const kept = ids.filter((id) => isSampled(id, 0.25));
  ok(kept.length > 400 && kept.length < 600, `${kept.length}`);
  // Whoever keeps more keeps these as well.
  ok(kept.every((id) => isSampled(id, 0.5)));
  deepEqual([isSampled(ids[0]!, 0), isSampled(ids[0]!, 1)], [false, true]);
});

Deno.test("SpanClock follows the machine's clock when that is set, and not its trembling", () => {
  let wall = 1_000_000;
  let monotonic = 0;
  const clock = new SpanClock({ wall: () => wall, monotonic: () => monotonic }, 1_000_000);
  monotonic = 5.5;
  equal(clock.micros(), 1_000_005_500);
  wall = 1_000_025;
  clock.follow();
  equal(clock.micros(), 1_000_005_500);
  wall = 1_060_000;
  clock.follow();
  equal(clock.micros(), 1_060_000_000);
});
