/**
 * Reads the trace stream for as long as the registry runs, whatever Redis does meanwhile. An entry is
 * acknowledged when it is kept, so none is lost by a registry that dies with it: the others of the
 * group take it over.
 *
 * @module
 */
import { errorText } from "../../../runtime/base/errors.ts";
import { sleep } from "../../../runtime/base/sleep.ts";
import { backoffMs } from "../../../runtime/base/backoff.ts";
import {
  type MeasuredSpan,
  readStreamEntry,
  TRACE_STREAM,
} from "../../../runtime/protocol/trace_stream.ts";
import type { TraceConsumerStatus } from "../../../runtime/protocol/trace_view.ts";
import type { StreamConnection, StreamEntry } from "./stream_connection.ts";

/** What {@linkcode StreamConsumer} works with. */
export interface StreamConsumerOptions {
  /** Connects, unless `signal` aborts; a connection that fails is closed and another is opened. */
  open(signal: AbortSignal): Promise<StreamConnection>;
  /** The group, and this member's name in it. */
  group: string;
  consumer: string;
  /** Keeps spans; rejects while the database does not take them. */
  keep(measured: readonly MeasuredSpan[]): Promise<void>;
  /** Hears of entries that cannot be used. */
  onUnusable(entries: number): void;
  /** How long entries stay in the stream, milliseconds; 0 is for ever. */
  retentionMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line when reading begins to fail, and when it works again. */
  log: (line: string) => void;
}

/** Pauses after failures, milliseconds. */
const PAUSE = { firstMs: 200, longestMs: 5_000 };
/** Time between looks for what others left behind, and between trims, milliseconds. */
const CLAIM_EVERY_MS = 60_000;
const TRIM_EVERY_MS = 300_000;
/** After so long an entry is taken over, and an idle consumer removed, milliseconds. */
const ABANDONED_MS = 60_000;
const FORGOTTEN_MS = 3_600_000;

/** The reading of the stream. Disposing of it ends it. */
export class StreamConsumer implements AsyncDisposable {
  readonly #options: StreamConsumerOptions;
  readonly #closing = new AbortController();
  #connection: StreamConnection | undefined;
  #state: "connecting" | "connected" | "disconnected" = "disconnected";
  #retries = 0;
  #lastError: { text: string; at: number } | undefined;
  #claimedAt = 0;
  #trimmedAt = 0;
  #running: Promise<void> | undefined;

  constructor(options: StreamConsumerOptions) {
    this.#options = options;
  }

  /** Begins to read. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** How it stands. */
  get status(): TraceConsumerStatus {
    const isRunning = this.#running !== undefined && !this.#closing.signal.aborted;
    return {
      enabled: true,
      running: isRunning,
      consuming: isRunning && this.#state === "connected",
      connection_state: this.#state,
      stream_name: TRACE_STREAM,
      consumer_group: this.#options.group,
      consumer_name: this.#options.consumer,
      retry_count: this.#retries,
      ...(this.#lastError !== undefined && {
        last_error: this.#lastError.text,
        last_error_time: new Date(this.#lastError.at).toISOString(),
      }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#connection?.close();
    await this.#running;
    this.#state = "disconnected";
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#session();
      } catch (error) {
        if (signal.aborted) return;
        this.#failed("the trace stream cannot be read", error);
      }
      if (!signal.aborted) await sleep(backoffMs(PAUSE, this.#retries, Math.random()), signal);
    }
  }

  /** Reads with one connection until it fails. */
  async #session(): Promise<void> {
    this.#state = "connecting";
    const connection = await this.#options.open(this.#closing.signal);
    this.#connection = connection;
    try {
      await connection.ensureGroup();
      this.#works();
      // What the last connection read and could not acknowledge comes first.
      await this.#drain(() => connection.readOwn(), connection);
      while (!this.#closing.signal.aborted) {
        await this.#maintain(connection);
        await this.#deliver(await connection.readNew(), connection);
      }
    } finally {
      this.#state = "disconnected";
      this.#connection = undefined;
      await connection.close();
    }
  }

  async #maintain(connection: StreamConnection): Promise<void> {
    const { now, retentionMs } = this.#options;
    if (now() - this.#claimedAt >= CLAIM_EVERY_MS) {
      this.#claimedAt = now();
      await this.#drain(() => connection.claim(ABANDONED_MS), connection);
      await connection.forgetConsumers(FORGOTTEN_MS);
    }
    if (retentionMs > 0 && now() - this.#trimmedAt >= TRIM_EVERY_MS) {
      this.#trimmedAt = now();
      await connection.trim(now() - retentionMs);
    }
  }

  async #drain(read: () => Promise<StreamEntry[]>, connection: StreamConnection): Promise<void> {
    for (;;) {
      const entries = await read();
      if (entries.length === 0 || this.#closing.signal.aborted) return;
      await this.#deliver(entries, connection);
    }
  }

  async #deliver(entries: readonly StreamEntry[], connection: StreamConnection): Promise<void> {
    const measured: MeasuredSpan[] = [];
    let unusable = 0;
    for (const { fields } of entries) {
      if (fields === undefined) continue;
      const read = readStreamEntry(fields);
      if ("fault" in read) unusable++;
      else measured.push(read);
    }
    if (unusable > 0) this.#options.onUnusable(unusable);
    if (measured.length > 0 && !await this.#keep(measured)) return;
    await connection.acknowledge(entries.map(({ id }) => id));
  }

  /** Keeps spans, however long the database does not take them; not when asked to stop. */
  async #keep(measured: readonly MeasuredSpan[]): Promise<boolean> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#options.keep(measured);
        if (this.#state === "connected") this.#works();
        return true;
      } catch (error) {
        this.#failed("spans of the trace stream cannot be kept", error);
        await sleep(backoffMs(PAUSE, this.#retries, Math.random()), signal);
      }
    }
    return false;
  }

  #works(): void {
    this.#state = "connected";
    if (this.#retries > 0) this.#options.log("the trace stream is read again");
    this.#retries = 0;
  }

  #failed(what: string, error: unknown): void {
    const text = errorText(error);
    this.#lastError = { text, at: this.#options.now() };
    if (this.#retries++ === 0) this.#options.log(`${what}: ${text}; trying again until it works`);
  }
}
