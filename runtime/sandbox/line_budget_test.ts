import { deepEqual, equal } from "node:assert/strict";
import { LineBudget } from "./line_budget.ts";

function admitted(budget: LineBudget, lines: number, units: number): number {
  return budget.admit(Array.from({ length: lines }, () => "x".repeat(units)));
}

Deno.test("LineBudget admits two seconds' worth of lines at once, then as time passes", () => {
  let now = 0;
  const budget = new LineBudget({ linesPerSecond: 10, unitsPerSecond: 1_000, now: () => now });
  equal(admitted(budget, 100, 1), 20);
  deepEqual(budget.takeDropped(), { lines: 80, units: 80 });
  now = 500;
  equal(admitted(budget, 100, 2), 5);
  deepEqual(budget.takeDropped(), { lines: 95, units: 190 });
});

Deno.test("LineBudget admits no more text than it has units for, in however few lines", () => {
  const budget = new LineBudget({ linesPerSecond: 100, unitsPerSecond: 1_000, now: () => 0 });
  equal(admitted(budget, 9, 500), 4);
  deepEqual(budget.takeDropped(), { lines: 5, units: 2_500 });
});

Deno.test("LineBudget reports what it dropped once, and nothing when it dropped nothing", () => {
  const budget = new LineBudget({ linesPerSecond: 1, unitsPerSecond: 1_000, now: () => 0 });
  equal(budget.takeDropped(), undefined);
  equal(admitted(budget, 3, 0), 2);
  deepEqual(budget.takeDropped(), { lines: 1, units: 0 });
  equal(budget.takeDropped(), undefined);
});

Deno.test("LineBudget admits a line that is longer than all it has units for when it is full", () => {
  let now = 0;
  const budget = new LineBudget({ linesPerSecond: 10, unitsPerSecond: 100, now: () => now });
  equal(admitted(budget, 1, 5_000), 1);
  now = 1_000;
  equal(admitted(budget, 1, 1), 0);
});
