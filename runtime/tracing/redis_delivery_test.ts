import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Certificates } from "../../.ci/fixtures/certificates.ts";
import { RedisServer, redisTest } from "../../.ci/fixtures/redis_server.ts";
import { agent as meshAgent } from "../define/agent.ts";
import { agentConfig } from "../node/config.ts";
import { readStreamEntry, TRACE_STREAM } from "../protocol/trace_stream.ts";
import { SpanPublisher } from "./publisher.ts";
import { RedisDelivery } from "./redis_delivery.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const agent = () => ({ id: "a-1", name: "a", namespace: "default", runtime: "deno" });

const subject = meshAgent({ name: "subject", tools: {} });

function span(number: number) {
  return {
    trace_id: TRACE,
    span_id: (number + 1).toString(16).padStart(16, "0"),
    name: `n${number}`,
    kind: "server" as const,
    start_us: 1_700_000_000_000_000,
    duration_us: 1_500,
  };
}

/** What is in the stream. */
async function entries(redis: RedisServer): Promise<string[][]> {
  const found = await redis.client().xrange(TRACE_STREAM, "-", "+");
  return found.map(([, fields]) => fields);
}

redisTest("RedisDelivery writes the reference's entries", async (redis) => {
  const delivery = new RedisDelivery({ url: redis.url, maxLength: 100, agent });
  const alive = new AbortController().signal;
  const failed = {
    ...span(1),
    kind: "client" as const,
    error: { code: "timeout", message: "x" },
  };
  deepEqual(await delivery.deliver([span(0), failed], 0, alive), { kind: "taken", rejected: 0 });
  await delivery.close();
  const written = await entries(redis);
  const fields = new Map<string, string>();
  const first = written[0] ?? [];
  for (let at = 0; at < first.length; at += 2) fields.set(first[at] ?? "", first[at + 1] ?? "");
  const want = {
    trace_id: TRACE,
    span_id: "0000000000000001",
    parent_span: "null",
    function_name: "n0",
    start_time: "1700000000.000000",
    duration_ms: "1.50",
    success: "true",
    agent_name: "a",
    runtime: "deno",
  };
  for (const [field, value] of Object.entries(want)) equal(fields.get(field), value, field);
  match(fields.get("published_at") ?? "", /^\d+\.\d{6}$/);
  const read = readStreamEntry(written[1] ?? []);
  ok("span" in read && read.span.error?.code === "timeout");
});

redisTest("spans survive a Redis that is killed and started again", async (redis) => {
  const troubles: (string | undefined)[] = [];
  const gone = Promise.withResolvers<void>();
  const back = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const delivery = new RedisDelivery({ url: redis.url, maxLength: 0, agent });
  const publisher = new SpanPublisher({
    delivery: {
      batchMax: delivery.batchMax,
      async deliver(...batch) {
        const delivered = await delivery.deliver(...batch);
        arrived.resolve();
        return delivered;
      },
      close: () => delivery.close(),
    },
    lingerMs: 1,
    onTrouble: (reason) => {
      troubles.push(reason);
      (reason === undefined ? back : gone).resolve();
    },
  });
  publisher.offer(span(0));
  await arrived.promise;
  await redis.kill();
  for (let number = 1; number < 50; number++) publisher.offer(span(number));
  await gone.promise;
  await redis.start();
  await back.promise;
  await publisher.close(1_000);
  deepEqual(publisher.counts, { published: 50, dropped: 0, rejected: 0 });
  const names = (await entries(redis)).map((fields) => fields[fields.indexOf("function_name") + 1]);
  equal(new Set(names).size, 50);
  equal(troubles.length, 2);
});

Deno.test({
  name: "an agent whose Redis has a private authority delivers to it, told of its certificates " +
    "(needs redis-server, openssl)",
  ignore: !RedisServer.isInstalled() || !Certificates.areAvailable(),
  fn: async () => {
    await using certificates = await Certificates.make();
    await using redis = await RedisServer.open({ certificates });
    const { ca, client: { cert, key } } = certificates;
    const CA = { REDIS_TLS_CA: ca };
    const alive = new AbortController().signal;
    const deliver = async (variables: Readonly<Record<string, string>>) => {
      const { tracing } = agentConfig({ REDIS_URL: redis.url, ...variables }, subject.manifest());
      const { redisUrl: url = "", redisTls: tls } = tracing;
      const delivery = new RedisDelivery({ url, tls, maxLength: 0, agent });
      const delivered = await delivery.deliver([span(0)], 0, alive);
      await delivery.close();
      return delivered;
    };
    const unknown = await deliver({});
    ok(unknown.kind === "failed" && /certificate/i.test(unknown.reason), JSON.stringify(unknown));
    equal((await deliver(CA)).kind, "failed", "Redis wants a certificate");
    deepEqual(await deliver({ ...CA, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: key }), {
      kind: "taken",
      rejected: 0,
    });
    equal((await entries(redis)).length, 1);
  },
});
