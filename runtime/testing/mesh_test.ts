import assert from "node:assert/strict";
import * as z from "zod";
import { agent, MeshError, tool } from "../mod.ts";
import { testMesh } from "./mod.ts";

const offline = { permissions: "none" as const };

function greeter(required: boolean) {
  return agent({
    name: "greeter",
    tools: {
      greet: tool({
        input: z.object({ id: z.string() }),
        output: z.string(),
        dependencies: { names: { capability: "names", output: z.string(), required } },
      }, async ({ id }, { names }) => `Hello, ${await names?.({ id }) ?? "stranger"}`),
    },
  });
}

Deno.test("testMesh() wires agents that join in any order", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(greeter(false));
  assert.equal(await mesh.call("greet", { id: "1" }), "Hello, stranger");
  const names = await mesh.fake("names", ({ id }: Record<string, unknown>) => `Ada ${id}`);
  assert.equal(await mesh.call("greet", { id: "1" }), "Hello, Ada 1");
  await names.leave();
  assert.equal(await mesh.call("greet", { id: "1" }), "Hello, stranger");
});

Deno.test("testMesh() prefers what the registry would: score, version, id", offline, async () => {
  await using mesh = testMesh();
  const consumer = agent({
    name: "consumer",
    tools: {
      ask: tool({
        dependencies: { best: { capability: "c", tags: ["+fast"], version: ">=1" } },
      }, async (_, { best }) => await best?.()),
    },
  });
  await mesh.join(consumer);
  await mesh.fake("c", "slow v2", { version: "2.0.0", name: "slow" });
  await mesh.fake("c", "fast v1", { version: "1.0.0", tags: ["fast"], name: "fast" });
  await mesh.fake("c", "too old", { version: "0.9.0", tags: ["fast"], name: "old" });
  assert.equal(await mesh.call("ask"), "fast v1");
});

Deno.test("testMesh() refuses what no call could carry", offline, async () => {
  await using mesh = testMesh();
  await mesh.fake("seen", ({ at }: Record<string, unknown>) => at);
  await mesh.fake("made", { at: [new Map()] });
  await assert.rejects(mesh.call("seen", { at: new Set() }), {
    code: "bad_input",
    message: /^what is asked of seen has no JSON form: at is a Set/,
  });
  await assert.rejects(mesh.call("made"), {
    code: "bad_output",
    message: /^the result has no JSON form: at\[0\] is a Map/,
  });
  assert.equal(await mesh.call("seen", { at: new Uint8Array([1, 2, 255]) }), "AQL/");
});

Deno.test("testMesh() keeps namespaces apart", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(greeter(false), { env: { MCP_MESH_NAMESPACE: "other" } });
  await mesh.fake("names", "Ada");
  assert.equal(await mesh.call("greet", { id: "1" }), "Hello, stranger");
});

Deno.test("partition() makes calls fail as unreachable, and heals", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(greeter(true));
  const names = await mesh.fake("names", "Ada");
  const heal = mesh.partition(names);
  await assert.rejects(mesh.call("greet", { id: "1" }), (error: MeshError) => {
    assert.equal(error.code, "tool_failed");
    assert.match(error.message, /^names: .* cannot be reached/);
    return true;
  });
  heal();
  assert.equal(await mesh.call("greet", { id: "1" }), "Hello, Ada");
});

Deno.test("tools.add() and tools.remove() rewire the mesh", offline, async () => {
  await using mesh = testMesh();
  const provider = agent({ name: "provider", tools: {} });
  await mesh.join(greeter(false));
  await mesh.join(provider);
  provider.tools.add("late", tool({ capability: "names" }, () => "Late"));
  assert.equal(await mesh.call("greet", { id: "1" }), "Hello, Late");
  assert.equal(provider.tools.remove("late"), true);
  assert.equal(await mesh.call("greet", { id: "1" }), "Hello, stranger");
});

Deno.test("call() of an unknown tool is not_found", offline, async () => {
  await using mesh = testMesh();
  await assert.rejects(mesh.call("nope"), { code: "not_found" });
});

Deno.test(
  "calls spread over replicas, and go to the other when one is cut off",
  offline,
  async () => {
    await using mesh = testMesh();
    await mesh.join(greeter(true));
    const first = await mesh.fake("names", "one", { name: "first" });
    await mesh.fake("names", "two", { name: "second" });
    const answers = async () => {
      const seen = new Set<unknown>();
      for (let call = 0; call < 40; call++) seen.add(await mesh.call("greet", { id: "1" }));
      return [...seen].sort();
    };
    assert.deepEqual(await answers(), ["Hello, one", "Hello, two"]);
    mesh.partition(first);
    assert.deepEqual(await answers(), ["Hello, two"], "and not one call failed");
  },
);

Deno.test("testMesh() wires nobody to an agent that is unhealthy", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(greeter(false));
  let isWell = false;
  let checkHealth = () => {};
  const { node } = await mesh.join(agent({
    name: "names",
    tools: { names: tool({}, () => "Ada") },
    healthCheck: () => isWell,
    lifespan: (context) => {
      checkHealth = context.checkHealth;
      return { [Symbol.asyncDispose]: () => Promise.resolve() };
    },
  }));
  assert.equal(await mesh.call("greet", { id: "1" }), "Hello, stranger");
  const changed = new Promise<void>((resolve) => node.onChange(resolve));
  isWell = true;
  checkHealth();
  await changed;
  assert.equal(await mesh.call("greet", { id: "1" }), "Hello, Ada");
});
