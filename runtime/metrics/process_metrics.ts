/**
 * What a process uses, and how late its event loop is, under OpenTelemetry's names where it has some.
 *
 * @module
 */
import { COMPUTATION_SECONDS } from "./buckets.ts";
import type { HistogramSeries } from "./instruments.ts";
import type { Metrics } from "./metrics.ts";

/** What {@linkcode processMetrics} reads. */
export interface ProcessUsage {
  /** Resident memory, bytes. */
  memory(): number;
  /** Microseconds of processor time spent in the program, and by the system for it. */
  cpu(): { user: number; system: number };
  /** Seconds since the process started. */
  uptime(): number;
}

/** Adds memory, processor time and age of the process. */
export function processMetrics(metrics: Metrics, { memory, cpu, uptime }: ProcessUsage): void {
  metrics.gauge({
    name: "process_memory_usage_bytes",
    help: "Physical memory in use.",
  }, (gauge) => gauge.set({}, memory()));
  metrics.counter({
    name: "process_cpu_time_seconds_total",
    help: "Processor time used, by mode.",
    labels: ["cpu_mode"],
  }, (counter) => {
    const { user, system } = cpu();
    counter.with({ cpu_mode: "user" }).value = user / 1e6;
    counter.with({ cpu_mode: "system" }).value = system / 1e6;
  });
  metrics.gauge({
    name: "process_uptime_seconds",
    help: "Time the process has been running.",
  }, (gauge) => gauge.set({}, uptime()));
}

/** Time between two looks at the event loop, milliseconds. */
const LOOK_EVERY_MS = 100;

/**
 * Adds how late timers of this event loop are. Disposing of what it returns ends the looking.
 *
 * @param now Milliseconds, from any beginning.
 */
export function eventLoopDelay(metrics: Metrics, now = () => performance.now()): Disposable {
  const delay: HistogramSeries = metrics.histogram({
    name: "mesh_event_loop_delay_seconds",
    help: "How late the event loop ran what was due.",
    bounds: COMPUTATION_SECONDS,
  }).with({});
  let due = now() + LOOK_EVERY_MS;
  const timer = setInterval(() => {
    const at = now();
    delay.observe(Math.max(0, at - due) / 1_000);
    due = at + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
