import { deepEqual, equal } from "node:assert/strict";
import {
  type CallSample,
  percentile,
  summarize,
  summaryExit,
  summaryLines,
} from "./latency_summary.ts";

const late = { message: "late", exit: 6 as const };
const broken = { message: "broken", exit: 5 as const };

Deno.test("summarize() measures what succeeded and counts what did not", () => {
  const good = Array.from({ length: 100 }, (_, index): CallSample => ({ durationMs: index + 1 }));
  const bad: CallSample[] = [broken, late, late].map((failure) => ({ durationMs: 999, failure }));
  deepEqual(summarize([...bad, ...good], 2_000), {
    calls: 103,
    succeeded: 100,
    failed: 3,
    duration_ms: 2_000,
    rate_per_s: 50,
    latency_ms: { min: 1, mean: 50.5, p50: 50, p90: 90, p99: 99, max: 100 },
    errors: [{ message: "late", count: 2 }, { message: "broken", count: 1 }],
  });
  deepEqual(summarize([], 0).latency_ms, null);
});

Deno.test("percentile() is the nearest rank", () => {
  deepEqual([0, 50, 51, 100].map((percent) => percentile([1, 2], percent)), [1, 1, 2, 2]);
  equal(percentile([7], 99), 7);
});

Deno.test("summaryExit() is that of the failures when they agree", () => {
  const of = (...failures: (CallSample["failure"])[]) =>
    summaryExit(
      failures.map((failure) => failure ? { durationMs: 1, failure } : { durationMs: 1 }),
    );
  deepEqual([of(undefined), of(undefined, late), of(broken, late)], [0, 6, 1]);
});

Deno.test("summaryLines() does not say that no calls all succeeded", () => {
  equal(summaryLines(summarize([], 20), 1)[0], "Calls    0, 1 at a time: none has ended");
});
