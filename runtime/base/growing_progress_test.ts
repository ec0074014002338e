import assert from "node:assert/strict";
import fc from "fast-check";
import { GrowingProgress, type ProgressNumbers } from "./growing_progress.ts";

/** A chunk, or a report with its message. */
type Said = "chunk" | [progress: unknown, total?: unknown, message?: string];

function told(said: readonly Said[]): (ProgressNumbers | undefined)[] {
  const numbers = new GrowingProgress();
  return said.map((each) => {
    if (each === "chunk") return numbers.step();
    const [progress, total, message] = each;
    return numbers.report({ progress, total }, message !== undefined);
  });
}

const cases: [what: string, said: Said[], told: [number, number?][]][] = [
  ["chunks alone", ["chunk", "chunk", "chunk"], [[1e-6], [2e-6], [3e-6]]],
  ["reports alone", [[0, 4], [1, 4], [4, 4]], [[0, 4], [1, 4], [4, 4]]],
  ["chunks between reports", [[25, 100], "chunk", "chunk", [50, 100], "chunk"], [
    [25, 100],
    [25.000001, 100],
    [25.000002, 100],
    [50, 100],
    [50.000001, 100],
  ]],
  ["a report below one after chunks", ["chunk", [0.5, 1], "chunk", [1, 1]], [
    [1e-6],
    [0.5, 1],
    [0.500001, 1],
    [1, 1],
  ]],
  ["a number that does not grow, without anything new", [[2], [2], [1], [3]], [[2], [3]]],
  ["a number that does not grow, with a message", [[2], [2, undefined, "still"], [3]], [
    [2],
    [2.000001],
    [3],
  ]],
  ["a number that does not grow, of another total", [[2, 4], [2, 8], [2, 8], [3, 8]], [
    [2, 4],
    [2.000001, 8],
    [3, 8],
  ]],
  ["numbers that are none", [[NaN], [-1], [Infinity], ["2"], [undefined], [2 ** 60]], []],
  ["numbers that are none, with a message", [[NaN, 4, "a"], [-Infinity, 4, "b"], [1, 4]], [
    [1e-6, 4],
    [2e-6, 4],
    [1, 4],
  ]],
  ["totals that are none", [[1, NaN], [2, 0], [3, -1], [4, Infinity], [5, "9"]], [
    [1],
    [2],
    [3],
    [4],
    [5],
  ]],
  ["numbers in which a step would be lost", [[2 ** 50], "chunk", "chunk"], [
    [2 ** 50],
    [2 ** 50 + 0.5],
    [2 ** 50 + 1],
  ]],
];
for (const [what, said, expected] of cases) {
  Deno.test(`GrowingProgress numbers ${what}`, () => {
    const numbers = told(said).filter((each) => each !== undefined);
    assert.deepEqual(
      numbers,
      expected.map(([progress, total]) => total === undefined ? { progress } : { progress, total }),
    );
  });
}

Deno.test("GrowingProgress only grows, and leaves no chunk and no message out", () => {
  const anything = fc.oneof(fc.double(), fc.nat(5), fc.constant(undefined));
  const said = fc.oneof(
    fc.constant("chunk" as const),
    fc.tuple(anything, anything),
    fc.tuple(anything, anything, fc.string()),
  );
  fc.assert(fc.property(fc.array(said), (all) => {
    const numbers = told(all);
    all.forEach((each, index) => {
      if (each === "chunk" || each.length === 3) assert.ok(numbers[index]);
    });
    let last = -Infinity;
    for (const { progress, total } of numbers.filter((each) => each !== undefined)) {
      assert.ok(progress > last && Number.isFinite(progress), `${progress} after ${last}`);
      assert.ok(total === undefined || (Number.isFinite(total) && total > 0), `of ${total}`);
      last = progress;
    }
  }));
});
