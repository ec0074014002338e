/**
 * One connection to the Redis that has the trace stream, as a member of a consumer group. It is not
 * made again when it breaks: whoever uses it opens another.
 *
 * @module
 */
import { Redis } from "ioredis";
import * as z from "zod";
import { TRACE_STREAM } from "../../../runtime/protocol/trace_stream.ts";
import type { TlsMaterial } from "../../config/tls_material.ts";

/** An entry of the stream. */
export interface StreamEntry {
  readonly id: string;
  /** Field, value, field, value…; `undefined` when it was trimmed away meanwhile. */
  readonly fields: readonly string[] | undefined;
}

/** A member of the group. */
export interface StreamConnection {
  /** Makes the group, and the stream, where there is none; entries from before it are read too. */
  ensureGroup(): Promise<void>;
  /** Entries nobody of the group has had, as soon as there are some; none after a while without. */
  readNew(): Promise<StreamEntry[]>;
  /** Entries this consumer has had and not acknowledged. */
  readOwn(): Promise<StreamEntry[]>;
  /** Takes over entries others have had for so long without acknowledging them, milliseconds. */
  claim(idleMs: number): Promise<StreamEntry[]>;
  acknowledge(ids: readonly string[]): Promise<void>;
  /** Lets Redis forget entries of before so many milliseconds since the epoch, about. */
  trim(before: number): Promise<void>;
  /** Removes consumers of the group that were away for so long and have nothing left to do. */
  forgetConsumers(idleMs: number): Promise<void>;
  /** Ends it at once; what is under way fails. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** Whom to connect to, and as whom. */
export interface StreamConnectionOptions {
  /** `redis://` or `rediss://`. */
  url: string;
  tls: TlsMaterial;
  group: string;
  consumer: string;
  /** Entries read at once. */
  batch: number;
}

/** How long Redis may take to be connected to, and to answer, milliseconds. */
const CONNECT_MS = 3_000;
const ANSWER_MS = 10_000;
/** How long a read waits for entries, milliseconds. */
const BLOCK_MS = 2_000;

const Entries = z.array(z.tuple([z.string(), z.array(z.string()).nullable()])).transform((list) =>
  list.map(([id, fields]): StreamEntry => ({ id, fields: fields ?? undefined }))
);
const Read = z.array(z.tuple([z.string(), Entries])).nullable().transform((streams) =>
  (streams ?? []).flatMap(([, entries]) => entries)
);
/** Answer of XAUTOCLAIM: where to go on, and the entries; newer versions add a third member. */
const Claimed = z.tuple([z.string(), Entries]).rest(z.unknown());
const Consumers = z.array(
  z.array(z.union([z.string(), z.number()])).transform((pairs) =>
    new Map(pairs.flatMap((key, at) => at % 2 === 0 ? [[key, pairs[at + 1]] as const] : []))
  ),
);

/**
 * Connects.
 *
 * @param signal Gives it up.
 * @throws When Redis cannot be reached or does not let in.
 */
export async function openStream(
  options: StreamConnectionOptions,
  signal: AbortSignal,
): Promise<StreamConnection> {
  const { url, tls, group, consumer, batch } = options;
  const redis = new Redis(url, {
    lazyConnect: true,
    protocol: 2,
    connectTimeout: CONNECT_MS,
    socketTimeout: BLOCK_MS + ANSWER_MS,
    connectionName: consumer,
    // A connection that breaks is replaced as a whole.
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    ...(url.startsWith("rediss:") && { tls: given(tls) }),
  });
  // Whoever waits for the connection is told only that there is none, not why.
  let fault: Error | undefined;
  redis.on("error", (error) => fault = error);
  // A connection that TLS refuses fails once for reading and once for writing, of which the client
  // takes one; the other would end the process.
  redis.on("connect", () => redis.stream.on("error", () => {}));
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<void>();
  redis.once("end", onEnd);
  let closed = false;
  const close = async () => {
    if (!closed && redis.status !== "end") redis.disconnect();
    closed = true;
    await ended;
  };
  const giveUp = () => void close();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await redis.connect();
  } catch (error) {
    await close();
    throw fault ?? error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  const read = async (from: string, ...block: string[]) =>
    Read.parse(
      await redis.call(
        "XREADGROUP",
        ["GROUP", group, consumer, "COUNT", batch, ...block, "STREAMS", TRACE_STREAM, from],
      ),
    );
  return {
    ensureGroup: async () => {
      try {
        await redis.call("XGROUP", ["CREATE", TRACE_STREAM, group, "0", "MKSTREAM"]);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith("BUSYGROUP"))) throw error;
      }
    },
    readNew: () => read(">", "BLOCK", String(BLOCK_MS)),
    readOwn: () => read("0"),
    claim: async (idleMs) => {
      const args = [TRACE_STREAM, group, consumer, idleMs, "0", "COUNT", batch];
      const [, entries] = Claimed.parse(await redis.call("XAUTOCLAIM", args));
      return entries;
    },
    acknowledge: async (ids) => {
      if (ids.length > 0) await redis.call("XACK", [TRACE_STREAM, group, ...ids]);
    },
    trim: async (before) => {
      await redis.call("XTRIM", [TRACE_STREAM, "MINID", "~", String(Math.floor(before))]);
    },
    forgetConsumers: async (idleMs) => {
      const consumers = Consumers.parse(
        await redis.call("XINFO", ["CONSUMERS", TRACE_STREAM, group]),
      );
      for (const each of consumers) {
        const name = String(each.get("name"));
        const isGone = Number(each.get("idle")) >= idleMs && Number(each.get("pending")) === 0;
        if (isGone && name !== consumer) {
          await redis.call("XGROUP", ["DELCONSUMER", TRACE_STREAM, group, name]);
        }
      }
    },
    close,
  };
}

/** TLS settings without those that are not there. */
function given(tls: TlsMaterial): { ca?: string; cert?: string; key?: string } {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}
