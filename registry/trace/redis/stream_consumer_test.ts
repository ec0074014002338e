import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { type MeasuredSpan, TRACE_STREAM } from "../../../runtime/protocol/trace_stream.ts";
import { measured } from "../span_fixture.ts";
import { Certificates } from "../../../.ci/fixtures/certificates.ts";
import { RedisServer, redisTest } from "../../../.ci/fixtures/redis_server.ts";
import { tlsMaterial } from "../../config/tls_material.ts";
import type { TlsFiles } from "../../config/trace_config.ts";
import { openStream } from "./stream_connection.ts";
import { StreamConsumer } from "./stream_consumer.ts";
import { publish } from "./stream_fixture.ts";

const GROUP = "mcp-mesh-registry-processors";

/** What a consumer kept, and how the database behaves. */
class Kept {
  readonly ids: string[] = [];
  readonly log: string[] = [];
  unusable = 0;
  fault: Error | undefined;
  attempts = 0;
  #waiting: (() => void)[] = [];

  consumer(redis: RedisServer, name: string, now: () => number = Date.now): StreamConsumer {
    const consumer = new StreamConsumer({
      open: (signal) =>
        openStream({ url: redis.url, tls: {}, group: GROUP, consumer: name, batch: 100 }, signal),
      group: GROUP,
      consumer: name,
      keep: (spans) => this.#keep(spans),
      onUnusable: (entries) => {
        this.unusable += entries;
        this.#wake();
      },
      retentionMs: 86_400_000,
      now,
      log: (line) => {
        this.log.push(line);
        this.#wake();
      },
    });
    consumer.start();
    return consumer;
  }

  /** Settles once something is so; looked at whenever anything happens. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #keep(spans: readonly MeasuredSpan[]): Promise<void> {
    this.attempts++;
    this.#wake();
    if (this.fault !== undefined) return Promise.reject(this.fault);
    this.ids.push(...spans.map(({ span }) => span.span_id));
    return Promise.resolve();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Spans with these ids. */
function spans(from: number, count: number): MeasuredSpan[] {
  return Array.from({ length: count }, (_, at) => measured({ id: from + at }));
}

/** Ids of spans. */
const idsOf = (measured: readonly MeasuredSpan[]) => measured.map(({ span }) => span.span_id);

/** Entries that somebody has and has not acknowledged; waits for the acknowledgement to arrive. */
async function nonePending(redis: RedisServer): Promise<void> {
  const client = redis.client();
  for (;;) {
    const answer = await client.call("XPENDING", [TRACE_STREAM, GROUP]);
    if (Array.isArray(answer) && answer[0] === 0) return;
  }
}

redisTest("StreamConsumer reads what was there before it, and what comes", async (redis) => {
  const client = redis.client();
  const kept = new Kept();
  await publish(client, spans(1, 3));
  await using consumer = kept.consumer(redis, "registry-a");
  await kept.until(() => kept.ids.length === 3);
  await publish(client, spans(4, 2));
  await kept.until(() => kept.ids.length === 5);
  deepEqual(kept.ids, idsOf(spans(1, 5)));
  await nonePending(redis);
  const { status } = consumer;
  deepEqual([status.running, status.consuming, status.connection_state], [true, true, "connected"]);
  deepEqual([status.stream_name, status.consumer_group, status.consumer_name], [
    "mesh:trace",
    GROUP,
    "registry-a",
  ]);
  deepEqual(kept.log, []);
});

redisTest("StreamConsumer counts entries it cannot use, and goes on", async (redis) => {
  const client = redis.client();
  const kept = new Kept();
  await client.call("XADD", [TRACE_STREAM, "*", "trace_id", "short", "agent_id", "x"]);
  await client.call("XADD", [TRACE_STREAM, "*", "a", "\u0000"]);
  await publish(client, spans(1, 1));
  await using _consumer = kept.consumer(redis, "registry-a");
  await kept.until(() => kept.ids.length === 1);
  equal(kept.unusable, 2);
  await nonePending(redis);
});

redisTest("StreamConsumers of a group share the work", async (redis) => {
  const client = redis.client();
  const kept = new Kept();
  await using _one = kept.consumer(redis, "registry-a");
  await using _other = kept.consumer(redis, "registry-b");
  for (let round = 0; round < 20; round++) await publish(client, spans(1 + round * 100, 100));
  await kept.until(() => kept.ids.length >= 2_000);
  deepEqual(kept.ids.toSorted(), idsOf(spans(1, 2_000)).toSorted());
});

redisTest(
  "StreamConsumer survives Redis, and a Redis that has forgotten everything",
  async (redis) => {
    const client = redis.client();
    const kept = new Kept();
    await using consumer = kept.consumer(redis, "registry-a");
    await publish(client, spans(1, 1));
    await kept.until(() => kept.ids.length === 1);
    let id = 1;
    for (const amnesia of [false, true]) {
      const told = kept.log.length;
      // What is not acknowledged comes again.
      await nonePending(redis);
      await redis.kill(amnesia);
      await kept.until(() => kept.log.length > told);
      match(kept.log.at(-1) ?? "", /cannot be read/);
      equal(consumer.status.consuming, false);
      await redis.start();
      await publish(client, spans(++id, 1));
      await kept.until(() => kept.ids.length >= id);
      match(kept.log.at(-1) ?? "", /read again/);
      equal(consumer.status.retry_count, 0);
      ok(consumer.status.last_error);
    }
    deepEqual(kept.ids, idsOf(spans(1, 3)));
  },
);

redisTest("StreamConsumer acknowledges nothing that is not kept", async (redis) => {
  const client = redis.client();
  const kept = new Kept();
  kept.fault = new Error("database is away");
  await publish(client, spans(1, 2));
  {
    await using _dying = kept.consumer(redis, "registry-a");
    await kept.until(() => kept.attempts >= 2);
  }
  deepEqual(kept.ids, []);
  kept.fault = undefined;
  // The same name again finds what it had read; others find it once it counts as abandoned.
  await using _again = kept.consumer(redis, "registry-a");
  await kept.until(() => kept.ids.length === 2);
  await nonePending(redis);
});

redisTest("StreamConsumer takes over what another one left, and removes it", async (redis) => {
  const client = redis.client();
  const kept = new Kept();
  await publish(client, spans(1, 250));
  // Somebody read it, longer ago than a test can wait, and died.
  await client.call("XGROUP", ["CREATE", TRACE_STREAM, GROUP, "0"]);
  await client.call("XREADGROUP", [
    "GROUP",
    GROUP,
    "dead",
    "COUNT",
    250,
    "STREAMS",
    TRACE_STREAM,
    ">",
  ]);
  const pending = await client.call("XPENDING", [TRACE_STREAM, GROUP, "-", "+", 250, "dead"]);
  for (const [entry] of pending as [string][]) {
    await client.call("XCLAIM", [TRACE_STREAM, GROUP, "dead", 0, entry, "IDLE", 7_200_000]);
  }
  await using _consumer = kept.consumer(redis, "registry-a");
  await kept.until(() => kept.ids.length === 250);
  deepEqual(kept.ids.toSorted(), idsOf(spans(1, 250)).toSorted());
  await nonePending(redis);
});

redisTest("StreamConsumer has Redis forget entries that are too old", async (redis) => {
  const client = redis.client();
  const kept = new Kept();
  await client.call("CONFIG", ["SET", "stream-node-max-entries", "1"]);
  for (const id of ["1000-0", "2000-0"]) {
    await client.call("XADD", [TRACE_STREAM, id, "agent_id", "x"]);
  }
  await using _consumer = kept.consumer(redis, "registry-a");
  await kept.until(() => kept.unusable === 2 || kept.unusable === 0);
  await publish(client, spans(1, 1));
  await kept.until(() => kept.ids.length === 1);
  equal(await client.call("XLEN", [TRACE_STREAM]), 1);
});

Deno.test("StreamConsumer stops at once while Redis is away, or silent", async () => {
  const silent = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const connections: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of silent) connections.push(connection);
  })();
  const kept = new Kept();
  const consumer = new StreamConsumer({
    open: (signal) =>
      openStream({
        url: `redis://127.0.0.1:${silent.addr.port}`,
        tls: {},
        group: GROUP,
        consumer: "registry-a",
        batch: 1,
      }, signal),
    group: GROUP,
    consumer: "registry-a",
    keep: () => Promise.resolve(),
    onUnusable: () => {},
    retentionMs: 0,
    now: Date.now,
    log: (line) => kept.log.push(line),
  });
  consumer.start();
  const begun = performance.now();
  await consumer[Symbol.asyncDispose]();
  ok(performance.now() - begun < 1_000);
  equal(consumer.status.running, false);
  silent.close();
  await accepting.catch(() => {});
  for (const connection of connections) connection.close();
});

Deno.test({
  name: "openStream() of a Redis with a private authority wants its certificates, and outlives " +
    "being refused (needs redis-server, openssl)",
  ignore: !RedisServer.isInstalled() || !Certificates.areAvailable(),
  fn: async () => {
    await using certificates = await Certificates.make();
    await using redis = await RedisServer.open({ certificates });
    const { ca, client: { cert, key } } = certificates;
    const open = async (files: TlsFiles) => {
      const tls = await tlsMaterial(files);
      const alive = new AbortController().signal;
      const options = { url: redis.url, tls, group: GROUP, consumer: "registry-a", batch: 100 };
      return await openStream(options, alive);
    };
    const none = { ca: undefined, cert: undefined, key: undefined };
    await rejects(open(none), /certificate/i);
    // The certificate of the client is looked at when the connection stands already.
    await rejects(open({ ...none, ca }));
    const stream = await open({ ca, cert, key });
    await stream.ensureGroup();
    deepEqual(await stream.readOwn(), []);
    await stream.close();
  },
});
