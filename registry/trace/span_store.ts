/**
 * Where spans live in Deno KV, and the only module that writes them.
 *
 * | key | value |
 * |---|---|
 * | `["trace_spans", trace, n, i]` | spans of a trace that commit n brought, UTF-8 JSON |
 * | `["trace_log", n]` | what commit n brought: when, for which traces, and sums of all before it |
 * | `["trace_epoch"]` | number of the latest commit, and its sums |
 *
 * Commit numbers have no gaps, whichever instance writes, so that everybody can follow. What has been
 * written is never changed: a trace is what its keys hold together, and a span that comes twice is
 * found twice. Forgetting goes by commits, oldest first.
 *
 * @module
 */
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import { insist } from "../directory/contention.ts";
import { Turns } from "../directory/turns.ts";
import type { SpanLimits } from "../config/trace_config.ts";
import { fromChunk, toChunks } from "./span_chunk.ts";
import { digestBytes, digestOf, type SpanDigest } from "./span_digest.ts";

/** One trace in one commit. */
export interface LoggedTrace {
  readonly id: string;
  /** Values written for it. */
  readonly chunks: number;
  readonly digest: SpanDigest;
}

/** What one commit brought. */
export interface LogEntry {
  readonly n: number;
  readonly traces: readonly LoggedTrace[];
}

/** The spans there are of a trace, as they came: some may be there twice. */
export interface FoundTrace {
  readonly id: string;
  readonly spans: readonly MeasuredSpan[];
  /** Numbers of the commits that brought some, oldest first. */
  readonly commits: readonly number[];
  /** There are more than were asked for. */
  readonly truncated: boolean;
}

/** Sums over all commits up to one, those forgotten included. */
interface Sums {
  readonly spans: number;
  readonly bytes: number;
}

interface Epoch extends Sums {
  readonly n: number;
}

interface LogRow extends Sums {
  readonly at: number;
  readonly traces: readonly LoggedTrace[];
}

/** Of one commit: under KV's 1,000 mutations and 800 KiB, and the log's value under 64 KiB. */
const COMMIT = { chunks: 200, bytes: 500_000, logBytes: 50_000 } as const;
/** Of one trace in the log's value, besides its digest. */
const TRACE_BYTES = 64;
/** Deletions of one commit. */
const DELETIONS = 800;
/** Log entries looked at together while forgetting. */
const FORGET_BATCH = 100;
/** How much over the limits is let come together before anything is forgotten. */
const SLACK = 1.05;
/** Sorts after every digit and letter of an id. */
const AFTER_HEX = "g";

/** The spans of recent traces. */
export class SpanStore {
  readonly #kv: Deno.Kv;
  readonly #limits: SpanLimits;
  readonly #now: () => number;
  readonly #turns = new Turns();
  readonly #listeners = new Set<() => void>();
  #epoch: Deno.KvEntryMaybe<Epoch> | undefined;
  #forgotten: Sums | undefined;

  /** @param now Milliseconds since the epoch. */
  constructor(kv: Deno.Kv, limits: SpanLimits, now: () => number) {
    this.#kv = kv;
    this.#limits = limits;
    this.#now = now;
  }

  /** Calls back whenever this instance has written, until what it returns is called. */
  onWritten(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Number of the latest commit of any instance. */
  async latest(): Promise<number> {
    return (await this.#kv.get<Epoch>(["trace_epoch"])).value?.n ?? 0;
  }

  /** Keeps spans. */
  async write(measured: readonly MeasuredSpan[]): Promise<void> {
    if (measured.length === 0) return;
    await this.#turns.take(async () => {
      for (const commit of commitsOf(measured)) await this.#commit(commit);
      await this.#forgetSurplus();
    });
    for (const listener of this.#listeners) listener();
  }

  /**
   * The spans of a trace.
   *
   * @param max Most spans read.
   */
  async read(id: string, max: number): Promise<FoundTrace | undefined> {
    const spans: MeasuredSpan[] = [];
    const commits: number[] = [];
    for await (const { key, value } of this.#kv.list<Uint8Array>({ prefix: ["trace_spans", id] })) {
      if (spans.length >= max) return { id, spans: spans.slice(0, max), commits, truncated: true };
      const n = Number(key[2]);
      if (commits.at(-1) !== n) commits.push(n);
      spans.push(...fromChunk(value));
    }
    if (spans.length === 0) return undefined;
    return { id, spans: spans.slice(0, max), commits, truncated: spans.length > max };
  }

  /**
   * Ids that begin so, in their order.
   *
   * @param beginning Lower-case hex digits.
   */
  async *idsFrom(beginning: string): AsyncGenerator<string> {
    const end = ["trace_spans", beginning + AFTER_HEX];
    let start = ["trace_spans", beginning];
    for (;;) {
      const { value } = await this.#kv.list({ start, end }, { limit: 1 }).next();
      if (value === undefined) return;
      const id = String(value.key[1]);
      yield id;
      // No id goes on after its 32 digits: this is behind all that belongs to it.
      start = ["trace_spans", `${id}0`];
    }
  }

  /**
   * What the commits after one brought, oldest first; those forgotten are left out.
   *
   * @param limit Most commits answered.
   */
  async after(n: number, limit: number): Promise<LogEntry[]> {
    const range = { start: ["trace_log", n + 1], end: ["trace_log", Infinity] };
    return await Array.fromAsync(this.#kv.list<LogRow>(range, { limit }), entryOf);
  }

  /** What the commits before one brought, newest first. */
  async *before(n: number): AsyncGenerator<LogEntry> {
    const range = { start: ["trace_log", 0], end: ["trace_log", n] };
    for await (const row of this.#kv.list<LogRow>(range, { reverse: true })) yield entryOf(row);
  }

  /** What a commit brought for a trace; `undefined` when it is forgotten. */
  async logged(n: number, id: string): Promise<LoggedTrace | undefined> {
    const { value } = await this.#kv.get<LogRow>(["trace_log", n]);
    return value?.traces.find((trace) => trace.id === id);
  }

  /** Forgets what is over the limits. */
  async forget(): Promise<void> {
    await this.#turns.take(async () => {
      const epoch = await this.#kv.get<Epoch>(["trace_epoch"]);
      if (epoch.value !== null) await this.#forgetBefore(epoch.value);
    });
  }

  async #commit({ traces, bytes, spans }: Commit): Promise<void> {
    for (;;) {
      const epoch = this.#epoch ??= await this.#kv.get<Epoch>(["trace_epoch"]);
      const before = epoch.value ?? { n: 0, spans: 0, bytes: 0 };
      const next = { n: before.n + 1, spans: before.spans + spans, bytes: before.bytes + bytes };
      const row: LogRow = {
        at: this.#now(),
        spans: next.spans,
        bytes: next.bytes,
        traces: traces.map(({ id, chunks, digest }) => ({ id, chunks: chunks.length, digest })),
      };
      const commit = this.#kv.atomic().check(epoch).set(["trace_epoch"], next)
        .set(["trace_log", next.n], row);
      for (const { id, chunks } of traces) {
        chunks.forEach((chunk, at) => commit.set(["trace_spans", id, next.n, at], chunk));
      }
      const result = await insist(() => commit.commit());
      if (result.ok) {
        this.#epoch = { key: ["trace_epoch"], value: next, versionstamp: result.versionstamp };
        return;
      }
      // Another instance has written.
      this.#epoch = undefined;
    }
  }

  async #forgetSurplus(): Promise<void> {
    const epoch = this.#epoch?.value;
    if (!epoch) return;
    const { spans, bytes } = this.#forgotten ??= await this.#sumsBeforeOldest();
    const isOver = epoch.spans - spans > this.#limits.spans * SLACK ||
      epoch.bytes - bytes > this.#limits.bytes * SLACK;
    if (isOver) await this.#forgetBefore(epoch);
  }

  /** What the oldest entry counts with itself: a little more than was forgotten. */
  async #sumsBeforeOldest(): Promise<Sums> {
    const { value } = await this.#kv.list<LogRow>({ prefix: ["trace_log"] }, { limit: 1 }).next();
    return value?.value ?? { spans: 0, bytes: 0 };
  }

  async #forgetBefore(epoch: Epoch): Promise<void> {
    const { spans, bytes, ageMs } = this.#limits;
    const oldest = ageMs === 0 ? -Infinity : this.#now() - ageMs;
    for (;;) {
      const rows = await Array.fromAsync(
        this.#kv.list<LogRow>({ prefix: ["trace_log"] }, { limit: FORGET_BATCH }),
      );
      const surplus = rows.filter(({ value }) =>
        epoch.spans - value.spans >= spans || epoch.bytes - value.bytes >= bytes ||
        value.at < oldest
      );
      await this.#delete(surplus);
      this.#forgotten = surplus.at(-1)?.value ?? this.#forgotten;
      if (surplus.length < FORGET_BATCH) return;
    }
  }

  /** Deletes commits whole, many at a time. */
  async #delete(rows: readonly Deno.KvEntry<LogRow>[]): Promise<void> {
    let commit = this.#kv.atomic();
    let size = 0;
    for (const { key, value } of rows) {
      const n = Number(key[1]);
      commit.delete(key);
      size++;
      for (const { id, chunks } of value.traces) {
        for (let at = 0; at < chunks; at++) commit.delete(["trace_spans", id, n, at]);
        size += chunks;
      }
      if (size < DELETIONS - COMMIT.chunks) continue;
      const full = commit;
      await insist(() => full.commit());
      commit = this.#kv.atomic();
      size = 0;
    }
    const last = commit;
    if (size > 0) await insist(() => last.commit());
  }
}

interface Commit {
  readonly traces: { id: string; chunks: Uint8Array[]; digest: SpanDigest }[];
  spans: number;
  bytes: number;
  chunks: number;
  logBytes: number;
}

/** Spans, by trace, as commits that the database takes. */
function commitsOf(measured: readonly MeasuredSpan[]): Commit[] {
  const commits: Commit[] = [];
  let open: Commit | undefined;
  for (const [id, spans] of Map.groupBy(measured, ({ span }) => span.trace_id)) {
    const digest = digestOf(spans);
    const logBytes = TRACE_BYTES + digestBytes(digest);
    let left = spans.length;
    for (const chunk of toChunks(spans)) {
      if (
        open === undefined || open.chunks >= COMMIT.chunks ||
        open.bytes + chunk.length > COMMIT.bytes || open.logBytes + logBytes > COMMIT.logBytes
      ) {
        open = { traces: [], spans: 0, bytes: 0, chunks: 0, logBytes: 0 };
        commits.push(open);
      }
      const last = open.traces.at(-1);
      if (last?.id === id) last.chunks.push(chunk);
      else {
        open.traces.push({ id, chunks: [chunk], digest });
        open.logBytes += logBytes;
      }
      open.bytes += chunk.length;
      open.chunks++;
      // All of a trace's spans count with its first value; sums need not be finer.
      open.spans += left;
      left = 0;
    }
  }
  return commits;
}

function entryOf({ key, value }: Deno.KvEntry<LogRow>): LogEntry {
  return { n: Number(key[1]), traces: value.traces };
}
