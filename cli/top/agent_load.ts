/**
 * How busy an agent is: from what it measures at two moments.
 *
 * @module
 */
import { SERVER_ACTIVE, SERVER_DURATION } from "../../runtime/node/agent_metrics.ts";
import type { Sample } from "./exposition_reader.ts";

/** What an agent has measured since it started. */
export interface AgentCounts {
  calls: number;
  errors: number;
  inFlight: number;
  /** Calls that took at most so long, by seconds, ascending. */
  buckets: [seconds: number, calls: number][];
}

/** Sums up what an agent tells. */
export function agentCounts(samples: readonly Sample[]): AgentCounts {
  const of = (name: string) => samples.filter((sample) => sample.name === name);
  const sum = (some: readonly Sample[]) => some.reduce((total, { value }) => total + value, 0);
  const counts = of(`${SERVER_DURATION.name}_count`);
  const buckets = new Map<number, number>();
  for (const { labels, value } of of(`${SERVER_DURATION.name}_bucket`)) {
    const seconds = labels["le"] === "+Inf" ? Infinity : Number(labels["le"]);
    buckets.set(seconds, (buckets.get(seconds) ?? 0) + value);
  }
  return {
    calls: sum(counts),
    // An empty label is one that is not there.
    errors: sum(counts.filter(({ labels }) => (labels["error_type"] ?? "") !== "")),
    inFlight: sum(of(SERVER_ACTIVE.name)),
    buckets: [...buckets].toSorted(([a], [b]) => a - b),
  };
}

/** How busy an agent was between two moments. */
export interface AgentLoad {
  /** Calls answered, per second. */
  rate: number;
  /** Those that failed, per second. */
  errorRate: number;
  /** Milliseconds; `undefined` when no call was answered. */
  p50: number | undefined;
  p90: number | undefined;
  p99: number | undefined;
}

/**
 * The load between two moments. Counts that went back are those of an agent that was started anew:
 * it is measured from its start.
 *
 * @param seconds How long it was.
 */
export function agentLoad(before: AgentCounts, after: AgentCounts, seconds: number): AgentLoad {
  const from = after.calls < before.calls ? undefined : before;
  const calls = after.calls - (from?.calls ?? 0);
  const earlier = new Map(from?.buckets ?? []);
  const buckets = after.buckets.map(([bound, count]): [number, number] => [
    bound,
    count - (earlier.get(bound) ?? 0),
  ]);
  const quantile = (part: number) => {
    const value = histogramQuantile(part, buckets);
    return value === undefined ? undefined : value * 1_000;
  };
  return {
    rate: calls / seconds,
    errorRate: (after.errors - (from?.errors ?? 0)) / seconds,
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
  };
}

/**
 * The value that a part of what was measured does not exceed, taken to lie evenly within its
 * bucket, as Prometheus's `histogram_quantile` does.
 *
 * @param buckets Cumulative counts by upper bound, ascending, the last one infinite.
 * @returns `undefined` when nothing was measured.
 */
export function histogramQuantile(
  part: number,
  buckets: readonly (readonly [bound: number, count: number])[],
): number | undefined {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = part * total;
  const index = buckets.findIndex(([, count]) => count >= rank);
  const [upper = Infinity, count = total] = buckets[index] ?? [];
  const [lower, below] = buckets[index - 1] ?? [0, 0];
  // Beyond the last bound nothing more is known.
  if (!Number.isFinite(upper)) return lower;
  return count === below ? upper : lower + (upper - lower) * (rank - below) / (count - below);
}
