/** Rewirings that are pushed, with a real registry; no heartbeat falls into these tests. */
import assert from "node:assert/strict";
import { agent, type RunningAgent, tool } from "mesh";
import * as z from "zod";
import { type RunningRegistry, serveRegistry } from "../../registry/mod.ts";
import { callTool } from "../../runtime/mcp/client.ts";
import { decodeResult } from "../../runtime/boundary/result.ts";
import { readEvents } from "../../runtime/base/sse.ts";

const offers = (name: string, answer: string) =>
  agent({
    name,
    tools: { [name]: tool({ capability: "word", output: z.string() }, () => answer) },
  });

const asks = () =>
  agent({
    name: "asks",
    tools: {
      ask: tool({ dependencies: { word: { capability: "word" } } }, async (_, { word }) =>
        await word?.() ?? "nobody"),
    },
  });

function environment(registry: RunningRegistry, more: Record<string, string> = {}) {
  return {
    MCP_MESH_REGISTRY_URL: registry.url,
    MCP_MESH_HEALTH_INTERVAL: "3600",
    MCP_MESH_SETTLE_TIMEOUT: "0",
    MCP_MESH_LOG_LEVEL: "error",
    ...more,
  };
}

/** A port that is free at the moment. */
function freePort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return listener.addr.port;
}

async function ask({ node }: RunningAgent): Promise<unknown> {
  return decodeResult(
    await callTool(fetch, {
      endpoint: node.endpoint,
      tool: "ask",
      args: {},
      signal: new AbortController().signal,
      remainingMs: 10_000,
      headers: {},
    }),
  );
}

/** Resolves when a stream of events tells of something that happened to an agent. */
async function told(events: Response, agentId: string, reason: string): Promise<void> {
  assert.ok(events.body);
  for await (const { data } of readEvents(events.body)) {
    if (data.includes(agentId) && data.includes(reason)) return;
  }
}

/** The agent that the registry last sent the consumer's dependency to. */
async function providerOf({ node }: RunningAgent, registryUrl: string): Promise<string> {
  const response = await fetch(`${registryUrl}/agents/${node.agentId}`);
  return (await response.json()).dependency_resolutions[0].provider_agent_id;
}

/** Resolves when the number of dependencies without a provider is `count`. */
async function unresolved({ node }: RunningAgent, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => node.isRegistered && node.unresolved.length === count && resolve();
  const stop = node.onChange(look);
  look();
  await promise;
  stop();
}

Deno.test("a consumer that holds a stream is rewired when a provider comes, goes and is replaced", async () => {
  await using registry = await serveRegistry({
    host: "127.0.0.1",
    port: 0,
    kv: ":memory:",
    env: {},
  });
  const env = environment(registry);
  await using consumer = await asks().serve({ env });
  await unresolved(consumer, 1);
  const first = await offers("first", "one").serve({ env });
  await unresolved(consumer, 0);
  await first.shutdown();
  await unresolved(consumer, 1);
  await using _second = await offers("second", "two").serve({ env });
  await unresolved(consumer, 0);
});

Deno.test("a consumer's stream comes back with its registry", async () => {
  const folder = await Deno.makeTempDir();
  const options = { host: "127.0.0.1", kv: `${folder}/registry.kv`, env: {} };
  const before = await serveRegistry({ ...options, port: 0 });
  const { port } = before;
  const env = environment(before, { MCP_MESH_HEALTH_INTERVAL: "0.2" });
  await using consumer = await asks().serve({ env });
  await unresolved(consumer, 1);
  await before.shutdown();
  {
    await using _after = await serveRegistry({ ...options, port });
    await using _provider = await offers("late", "late").serve({ env });
    await unresolved(consumer, 0);
    assert.equal(consumer.node.trouble, undefined);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what one consumer cannot reach, no other consumer is sent to", async () => {
  await using registry = await serveRegistry({
    host: "127.0.0.1",
    port: 0,
    kv: ":memory:",
    env: {},
  });
  const env = environment(registry);
  // A port that nobody listens on: its holder died without a word.
  const port = freePort();
  const dead = {
    agent_id: "aaa-dead",
    name: "aaa",
    runtime: "deno",
    http_host: "127.0.0.1",
    http_port: port,
    tools: [{ function_name: "word", capability: "word" }],
  };
  const registered = await fetch(`${registry.url}/heartbeat`, {
    method: "POST",
    body: JSON.stringify(dead),
  });
  assert.equal((await registered.json()).status, "success");
  await using _living = await offers("living", "alive").serve({ env });

  await using other = await asks().serve({ env });
  await unresolved(other, 0);
  await using witness = await asks().serve({ env });
  await unresolved(witness, 0);
  assert.equal(await providerOf(other, registry.url), "aaa-dead");
  const events = await fetch(`${registry.url}/events/stream`);
  // Calls are spread: one of the first few goes to the dead one, and none fails.
  for (let call = 0; call < 20; call++) {
    assert.equal(await ask(witness), "alive");
  }
  await told(events, "aaa-dead", "observed_failure");
  for (const consumer of [witness, other]) {
    // Told over its stream, each asks again; nothing here says when it has.
    while (await providerOf(consumer, registry.url) === "aaa-dead");
    assert.match(await providerOf(consumer, registry.url), /^living-/);
  }
});
