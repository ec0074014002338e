import { deepEqual } from "node:assert/strict";
import { type LogCriteria, merged, selected } from "./log_selection.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const LOG = [
  "untimed",
  "2026-06-01 12:00:00.000 INFO  one",
  `2026-06-01 12:00:01.000 ERROR two {"trace":"${ID}"}`,
  "    at a stack",
  "2026-06-01 12:00:02.000 DEBUG three",
];
const at = (second: number) => Date.UTC(2026, 5, 1, 12, 0, second);

const choices: [criteria: LogCriteria, shown: number[]][] = [
  [{}, [0, 1, 2, 3, 4]],
  [{ since: at(1) }, [0, 2, 3, 4]],
  [{ until: at(1) }, [0, 1, 2, 3]],
  [{ level: "INFO" }, [1, 2, 3]],
  [{ level: "ERROR" }, [2, 3]],
  [{ trace: ID.slice(0, 6) }, [2, 3]],
  [{ trace: "ffff" }, []],
];
for (const [criteria, shown] of choices) {
  Deno.test(`selected() ${JSON.stringify(criteria)}`, () => {
    deepEqual(
      selected("a", LOG, criteria).map(({ text }) => LOG.indexOf(text)),
      shown,
    );
  });
}

Deno.test("merged() puts logs in the order of time, and leaves each log's own order", () => {
  const one = selected("one", [
    "2026-06-01 12:00:00.000 INFO  a",
    "2026-06-01 12:00:03.000 INFO  c",
    "  of c",
    "2026-06-01 12:00:01.000 INFO  clock set back",
  ], {});
  const two = selected("two", ["2026-06-01 12:00:02.000 INFO  b", "  of b"], {});
  deepEqual(merged([one, two]).map(({ text }) => text.split("  ").at(-1)), [
    "a",
    "b",
    "of b",
    "c",
    "of c",
    "clock set back",
  ]);
});
