#!/usr/bin/env -S deno run --unstable-kv --allow-net --allow-env=REDIS_URL,REDIS_HOST,REDIS_PORT,CHAT_HISTORY_KV --ignore-env
/**
 * Keeps conversations: in Redis where one is configured (`REDIS_URL`, or `REDIS_HOST` and
 * `REDIS_PORT`), and in Deno KV where none is: in the agent's own folder, or `CHAT_HISTORY_KV`.
 *
 * @module
 */
import type { Redis } from "ioredis";
import { agent, type CheckVerdict, type LifespanContext, MeshError, tool } from "mesh";
import { z } from "zod";

const Turn = z.object({ role: z.string(), content: z.string() });
type Turn = z.output<typeof Turn>;

/** A trip that is talked about. */
const Session = z.object({
  session_id: z.string().min(1),
  conversation: z.string().min(1).describe("Under which session_id its turns are saved"),
  destination: z.string(),
  dates: z.string(),
  budget: z.string(),
});
const KeptSession = Session.extend({ created_at: z.iso.datetime() });
type KeptSession = z.output<typeof KeptSession>;

/** Where conversations are kept. */
interface Store extends AsyncDisposable {
  /** Adds a turn and tells how many there are. */
  push(session: string, turn: Turn): Promise<number>;
  /** The last turns, oldest first. */
  last(session: string, limit: number): Promise<Turn[]>;
  /** How many turns there are. */
  count(session: string): Promise<number>;
  /** Keeps a session of a user; one that is known stays as old as it is. */
  saveSession(user: string, session: KeptSession): Promise<void>;
  sessions(user: string): Promise<KeptSession[]>;
  health(): Promise<CheckVerdict>;
}

const keyOf = (session: string) => `chat:${session}`;
const sessionsOf = (user: string) => `trip_sessions:${user}`;

/**
 * How long Redis may take to be there, and then to answer, in milliseconds: nobody waits for the
 * history of a conversation as long as for the conversation.
 */
const PATIENCE_MS = 1_000;

/** The reference's layout: a list of JSON texts a conversation. */
class RedisStore implements Store {
  readonly #redis: Redis;
  readonly #address: string;
  /** Why the last connection was not made, or lost. */
  #trouble = "it is not connected";
  /** Since when there is none, by `performance.now()`. */
  #awaySince: number | undefined = performance.now();

  /** Connects, and connects again whenever the connection is lost. */
  static async open(url: string, { log, checkHealth }: LifespanContext): Promise<RedisStore> {
    const { Redis } = await import("ioredis");
    const redis = new Redis(url, {
      connectTimeout: PATIENCE_MS,
      commandTimeout: PATIENCE_MS,
      // Whoever waits sees it come back.
      retryStrategy: () => PATIENCE_MS / 4,
      // What has been told to have failed must not be done later.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
    });
    const store = new RedisStore(redis, new URL(url).host);
    let isTold = false;
    redis.on("error", (error: NodeJS.ErrnoException) => {
      store.#trouble = error.message || error.code || error.name;
      if (!isTold) log.warn(store.#away().message);
      isTold = true;
    });
    redis.on("ready", () => {
      log.info(`Redis is connected, at ${store.#address}`);
      isTold = false;
      store.#awaySince = undefined;
      checkHealth();
    });
    redis.on("close", () => {
      // Also closed, again and again, while it is tried to connect.
      if (store.#awaySince !== undefined) return;
      store.#awaySince = performance.now();
      checkHealth();
    });
    // The first connection is being made: that is no trouble yet.
    await store.#ready().catch(() => {});
    return store;
  }

  private constructor(redis: Redis, address: string) {
    this.#redis = redis;
    this.#address = address;
  }

  async push(session: string, turn: Turn): Promise<number> {
    return await this.#ask((redis) => redis.rpush(keyOf(session), JSON.stringify(turn)));
  }

  async last(session: string, limit: number): Promise<Turn[]> {
    const texts = await this.#ask((redis) => redis.lrange(keyOf(session), -limit, -1));
    return texts.map((text) => Turn.parse(JSON.parse(text)));
  }

  async count(session: string): Promise<number> {
    return await this.#ask((redis) => redis.llen(keyOf(session)));
  }

  async saveSession(user: string, session: KeptSession): Promise<void> {
    const known = await this.#ask((redis) => redis.hget(sessionsOf(user), session.session_id));
    const { created_at } = known === null ? session : KeptSession.parse(JSON.parse(known));
    const text = JSON.stringify({ ...session, created_at });
    await this.#ask((redis) => redis.hset(sessionsOf(user), session.session_id, text));
  }

  async sessions(user: string): Promise<KeptSession[]> {
    const texts = await this.#ask((redis) => redis.hvals(sessionsOf(user)));
    return texts.map((text) => KeptSession.parse(JSON.parse(text)));
  }

  async health(): Promise<CheckVerdict> {
    try {
      await this.#ask((redis) => redis.ping());
      return { status: "healthy" };
    } catch (error) {
      // It stays in the mesh: what is asked later is answered as soon as Redis is back.
      return { status: "degraded", errors: [error instanceof Error ? error.message : `${error}`] };
    }
  }

  /** @throws {MeshError} `tool_failed` when Redis is not there, or does not answer. */
  async #ask<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    await this.#ready();
    try {
      return await command(this.#redis);
    } catch (error) {
      const message = error instanceof Error ? error.message : `${error}`;
      // What Redis itself says is no matter of the connection.
      if (error instanceof Error && error.name === "ReplyError") {
        throw new MeshError("tool_failed", `Redis at ${this.#address}: ${message}`);
      }
      this.#trouble = message;
      throw this.#away();
    }
  }

  /** Waits for the connection, if it has not been away for long. */
  async #ready(): Promise<void> {
    if (this.#redis.status === "ready") return;
    const waits = PATIENCE_MS - (performance.now() - (this.#awaySince ?? 0));
    if (waits <= 0) throw this.#away();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => reject(this.#away()), waits);
    this.#redis.once("ready", resolve);
    try {
      await promise;
    } finally {
      clearTimeout(late);
      this.#redis.off("ready", resolve);
    }
  }

  #away(): MeshError {
    return new MeshError(
      "tool_failed",
      `Redis at ${this.#address} does not answer: ${this.#trouble}; start it, or give REDIS_URL ` +
        "the address of another",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve(this.#redis.disconnect());
  }
}

/** A counter and the turns by number. */
class KvStore implements Store {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  async push(session: string, turn: Turn): Promise<number> {
    const counter = [keyOf(session), "turns"];
    for (;;) {
      const count = await this.#kv.get<number>(counter);
      const total = (count.value ?? 0) + 1;
      const { ok } = await this.#kv.atomic()
        .check(count)
        .set(counter, total)
        .set([keyOf(session), "turn", total], turn)
        .commit();
      // Otherwise somebody else added one at the same time.
      if (ok) return total;
    }
  }

  async last(session: string, limit: number): Promise<Turn[]> {
    const prefix = [keyOf(session), "turn"];
    const turns: Turn[] = [];
    for await (const { value } of this.#kv.list({ prefix }, { limit, reverse: true })) {
      turns.push(Turn.parse(value));
    }
    return turns.reverse();
  }

  async count(session: string): Promise<number> {
    return (await this.#kv.get<number>([keyOf(session), "turns"])).value ?? 0;
  }

  async saveSession(user: string, session: KeptSession): Promise<void> {
    const key = [sessionsOf(user), session.session_id];
    const known = KeptSession.safeParse((await this.#kv.get(key)).value).data;
    await this.#kv.set(key, { ...session, created_at: known?.created_at ?? session.created_at });
  }

  async sessions(user: string): Promise<KeptSession[]> {
    const entries = this.#kv.list({ prefix: [sessionsOf(user)] });
    return await Array.fromAsync(entries, ({ value }) => KeptSession.parse(value));
  }

  health(): Promise<CheckVerdict> {
    return Promise.resolve({ status: "healthy" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve(this.#kv.close());
  }
}

async function openStore(context: LifespanContext): Promise<Store> {
  const { dataFolder } = context;
  const host = Deno.env.get("REDIS_HOST");
  const port = Deno.env.get("REDIS_PORT") || "6379";
  const url = Deno.env.get("REDIS_URL") || (host && `redis://${host}:${port}`);
  if (!url) {
    if (dataFolder !== undefined) await Deno.mkdir(dataFolder, { recursive: true });
    const own = dataFolder && `${dataFolder}/conversations.kv`;
    return new KvStore(await Deno.openKv(Deno.env.get("CHAT_HISTORY_KV") || own));
  }
  return await RedisStore.open(url, context);
}

/** Opened when the agent is served. */
let store: Store;

export default agent({
  name: "chat-history-agent",
  port: 9109,
  description: "Conversations, turn by turn",
  lifespan: async (context) => store = await openStore(context),
  healthCheck: () => store.health(),
  tools: {
    save_turn: tool({
      capability: "chat_history",
      tags: ["chat", "history", "state"],
      description: "Add a turn to a conversation",
      input: z.object({ session_id: z.string().min(1), ...Turn.shape }),
      output: z.object({
        session_id: z.string(),
        role: z.string(),
        saved: z.literal(true),
        total_turns: z.int(),
      }),
    }, async ({ session_id, role, content }) => {
      const total_turns = await store.push(session_id, { role, content });
      return { session_id, role, saved: true, total_turns } as const;
    }),
    get_history: tool({
      capability: "chat_history",
      tags: ["chat", "history", "state"],
      description: "The last turns of a conversation, oldest first",
      input: z.object({
        session_id: z.string(),
        limit: z.int().min(1).max(1000).default(20),
      }),
      output: z.array(Turn),
    }, ({ session_id, limit }) => store.last(session_id, limit)),
    save_session: tool({
      capability: "trip_sessions",
      tags: ["chat", "session", "state"],
      description: "Remember which trip a session is about",
      input: z.object({ user_id: z.string().min(1), ...Session.shape }),
    }, async ({ user_id, ...session }) => {
      await store.saveSession(user_id, { ...session, created_at: new Date().toISOString() });
      return { session_id: session.session_id, saved: true };
    }),
    list_sessions: tool({
      capability: "trip_sessions",
      tags: ["chat", "session", "state"],
      description: "The sessions of a user, newest first",
      input: z.object({ user_id: z.string().min(1) }),
      output: z.array(KeptSession.extend({ turn_count: z.int() })),
    }, async ({ user_id }) => {
      const sessions = await store.sessions(user_id);
      const counted = sessions.map(async (session) => ({
        ...session,
        turn_count: await store.count(session.conversation),
      }));
      const byAge = (a: KeptSession, b: KeptSession) => b.created_at.localeCompare(a.created_at);
      return (await Promise.all(counted)).sort(byAge);
    }),
  },
});
