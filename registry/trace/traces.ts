/**
 * Traces of the mesh: spans come in by HTTP and from the Redis stream, are kept, and are passed on.
 *
 * @module
 */
import { within } from "../../runtime/base/within.ts";
import type { SpanOutcome } from "../base/registry_metrics.ts";
import type { Chore } from "../base/chores.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import type { TraceConsumerStatus } from "../../runtime/protocol/trace_view.ts";
import type { Exporter } from "./export/exporter.ts";
import { openExporters } from "./export/exporters.ts";
import { ExportQueue } from "./export/export_queue.ts";
import { Intake } from "./intake.ts";
import { LiveTraces } from "./live_traces.ts";
import { StreamConsumer } from "./redis/stream_consumer.ts";
import { type FoundTrace, SpanStore } from "./span_store.ts";
import { Tempo } from "./tempo.ts";
import { tlsFetch, tlsMaterial } from "../config/tls_material.ts";
import type { TraceConfig } from "../config/trace_config.ts";
import { TRACE_SPANS_MAX } from "./trace_list.ts";

/** Counts what becomes of spans. */
export interface SpanCounts {
  countSpans(source: "http" | "redis", outcome: SpanOutcome, count: number): void;
  countExported(exporter: string, outcome: "exported" | "refused" | "dropped", count: number): void;
}

/** What {@linkcode Traces.open} works with. */
export interface TracesOptions {
  kv: Deno.Kv;
  config: TraceConfig;
  /** What tells this registry from others of its group. */
  instance: string;
  counts: SpanCounts;
  /** Milliseconds since the epoch. */
  now: () => number;
  fetch: typeof fetch;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
  /** Called when the first stream opens, and when the last has ended. */
  onStreams: (any: boolean) => void;
  /** Whether it may work between requests; the Redis stream is only read then. */
  background: boolean;
}

/** Time between two looks whether spans wait to be passed on, milliseconds. */
const EXPORT_EVERY_MS = 500;
/** Time between two looks for spans that are too old, milliseconds. */
const FORGET_EVERY_MS = 60_000;
/** Longest that spans under way may take once the registry stops, milliseconds. */
const LAST_EXPORT_MS = 3_000;

/** The traces of one registry. Disposing of it keeps and passes on what has come. */
export class Traces implements AsyncDisposable {
  /** The spans that are kept. */
  readonly store: SpanStore;
  /** Traces as they grow. */
  readonly live: LiveTraces;
  readonly #options: TracesOptions;
  readonly #exporters: readonly Exporter[];
  readonly #queues: ReadonlyMap<string, ExportQueue>;
  readonly #intake: Intake;
  readonly #owned: AsyncDisposableStack;
  #tempo: Tempo | undefined;
  #consumer: StreamConsumer | undefined;
  #exporting: Promise<void> | undefined;

  private constructor(
    options: TracesOptions,
    exporters: readonly Exporter[],
    owned: AsyncDisposableStack,
  ) {
    const { kv, config, counts, now, log, onStreams: onBusy } = options;
    this.#options = options;
    this.#owned = owned;
    this.store = new SpanStore(kv, config.limits, now);
    this.live = new LiveTraces({ store: this.store, now, log, onBusy });
    this.#exporters = exporters;
    this.#queues = new Map(exporters.map((exporter) => {
      const count: SpanCounts["countExported"] = counts.countExported.bind(counts);
      const queue = new ExportQueue({
        exporter,
        now,
        log,
        count: (outcome, spans) => count(exporter.name, outcome, spans),
      });
      return [exporter.name, queue];
    }));
    this.#intake = new Intake({
      write: (spans) => this.store.write(spans),
      onKept: (spans) => this.#passOn(spans),
    });
  }

  /**
   * Traces with their connections to other systems, which need not be there.
   *
   * @throws {MeshError} `bad_config` when a file of certificates cannot be read.
   */
  static async open(options: TracesOptions): Promise<Traces> {
    const { config, fetch, log, background } = options;
    await using owned = new AsyncDisposableStack();
    const exporters = await openExporters(config, options);
    for (const exporter of exporters) owned.defer(() => exporter.close());
    const tempo = config.tempo && tlsFetch(await tlsMaterial(config.tempo.tls), fetch);
    if (tempo !== undefined) owned.defer(tempo.close);
    const redis = config.redis && {
      ...config.redis,
      tls: await tlsMaterial(config.redis.tls),
    };
    const traces = new Traces(options, exporters, owned.move());
    if (config.tempo !== undefined && tempo !== undefined) {
      traces.#tempo = new Tempo({ url: config.tempo.url, fetch: tempo.fetch });
    }
    if (redis !== undefined && background) {
      traces.#consumer = traces.#reader(redis);
      traces.#consumer.start();
    } else if (redis !== undefined) {
      log("the trace stream is not read here: this host runs nothing between requests");
    }
    return traces;
  }

  /** Settings. */
  get config(): TraceConfig {
    return this.#options.config;
  }

  /** How the reading of the Redis stream stands; `undefined` when none is read. */
  get consumer(): TraceConsumerStatus | undefined {
    return this.#consumer?.status;
  }

  /** What is to be done again and again. */
  get chores(): Chore[] {
    const passOn = {
      name: "passing spans on",
      everyMs: EXPORT_EVERY_MS,
      work: () => this.export(),
    };
    return [
      { name: "forgetting spans", everyMs: FORGET_EVERY_MS, work: () => this.store.forget() },
      ...this.#queues.size > 0 ? [passOn] : [],
    ];
  }

  /** Spans that wait, by what for. */
  waiting(): [queue: string, size: number][] {
    const queues = [...this.#queues].map(([name, { size }]): [string, number] => [name, size]);
    return [["store", this.#intake.size], ...queues];
  }

  /**
   * Takes spans of an agent; what it returns resolves when they are kept.
   *
   * @returns `undefined` when too many wait already.
   */
  take(spans: readonly MeasuredSpan[]): Promise<void> | undefined {
    const { counts } = this.#options;
    return this.#intake.take(spans)?.then(() => counts.countSpans("http", "stored", spans.length));
  }

  /**
   * A trace: what is kept of it, or what Tempo has.
   *
   * @param id All its digits.
   * @throws When Tempo has to be asked and cannot be.
   */
  async read(id: string): Promise<FoundTrace | undefined> {
    const kept = await this.store.read(id, TRACE_SPANS_MAX);
    if (kept !== undefined || this.#tempo === undefined) return kept;
    const spans = await this.#tempo.read(id);
    if (spans.length === 0) return undefined;
    return {
      id,
      spans: spans.slice(0, TRACE_SPANS_MAX),
      commits: [],
      truncated: spans.length > TRACE_SPANS_MAX,
    };
  }

  /** Passes on what waits, as far as the other sides take it. */
  async export(): Promise<void> {
    this.#exporting ??= Promise.all([...this.#queues.values()].map((queue) => queue.flush()))
      .then(() => {}).finally(() => this.#exporting = undefined);
    await this.#exporting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.live.end();
    await this.#consumer?.[Symbol.asyncDispose]();
    await this.#intake.idle();
    try {
      await within(LAST_EXPORT_MS, this.export());
    } finally {
      await this.#owned.disposeAsync();
    }
    // A connection that was let go of ends what was under way.
    await this.#exporting;
    for (const queue of this.#queues.values()) queue.abandon();
  }

  #passOn(spans: readonly MeasuredSpan[]): void {
    let isDue = false;
    for (const queue of this.#queues.values()) {
      queue.add(spans);
      isDue ||= queue.isDue;
    }
    if (!isDue || !this.#options.background) return;
    this.export().catch((error) => this.#options.log(`could not pass spans on: ${error}`));
  }

  #reader(redis: NonNullable<TraceConfig["redis"]> & { tls: object }): StreamConsumer {
    const { config, counts, instance: consumer, now, log } = this.#options;
    const { group } = redis;
    return new StreamConsumer({
      group,
      consumer,
      open: async (signal) => {
        // Most registries have no Redis, and loading its client takes long.
        const { openStream } = await import("./redis/stream_connection.ts");
        return await openStream({ ...redis, consumer }, signal);
      },
      keep: async (spans) => {
        const kept = this.#intake.take(spans);
        if (kept === undefined) throw new Error("too many spans wait to be stored");
        await kept;
        counts.countSpans("redis", "stored", spans.length);
      },
      onUnusable: (entries) => counts.countSpans("redis", "unusable", entries),
      retentionMs: config.limits.ageMs,
      now,
      log,
    });
  }
}
