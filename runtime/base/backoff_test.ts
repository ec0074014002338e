import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { backoffMs } from "./backoff.ts";

const BACKOFF = { firstMs: 250, longestMs: 10_000 };

Deno.test("backoffMs() doubles with each failure up to the longest wait", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => backoffMs(BACKOFF, failures));
  deepStrictEqual(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

const CASES: [why: string, failures: number, chance: number | undefined, wait: number][] = [
  ["no failure waits as after the first", 0, undefined, 250],
  ["failures that no double counts exactly still wait", 5_000, undefined, 10_000],
  ["the least chance leaves half of the wait", 1, 0, 125],
  ["chance adds up to the whole", 1, 1, 250],
  ["chance applies to the longest wait too", 9, 0.5, 7_500],
];
for (const [why, failures, chance, wait] of CASES) {
  Deno.test(`backoffMs(): ${why}`, () => {
    strictEqual(backoffMs(BACKOFF, failures, chance), wait);
  });
}

Deno.test("backoffMs() keeps to a longest wait that is shorter than the first", () => {
  strictEqual(backoffMs({ firstMs: 250, longestMs: 100 }, 1), 100);
});
