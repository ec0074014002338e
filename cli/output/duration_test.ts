import { equal } from "node:assert/strict";
import { formatAge, formatDuration, parseDuration } from "./duration.ts";

Deno.test("formatDuration() uses at most two units", () => {
  const rows: [number, string][] = [
    [-5, "0s"],
    [12_900, "12s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [3_599_000, "59m"],
    [7_380_000, "2h3m"],
    [7_200_000, "2h"],
    [100_800_000, "1d4h"],
    [172_800_000, "2d"],
  ];
  for (const [milliseconds, text] of rows) equal(formatDuration(milliseconds), text);
});

Deno.test("parseDuration() reads sums of units and nothing else", () => {
  const rows: [string, number | undefined][] = [
    ["90s", 90_000],
    ["2h30m", 9_000_000],
    ["1d", 86_400_000],
    ["500ms", 500],
    ["1.5h", 5_400_000],
    ["", undefined],
    ["10", undefined],
    ["10x", undefined],
    ["-5m", undefined],
    ["5 m", undefined],
  ];
  for (const [text, milliseconds] of rows) equal(parseDuration(text), milliseconds, text);
});

Deno.test("formatAge() shows a dash for a time that cannot be read", () => {
  equal(formatAge("2026-06-01T12:00:00Z", Date.parse("2026-06-01T12:00:05Z")), "5s");
  equal(formatAge("never", 0), "-");
});
