/**
 * The tracing of one agent, put together: who decides, where spans go.
 *
 * @module
 */
import type { TlsMaterial } from "../base/tls_material.ts";
import type { Log } from "../base/log.ts";
import type { SpanAgent } from "../protocol/trace.ts";
import { type SpanCounts, SpanPublisher } from "./publisher.ts";
import { RedisDelivery } from "./redis_delivery.ts";
import { RegistryDelivery } from "./registry_delivery.ts";
import { SpanClock } from "../base/span_clock.ts";
import { Tracer, type TracingMode } from "./tracer.ts";

/** Which calls are recorded, and where their spans go. */
export interface TracingConfig {
  readonly mode: TracingMode;
  /** How many of the traces that begin here are recorded, 0 to 1. */
  readonly ratio: number;
  /** Redis with the trace stream; spans go to the registry when absent. Secret. */
  readonly redisUrl: string | undefined;
  /** Of the connection to a `rediss://` one. Secret. */
  readonly redisTls: TlsMaterial | undefined;
  /** Entries kept in that stream, about; 0 for all. */
  readonly streamMaxLength: number;
}

/** The part of an agent's configuration that tracing is made of. */
export interface TracedAgent {
  readonly tracing: TracingConfig;
  /** Base URL of the registry, without a trailing slash. */
  readonly registryUrl: string;
}

/** What tracing needs of its agent. */
export interface TracingOptions {
  /** How requests to the registry leave. */
  readonly fetch: typeof fetch;
  readonly log: Log;
  /** Who the agent is. */
  readonly agent: () => SpanAgent;
}

/** The tracing of one agent. */
export interface Tracing {
  readonly tracer: Tracer;
  /** What became of its spans. */
  readonly counts: () => SpanCounts;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** How long stopping waits for spans to be sent, in milliseconds. */
const CLOSE_MS = 1_000;

/** The tracing of an agent; `undefined` when it is off. */
export function tracingOf(
  { tracing: { mode, ratio, redisUrl, redisTls, streamMaxLength }, registryUrl }: TracedAgent,
  { fetch, log, agent }: TracingOptions,
): Tracing | undefined {
  if (mode === "off") return undefined;
  const delivery = redisUrl === undefined
    ? new RegistryDelivery({ url: registryUrl, fetch, agent })
    : new RedisDelivery({ url: redisUrl, tls: redisTls, maxLength: streamMaxLength, agent });
  const clock = new SpanClock();
  const publisher = new SpanPublisher({
    delivery,
    onBatch: () => clock.follow(),
    onTrouble: (reason) =>
      reason === undefined
        ? log("info", "spans are delivered again")
        : log("warn", `spans wait or are lost: ${reason}`),
  });
  const tracer = new Tracer({ mode, ratio, clock, offer: (span) => publisher.offer(span) });
  return {
    tracer,
    counts: () => publisher.counts,
    async close() {
      const { dropped } = publisher.counts;
      await publisher.close(CLOSE_MS);
      const lost = publisher.counts.dropped - dropped;
      if (lost > 0) log("warn", `${lost} spans could not be delivered before the end and are lost`);
    },
  };
}
