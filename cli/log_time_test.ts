import { deepEqual, equal } from "node:assert/strict";
import { linesSince, lineTime } from "./log_time.ts";

Deno.test("lineTime() reads the time a line begins with", () => {
  const noon = Date.parse("2026-06-01T12:00:00Z");
  const rows: [string, number | undefined][] = [
    ["2026-06-01 12:00:00 INFO x", noon],
    ["2026-06-01 12:00:00.250 INFO x", noon + 250],
    ["2026-06-01T12:00:00Z x", noon],
    ["2026-06-01T14:00:00+02:00 x", noon],
    ["  2026-06-01 12:00:00", undefined],
    ["at file.ts:1", undefined],
    ["2026-99-01 12:00:00", undefined],
  ];
  for (const [line, time] of rows) equal(lineTime(line), time, line);
});

Deno.test("linesSince() lets a line without a time go with the one before it", () => {
  const lines = [
    "banner",
    "2026-06-01 11:00:00 old",
    "  stack of old",
    "2026-06-01 12:00:00 new",
    "  stack of new",
  ];
  deepEqual(linesSince(lines, Date.parse("2026-06-01T12:00:00Z")), [
    "banner",
    "2026-06-01 12:00:00 new",
    "  stack of new",
  ]);
});
