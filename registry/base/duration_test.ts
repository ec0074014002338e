import { equal } from "node:assert/strict";
import { parseDuration } from "./duration.ts";

const rows: [text: string, ms: number | undefined][] = [
  ["0", 0],
  ["20", 20_000],
  ["0.25", 250],
  [" 5 ", 5_000],
  ["1h", 3_600_000],
  ["1m30s", 90_000],
  ["250ms", 250],
  ["1.5m", 90_000],
  ["1h1m1s1ms", 3_661_001],
  ["", undefined],
  ["-1", undefined],
  ["-1h", undefined],
  ["1d", undefined],
  ["1h and more", undefined],
  ["1e3", undefined],
  ["h", undefined],
];
for (const [text, ms] of rows) {
  Deno.test(`parseDuration() reads ${JSON.stringify(text)} as ${ms}`, () => {
    equal(parseDuration(text), ms);
  });
}
