import { equal } from "node:assert/strict";
import { timeMicros, timeText } from "./trace_time.ts";

Deno.test("timeText() has six decimals, and timeMicros() reads them", () => {
  const rows: [number, string][] = [
    [0, "1970-01-01T00:00:00.000000Z"],
    [1_767_225_600_123_456, "2026-01-01T00:00:00.123456Z"],
    [1_767_225_600_000_007, "2026-01-01T00:00:00.000007Z"],
    [Number.MAX_SAFE_INTEGER, "2255-06-05T23:47:34.740991Z"],
  ];
  for (const [us, text] of rows) {
    equal(timeText(us), text);
    equal(timeMicros(text), us);
  }
});

Deno.test("timeMicros() reads any number of decimals and any zone, and nothing else", () => {
  equal(timeMicros("2026-01-01T00:00:00Z"), 1_767_225_600_000_000);
  equal(timeMicros("2026-01-01T01:00:00.5+01:00"), 1_767_225_600_500_000);
  equal(timeMicros("2026-01-01T00:00:00.123456789Z"), 1_767_225_600_123_456);
  equal(timeMicros("never"), NaN);
});
