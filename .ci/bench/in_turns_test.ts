import assert from "node:assert/strict";
import { median, medians } from "./in_turns.ts";

Deno.test("median() is the middle one, not the mean", () => {
  assert.equal(median([100, 1, 2]), 2);
  assert.equal(median([]), NaN);
});

Deno.test("medians() takes each number by itself, and leaves out what nobody told", () => {
  const rounds = [
    { perSecond: 1, p50Ms: 30, p99Ms: 5 },
    { perSecond: 2, p50Ms: 20, p99Ms: 4 },
    { perSecond: 9, p50Ms: 10, p99Ms: 6 },
  ];
  assert.deepEqual(medians(rounds), { perSecond: 2, p50Ms: 20, p99Ms: 5 });
  const told = rounds.map((round, index) => ({ ...round, perCoreSecond: index }));
  assert.deepEqual(medians(told), { perSecond: 2, perCoreSecond: 1, p50Ms: 20, p99Ms: 5 });
});
