import { equal } from "node:assert/strict";
import { BreakableKv } from "../suites/kv_fixture.ts";
import { Store } from "./store.ts";

Deno.test("answers() gives up on a database that hangs", async () => {
  using database = await BreakableKv.open();
  const hanging = Object.create(database.kv, { get: { value: () => new Promise(() => {}) } });
  equal(await new Store(hanging).answers(5), false);
  equal(await new Store(database.kv).answers(1000), true);
});

Deno.test("an answer too large for one commit keeps its digest", async () => {
  using database = await BreakableKv.open();
  const store = new Store(database.kv);
  const tool = { agent: "a", function: "f", capability: "c".repeat(50_000), endpoint: "e" };
  const record = {
    id: "x",
    name: "x",
    namespace: "default",
    agentType: "mcp_agent",
    runtime: "deno",
    version: "",
    description: "",
    host: "",
    port: 0,
    a2aProducer: false,
    a2aConsumer: false,
    surfaces: [],
    tools: [],
    createdAt: 1,
  };
  const life = { status: "healthy", seen: 1 } as const;
  const many = Array.from({ length: 20 }, () => tool);
  const rows = { dependencies: { f: [tool] }, llmProviders: {} };
  const first = { digest: "one", llmTools: { f: many }, ...rows };
  equal(await store.change([{ record, life, rewrite: true, answered: first }], 1), true);
  const [shortened] = await new Store(database.kv).load();
  equal(shortened?.answered?.digest, "one");
  equal(shortened?.answered?.dependencies["f"]?.length, 1);
  equal(Object.keys(shortened?.answered?.llmTools ?? {}).length, 0);

  const second = { digest: "two", dependencies: { f: many }, llmTools: {}, llmProviders: {} };
  equal(await store.change([{ record, answered: second }], 1), true);
  const [bare] = await new Store(database.kv).load();
  equal(bare?.answered?.digest, "two");
  equal(Object.keys(bare?.answered?.dependencies ?? {}).length, 0);
});
