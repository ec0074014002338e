import { deepEqual, equal, match } from "node:assert/strict";
import type { LinkEvents } from "./code_link.ts";
import {
  LOG_LINES_PER_SECOND,
  LOG_UNITS_PER_SECOND,
  LogBudget,
  withinLogBudget,
} from "./log_budget.ts";

/** As many lines as may come at once. */
const BURST = 2 * LOG_LINES_PER_SECOND;

const line = (level: string, message: string, fields?: unknown) => ({
  type: "log",
  level,
  message,
  ...(fields === undefined ? {} : { fields }),
});

/** A budget, and what passes it. */
function trial() {
  const reports: string[] = [];
  const batches: unknown[] = [];
  const budget = new LogBudget((level, text) => reports.push(`${level}: ${text}`), () => 0);
  const events: LinkEvents = {
    received: (batch) => batches.push(batch),
    ended: () => {},
    unsent: () => {},
  };
  return { reports, batches, budget, bounded: withinLogBudget(events, budget) };
}

Deno.test("withinLogBudget() drops log lines beyond the budget, and nothing else", () => {
  const { reports, batches, budget, bounded } = trial();
  const lines = Array.from({ length: BURST + 500 }, () => line("info", "x"));
  bounded.received([...lines, { type: "pong" }]);
  const [batch] = batches as [unknown[]];
  equal(batch.length, BURST + 1);
  deepEqual(batch.at(-1), { type: "pong" });
  budget.flush();
  match(reports.join("\n"), /^warn: 500 lines with 500 characters dropped: the log takes 1,000 /);
  budget.flush();
  equal(reports.length, 1);
});

Deno.test("LogBudget counts what is printed and what is logged together", () => {
  const { budget } = trial();
  equal(budget.admit(Array.from({ length: BURST - 1 }, () => "x")), BURST - 1);
  deepEqual(
    [1, 2].map(() => budget.admitMessage(line("error", "x"))),
    [true, false],
  );
  budget.flush();
});

Deno.test("LogBudget counts debug lines by themselves: most logs leave them out", () => {
  const { reports, budget } = trial();
  for (let count = 0; count < BURST + 7; count++) budget.admitMessage(line("debug", "x"));
  equal(budget.admitMessage(line("info", "x")), true);
  budget.flush();
  match(reports.join("\n"), /^debug: 7 lines with 7 characters dropped: /);
});

Deno.test("LogBudget counts the fields of a line, as far as they are written", () => {
  const { budget } = trial();
  const fields = { text: "x".repeat(1024 * 1024) };
  let admitted = 0;
  while (budget.admitMessage(line("info", "", fields))) admitted += 1;
  equal(admitted, 2 * LOG_UNITS_PER_SECOND / (64 * 1024));
  budget.flush();
});

const circle: Record<string, unknown> = {};
circle["circle"] = circle;

Deno.test("withinLogBudget() hands on whatever is not a log line, to be refused", () => {
  for (
    const batch of [
      undefined,
      "text",
      { length: 1 },
      [null],
      [[]],
      [{ type: "log" }],
      [{ type: "log", level: "info", message: 1 }],
      [line("info", "x", circle)],
      [line("info", "x", { big: 1n })],
      [line("no level", "x")],
    ]
  ) {
    const { batches, budget, bounded } = trial();
    bounded.received(batch);
    deepEqual(batches, [batch]);
    budget.flush();
  }
});

Deno.test("withinLogBudget() looks at no more of a list than its reader does", () => {
  const { batches, bounded } = trial();
  const list: unknown[] = [{ type: "pong" }];
  list.length = 2 ** 32 - 1;
  bounded.received(list);
  deepEqual(batches, [[{ type: "pong" }, undefined]]);
});
