/**
 * Several servers that are measured in turns, so that what else the machine does in the meantime falls on
 * all of them alike.
 *
 * @module
 */
import { type Load, measure, type Measured } from "./load.ts";
import type { Row } from "./section.ts";
import { startServer } from "./server_process.ts";

/** A server to measure. */
export interface Contender extends Pick<Row, "what" | "role"> {
  /** Arguments of `deno` that run it on a port. */
  readonly args: (port: number) => string[] | Promise<string[]>;
  /** Added to this process's environment. */
  readonly env?: Record<string, string>;
}

/** The request to each of them. */
export type Asked = Pick<Load, "request" | "expects" | "connections">;

/** How often each is measured, and for how long, milliseconds. */
const ROUNDS = 5;
const ROUND_MS = 1_500;
const WARMUP_MS = 1_000;

/** Measures servers in turns; of every number the median of all rounds counts. */
export async function measureInTurns(
  contenders: readonly Contender[],
  asked: Asked,
): Promise<Row[]> {
  await using running = new AsyncDisposableStack();
  const loads: Load[] = [];
  for (const { args, env } of contenders) {
    const { port, cpuSeconds } = running.use(await startServer(args, env));
    loads.push({ hostname: "127.0.0.1", port, cpuSeconds, durationMs: ROUND_MS, ...asked });
  }
  const measured: Measured[][] = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, load] of loads.entries()) {
      const warmupMs = round === 0 ? WARMUP_MS : 0;
      measured[index]?.push(await measure({ ...load, warmupMs }));
    }
  }
  return contenders.map(({ what, role }, index) => ({
    what,
    ...(role && { role }),
    ...medians(measured[index] ?? []),
  }));
}

/** The median of each number over some measurements. */
export function medians(rounds: readonly Measured[]): Measured {
  const of = (read: (round: Measured) => number | undefined) =>
    median(rounds.map(read).filter((value) => value !== undefined));
  const perCoreSecond = of((round) => round.perCoreSecond);
  return {
    perSecond: of((round) => round.perSecond),
    ...(Number.isNaN(perCoreSecond) ? {} : { perCoreSecond }),
    p50Ms: of((round) => round.p50Ms),
    p99Ms: of((round) => round.p99Ms),
  };
}

/** The middle one of some numbers; NaN when there are none. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}
