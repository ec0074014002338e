/**
 * Spans to the reference's Redis stream (registry-protocol §5.2), so that traces of agents of all
 * runtimes join.
 *
 * @module
 */
import type { Redis } from "ioredis";
import { errorText } from "../base/errors.ts";
import {
  type SpanAgent,
  SpanAgentSchema,
  type SpanBatchInput,
  type SpanInput,
  SpanSchema,
} from "../protocol/trace.ts";
import { streamEntry, TRACE_STREAM } from "../protocol/trace_stream.ts";
import type { TlsMaterial } from "../base/tls_material.ts";
import type { Delivered, SpanDelivery } from "./publisher.ts";

/** How spans reach the stream. */
export interface RedisDeliveryOptions {
  /** `redis://` or `rediss://`; may hold a password. */
  readonly url: string;
  /** Certificates and keys of a `rediss://` connection; absent: only well-known authorities count. */
  readonly tls?: TlsMaterial | undefined;
  /** Entries kept in the stream, about; 0 for all. */
  readonly maxLength: number;
  /** Who measured them. */
  readonly agent: () => SpanBatchInput["agent"];
}

/** How long Redis may take to be connected to, and to answer, in milliseconds. */
const CONNECT_MS = 3_000;
const ANSWER_MS = 5_000;
const BATCH_MAX = 500;

/** Delivers spans to a Redis stream. A connection that broke is replaced by the next batch. */
export class RedisDelivery implements SpanDelivery {
  readonly batchMax: number = BATCH_MAX;
  readonly #options: RedisDeliveryOptions;
  #redis: Redis | undefined;

  constructor(options: RedisDeliveryOptions) {
    this.#options = options;
  }

  async deliver(
    spans: readonly SpanInput[],
    _dropped: number,
    signal: AbortSignal,
  ): Promise<Delivered> {
    const agent = SpanAgentSchema.parse(this.#options.agent());
    const entries = spans.flatMap((span) => entryOf(span, agent) ?? []);
    const giveUp = () => void this.close();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      signal.throwIfAborted();
      const redis = await this.#connected();
      await this.#add(redis, entries);
      return { kind: "taken", rejected: spans.length - entries.length };
    } catch (error) {
      await this.close();
      return { kind: "failed", reason: `Redis takes no spans: ${errorText(error)}` };
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  async close(): Promise<void> {
    const redis = this.#redis;
    this.#redis = undefined;
    // Ending one that has ended leaves a timer behind.
    if (redis === undefined || redis.status === "end") return;
    const ended = Promise.withResolvers<void>();
    redis.once("end", () => ended.resolve());
    redis.disconnect();
    await ended.promise;
  }

  async #connected(): Promise<Redis> {
    if (this.#redis?.status === "ready") return this.#redis;
    await this.close();
    // Most agents never need it, and it takes a while to load.
    const { Redis } = await import("ioredis");
    const { url, tls } = this.#options;
    const redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      socketTimeout: ANSWER_MS,
      // A connection that breaks is replaced as a whole.
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      ...(tls !== undefined && { tls: { ...tls } }),
    });
    // Whoever waits for the connection is told only that there is none, not why.
    let fault: Error | undefined;
    redis.on("error", (error) => fault = error);
    // A connection that TLS refuses fails once for reading and once for writing, of which the client
    // takes one; the other would end the process.
    redis.on("connect", () => redis.stream.on("error", () => {}));
    this.#redis = redis;
    try {
      await redis.connect();
    } catch (error) {
      throw fault ?? error;
    }
    return redis;
  }

  async #add(redis: Redis, entries: readonly string[][]): Promise<void> {
    const { maxLength } = this.#options;
    const trim = maxLength > 0 ? ["MAXLEN", "~", String(maxLength)] : [];
    const pipeline = redis.pipeline();
    for (const entry of entries) pipeline.call("XADD", TRACE_STREAM, ...trim, "*", ...entry);
    for (const [error] of await pipeline.exec() ?? []) if (error !== null) throw error;
  }
}

function entryOf(span: SpanInput, agent: SpanAgent): string[][] | undefined {
  const read = SpanSchema.safeParse(span);
  const entry = read.success ? streamEntry({ span: read.data, agent }, Date.now()) : undefined;
  return entry && [entry];
}
