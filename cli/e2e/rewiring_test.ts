/** Rewirings that are pushed, with a real registry; no heartbeat falls into these tests. */
import assert from "node:assert/strict";
import { agent, type RunningAgent, tool } from "mesh";
import { z } from "zod";
import { type RunningRegistry, serveRegistry } from "../../registry/mod.ts";

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
