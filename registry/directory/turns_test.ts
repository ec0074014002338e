import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Turns } from "./turns.ts";

Deno.test("take() never overlaps steps and keeps their order", async () => {
  const turns = new Turns();
  const told: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take(async () => {
    told.push("first begins");
    await gate.promise;
    told.push("first ends");
  });
  const second = turns.take(() => Promise.resolve(told.push("second")));
  gate.resolve();
  await Promise.all([first, second]);
  deepEqual(told, ["first begins", "first ends", "second"]);
});

Deno.test("a failed step fails its caller and lets the next run", async () => {
  const turns = new Turns();
  const failed = turns.take(() => Promise.reject(new Error("no")));
  const next = turns.take(() => Promise.resolve("yes"));
  await rejects(failed, /no/);
  deepEqual(await next, "yes");
});

Deno.test("idle() waits for everything queued, failed steps too", async () => {
  const turns = new Turns();
  let done = false;
  const failed = rejects(turns.take(() => Promise.reject(new Error("no"))));
  const last = turns.take(() => Promise.resolve(done = true));
  await turns.idle();
  deepEqual(done, true);
  await Promise.all([failed, last]);
});

for (const [workMs, most] of [[30, 10], [0.1, 100]] as const) {
  Deno.test(`of 100 steps of ${workMs} ms at most ${most} are done before others are heard`, async () => {
    let now = 0;
    let done = 0;
    const turns = new Turns(() => now);
    const steps = Array.from({ length: 100 }, (_, index) =>
      turns.take(() => {
        now += workMs;
        done++;
        // What a step throws counts as work, too.
        if (index % 2 === 0) throw new Error("no");
        return Promise.resolve();
      }));
    const all = Promise.allSettled(steps);
    await setImmediate();
    ok(done <= most, `${done} steps were done`);
    await all;
    equal(done, 100);
  });
}
