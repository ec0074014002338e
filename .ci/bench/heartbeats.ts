/**
 * The registry's own benchmark as a section: its program prints a line a measurement.
 *
 * @module
 */
import type { Section } from "./section.ts";

/** `what`, then calls a second, p50 and p99 in milliseconds; at least two spaces before each. */
const LINE = /^(\S.*?) {2,}(\d+) {2,}([\d.]+) {2,}([\d.]+)$/;

/**
 * Reads the output of `registry/suites/heartbeat_bench.ts`.
 *
 * @throws {Error} When it holds no measurement.
 */
export function heartbeatSection(output: string): Section {
  const rows = output.split("\n").flatMap((line) => {
    const [, what = "", ...numbers] = LINE.exec(line) ?? [];
    const [perSecond, p50Ms, p99Ms] = numbers.map(Number);
    if (perSecond === undefined || p50Ms === undefined || p99Ms === undefined) return [];
    const role = what.startsWith("bare") ? { role: "limit" as const } : {};
    return [{ what, ...role, perSecond, p50Ms, p99Ms }];
  });
  if (rows.length === 0) throw new Error(`no measurement in ${JSON.stringify(output)}`);
  return { title: "Registry with 1,000 agents", rows };
}
