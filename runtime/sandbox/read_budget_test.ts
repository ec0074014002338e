import { equal, ok } from "node:assert/strict";
import { ReadBudget } from "./read_budget.ts";

/** Reads pieces for a second of a clock that only waits and reading move; returns what was read. */
function readFor(
  piece: { readonly frames: number; readonly bytes: number; readonly tookMs: number },
  rates: { readonly framesPerSecond: number; readonly bytesPerSecond: number },
): { pieces: number; waits: number } {
  const clock = { now: 0 };
  const budget = new ReadBudget({ ...rates, now: () => clock.now });
  let [pieces, waits] = [0, 0];
  while (clock.now < 10_000) {
    for (let frame = 0; frame < piece.frames; frame++) budget.count();
    // A millionth is the time of what costs nothing here.
    clock.now += piece.tookMs + 0.001;
    pieces += 1;
    const wait = budget.spend(piece.bytes, piece.tookMs);
    if (wait > 0) waits += 1;
    clock.now += wait;
  }
  return { pieces, waits };
}

const RATES = { framesPerSecond: 1_000, bytesPerSecond: 1_000_000 };

const floods: [what: string, piece: Parameters<typeof readFor>[0], most: number][] = [
  ["frames", { frames: 100, bytes: 0, tookMs: 0 }, 100],
  ["bytes", { frames: 1, bytes: 100_000, tookMs: 0 }, 100],
  ["frames and bytes", { frames: 100, bytes: 100_000, tookMs: 0 }, 100],
  ["what takes long to read", { frames: 1, bytes: 1, tookMs: 50 }, 100],
];
for (const [what, piece, most] of floods) {
  Deno.test(`code that sends ${what} without end is read within its budget`, () => {
    const { pieces, waits } = readFor(piece, RATES);
    // Ten seconds, and what may come at once.
    ok(pieces <= most * 1.1, `${pieces} pieces`);
    ok(pieces >= most * 0.9, `${pieces} pieces`);
    ok(waits > 0);
  });
}

Deno.test("code that sends within its budget is never waited for", () => {
  const clock = { now: 0 };
  const budget = new ReadBudget({ ...RATES, now: () => clock.now });
  for (let round = 0; round < 1_000; round++) {
    clock.now += 5;
    for (let frame = 0; frame < 4; frame++) budget.count();
    equal(budget.spend(4_500, 2), 0);
  }
});

Deno.test("a burst is read at once", () => {
  const budget = new ReadBudget({ ...RATES, now: () => 0 });
  equal(budget.spend(7_000, 0), 0);
  ok(budget.spend(7_000, 0) > 0);
});
