import { deepEqual, equal } from "node:assert/strict";
import { Chores } from "./chores.ts";

/** Chores with a clock that tests move, and a list of what was done. */
function bench() {
  const done: string[] = [];
  const log: string[] = [];
  const clock = { now: 0 };
  const chores = new Chores({ now: () => clock.now, log: (line) => log.push(line) });
  const chore = (name: string, everyMs: number, fail = () => false) => ({
    name,
    everyMs,
    work: () => {
      done.push(name);
      return fail() ? Promise.reject(new Error("no")) : Promise.resolve();
    },
  });
  return { chores, chore, done, log, clock };
}

Deno.test("due() does what its time has come for, all() does everything", async () => {
  const { chores, chore, done, clock } = bench();
  chores.add(chore("often", 10));
  chores.add(chore("seldom", 100));
  await chores.due();
  clock.now = 10;
  await chores.due();
  await chores.due();
  deepEqual(done, ["often"]);
  await chores.all();
  deepEqual(done, ["often", "often", "seldom"]);
});

Deno.test("run() never overlaps with itself, and tells of a failure once", async () => {
  const { chores, chore, done, log } = bench();
  let broken = true;
  const failing = chore("writing", 10, () => broken);
  await Promise.all([chores.run(failing), chores.run(failing)]);
  equal(done.length, 1);
  await chores.run(failing);
  deepEqual(log, ["writing failed: Error: no"]);
  broken = false;
  await chores.run(failing);
  broken = true;
  await chores.run(failing);
  equal(log.length, 2);
});

Deno.test("timers drive chores until they are stopped", async () => {
  await using chores = new Chores({ now: Date.now, log: () => {} });
  const done = Promise.withResolvers<void>();
  chores.add({ name: "once", everyMs: 1, work: () => Promise.resolve(done.resolve()) });
  chores.start();
  chores.start();
  await done.promise;
  chores.stop();
});
