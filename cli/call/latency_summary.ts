/**
 * What many calls of one tool came to.
 *
 * @module
 */
import { EXIT, type ExitCode } from "../base/exit.ts";

/** One call of many. */
export interface CallSample {
  /** Milliseconds. */
  durationMs: number;
  /** Why it failed, if it did. */
  failure?: { message: string; exit: ExitCode };
}

/** Latencies, in milliseconds. */
export interface Latency {
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** What many calls came to. */
export interface CallSummary {
  calls: number;
  succeeded: number;
  failed: number;
  /** From the first call to the last answer, milliseconds. */
  duration_ms: number;
  /** Calls that succeeded, per second. */
  rate_per_s: number;
  /** Of the calls that succeeded; `null` when none did. */
  latency_ms: Latency | null;
  /** Failures by what they say, the most frequent first. */
  errors: { message: string; count: number }[];
}

/** Sums calls up. */
export function summarize(samples: readonly CallSample[], durationMs: number): CallSummary {
  const latencies = samples.filter(({ failure }) => failure === undefined)
    .map((sample) => sample.durationMs).toSorted((a, b) => a - b);
  const messages = samples.flatMap(({ failure }) => failure === undefined ? [] : [failure.message]);
  const errors = [...Map.groupBy(messages, (message) => message)]
    .map(([message, all]) => ({ message, count: all.length }))
    .toSorted((a, b) => b.count - a.count);
  return {
    calls: samples.length,
    succeeded: latencies.length,
    failed: messages.length,
    duration_ms: rounded(durationMs),
    rate_per_s: durationMs > 0 ? rounded(latencies.length * 1_000 / durationMs) : 0,
    latency_ms: latencyOf(latencies),
    errors,
  };
}

/** @param sorted Milliseconds, ascending. */
function latencyOf(sorted: readonly number[]): Latency | null {
  if (sorted.length === 0) return null;
  return {
    min: rounded(percentile(sorted, 0)),
    mean: rounded(sorted.reduce((sum, each) => sum + each, 0) / sorted.length),
    p50: rounded(percentile(sorted, 50)),
    p90: rounded(percentile(sorted, 90)),
    p99: rounded(percentile(sorted, 99)),
    max: rounded(percentile(sorted, 100)),
  };
}

/**
 * The value that so many percent do not exceed (nearest rank).
 *
 * @param sorted Ascending, not empty.
 */
export function percentile(sorted: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil(percent / 100 * sorted.length));
  return sorted[rank - 1] ?? NaN;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/**
 * The exit code of many calls: 0 when all succeeded, that of the failures when they agree, else 1.
 */
export function summaryExit(samples: readonly CallSample[]): ExitCode {
  const codes = new Set(
    samples.flatMap(({ failure }) => failure === undefined ? [] : failure.exit),
  );
  const [first, ...others] = codes;
  if (first === undefined) return EXIT.ok;
  return others.length === 0 ? first : EXIT.failure;
}

/** Lines for people. */
export function summaryLines(summary: CallSummary, parallel: number): string[] {
  const { calls, succeeded, failed, latency_ms: latency } = summary;
  const counts = calls === 0
    ? "none has ended"
    : failed === 0
    ? "all succeeded"
    : `${succeeded} succeeded, ${failed} failed`;
  const seconds = (summary.duration_ms / 1_000).toFixed(2);
  return [
    `Calls    ${calls}, ${parallel} at a time: ${counts}`,
    `Rate     ${summary.rate_per_s}/s over ${seconds} s`,
    ...(latency === null ? [] : [
      `Latency  p50 ${latency.p50} ms, p90 ${latency.p90} ms, p99 ${latency.p99} ms ` +
      `(min ${latency.min}, mean ${latency.mean}, max ${latency.max})`,
    ]),
    ...summary.errors.map(({ message, count }) => `Failed   ${count} × ${message}`),
  ];
}
