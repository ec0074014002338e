/**
 * Traces as they grow, for whoever watches: what any instance has stored is looked for while somebody
 * does, and not otherwise. Who reads slowly gets fewer messages, each the latest of its trace.
 *
 * @module
 */
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import type { TraceSnapshot } from "../../runtime/protocol/trace_view.ts";
import { feed } from "../base/feed.ts";
import { type Channel, type Message, Streams } from "../base/streams.ts";
import { traceSnapshot } from "./assemble.ts";
import type { LogEntry, SpanStore } from "./span_store.ts";
import { fits, type TraceQuery } from "./trace_query.ts";

/** What {@linkcode LiveTraces} works with. */
export interface LiveTracesOptions {
  store: SpanStore;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
  /** Called when the first watcher comes, and when the last has gone. */
  onBusy: (busy: boolean) => void;
}

/** Watchers at a time. */
export const WATCHERS_MAX = 64;
/** Time between looks, milliseconds. */
const LOOK_EVERY_MS = 250;
/** A trace with nothing missing is over when nothing more has come for so long, milliseconds. */
const SETTLED_MS = 1_000;
/** Any other, after so long. */
const SILENT_MS = 30_000;
/** Traces looked at in one look; of more, the latest. */
const TRACES_A_LOOK = 100;
/** Commits followed in one look; of more, the latest. */
const COMMITS_A_LOOK = 500;
/** Traces that wait for a watcher who reads slowly; of more, the latest. */
const WAITING_MAX = 1_000;
/** Most spans of a trace that are shown. */
const SPANS_MAX = 1_000;

/** A trace that may grow still. */
interface Growing {
  readonly snapshot: TraceSnapshot;
  readonly spans: readonly MeasuredSpan[];
  /** The commit that it is as of. */
  readonly n: number;
  readonly changedAt: number;
}

interface Watcher {
  readonly query: TraceQuery;
  /** What it has not been sent, by trace: the latest of each. */
  readonly waiting: Map<string, Message>;
  wake: () => void;
}

/** Those who watch, and what they are shown. */
export class LiveTraces {
  readonly #options: LiveTracesOptions;
  readonly #streams: Streams;
  readonly #watchers = new Set<Watcher>();
  readonly #growing = new Map<string, Growing>();
  /** The commit up to which has been looked; `undefined` while nobody watches. */
  #seen: number | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: LiveTracesOptions) {
    this.#options = options;
    this.#streams = new Streams({
      limit: WATCHERS_MAX,
      onBusy: (busy) => {
        if (busy) this.#begin();
        else this.#end();
        options.onBusy(busy);
      },
    });
  }

  /**
   * A stream of the traces that are looked for, from now on.
   *
   * @param after The id of the last message an earlier stream had.
   * @returns `undefined` when too many watch.
   */
  async watch(query: TraceQuery, after: number | undefined): Promise<Response | undefined> {
    const seen = this.#seen ?? await this.#options.store.latest();
    const missed = after === undefined || after >= seen ? [] : await this.#missed(after, seen);
    return this.#streams.open((channel) => {
      this.#seen ??= seen;
      const watcher: Watcher = { query, waiting: new Map(), wake: () => {} };
      channel.send({ event: "connected", data: { timestamp: this.#time(), message: "watching" } });
      for (const each of [...missed, ...this.#growing.values()]) {
        this.#tell(watcher, "trace_update", each);
      }
      this.#serve(watcher, channel);
    });
  }

  /** Ends all streams; resolves when nothing is looked for any more. */
  async end(): Promise<void> {
    this.#streams.end();
    await this.#looking;
  }

  #serve(watcher: Watcher, channel: Channel): void {
    this.#watchers.add(watcher);
    feed({
      channel,
      onAdvance: (listener) => {
        watcher.wake = listener;
        return () => this.#watchers.delete(watcher);
      },
      next: () => {
        const messages = [...watcher.waiting.values()];
        watcher.waiting.clear();
        return Promise.resolve(messages.length === 0 ? undefined : messages);
      },
    }).catch((error) => this.#options.log(`a stream of traces broke off: ${error}`));
  }

  #begin(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().catch((error) =>
        this.#options.log(`could not look for new spans: ${error}`)
      ).finally(() => this.#looking = undefined);
    }, LOOK_EVERY_MS);
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#growing.clear();
    this.#seen = undefined;
  }

  async #look(): Promise<void> {
    if (this.#seen === undefined) return;
    const entries = await this.#options.store.after(this.#seen, COMMITS_A_LOOK);
    const grown = await this.#grown(entries);
    // Everybody may have gone meanwhile.
    if (this.#timer === undefined) return;
    this.#seen = entries.at(-1)?.n ?? this.#seen;
    for (const each of grown) {
      const { trace_id } = each.snapshot;
      const event = this.#growing.has(trace_id) ? "trace_update" : "trace_started";
      this.#growing.set(trace_id, each);
      for (const watcher of this.#watchers) this.#tell(watcher, event, each);
    }
    this.#finish();
  }

  /** Traces that have been over for long enough. */
  #finish(): void {
    const now = this.#options.now();
    for (const [id, each] of this.#growing) {
      const quiet = now - each.changedAt;
      if (quiet < (each.snapshot.completed ? SETTLED_MS : SILENT_MS)) continue;
      this.#growing.delete(id);
      for (const watcher of this.#watchers) this.#tell(watcher, "trace_completed", each);
    }
  }

  async #missed(after: number, until: number): Promise<Growing[]> {
    const entries = await this.#options.store.after(after, COMMITS_A_LOOK);
    return await this.#grown(entries.filter(({ n }) => n <= until));
  }

  /** The traces that commits have brought something of. */
  async #grown(entries: readonly LogEntry[]): Promise<Growing[]> {
    const latest = new Map<string, number>();
    for (const { n, traces } of entries) {
      for (const { id } of traces) latest.set(id, n);
    }
    const grown: Growing[] = [];
    for (const [id, n] of [...latest].slice(-TRACES_A_LOOK)) {
      const found = await this.#options.store.read(id, SPANS_MAX);
      if (found === undefined) continue;
      const { spans } = found;
      grown.push({ snapshot: traceSnapshot(id, spans), spans, n, changedAt: this.#options.now() });
    }
    return grown;
  }

  #tell(watcher: Watcher, event: string, { snapshot, spans, n }: Growing): void {
    if (!fits(watcher.query, snapshot, spans)) return;
    // What was not sent of a trace is overtaken; the latest come last.
    watcher.waiting.delete(snapshot.trace_id);
    watcher.waiting.set(snapshot.trace_id, { id: String(n), event, data: snapshot });
    const [oldest] = watcher.waiting.keys();
    if (watcher.waiting.size > WAITING_MAX && oldest !== undefined) watcher.waiting.delete(oldest);
    watcher.wake();
  }

  #time(): string {
    return new Date(this.#options.now()).toISOString();
  }
}
