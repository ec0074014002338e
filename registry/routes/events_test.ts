import { deepEqual, equal } from "node:assert/strict";
import { provider, row } from "../suites/mesh_fixture.ts";

row("events", "what happens is told, newest first", async (mesh) => {
  await mesh.register(provider("p", "c", { name: "prov", version: "1" }));
  const registered = new Date(mesh.now).toISOString();
  mesh.now += 10;
  await mesh.unregister("p");
  const facts = { agent_type: "mcp_agent", name: "prov", version: "1" };
  deepEqual(await mesh.events(), [
    {
      event_type: "unregister",
      agent_id: "p",
      agent_name: "prov",
      timestamp: new Date(mesh.now).toISOString(),
      data: { ...facts, reason: "graceful_shutdown", source: "delete_endpoint" },
    },
    {
      event_type: "register",
      agent_id: "p",
      agent_name: "prov",
      timestamp: registered,
      data: facts,
    },
  ]);
});

row("events of a moment", "keep their order", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.unregister("p");
  await mesh.unregister("p");
  const types = (await mesh.events("?agent_id=p")).map(({ event_type }) => event_type);
  deepEqual(types, ["unregister", "unregister", "register"]);
});

row("H7", "the coming and going of api agents is not recorded", async (mesh) => {
  const gateway = { agent_id: "g", agent_type: "api" };
  await mesh.register(gateway);
  await mesh.unregister("g");
  await mesh.register(gateway);
  mesh.now += 60_000;
  equal((await mesh.agent("g")).status, "unhealthy");
  deepEqual(await mesh.events(), []);
});

const queries: [id: string, query: string, count: number][] = [
  ["all", "", 3],
  ["A15 zero", "?limit=0", 1],
  ["A15 negative", "?limit=-5", 1],
  ["A15 many", "?limit=999999", 3],
  ["limit", "?limit=2", 2],
  ["A17", "?type=bogus", 0],
  ["type", "?type=register", 2],
  ["agent", "?agent_id=q", 1],
  ["agent and type", "?agent_id=p&type=unregister", 1],
  ["agent unknown", "?agent_id=ghost", 0],
  ["agent too long", `?agent_id=${"x".repeat(5000)}`, 0],
  ["function", "?function_name=f", 0],
];
for (const [id, query, count] of queries) {
  row(id, `GET /events${query}`, async (mesh) => {
    await mesh.register(provider("p", "c"));
    await mesh.register(provider("q", "c"));
    await mesh.unregister("p");
    const body = await (await mesh.send(`/events${query}`)).json();
    deepEqual([body.events.length, body.count], [count, count]);
  });
}

for (const limit of ["abc", "1.5", ""]) {
  row("A16", `limit=${limit} is refused in the reference's shape`, async (mesh) => {
    const response = await mesh.send(`/events?limit=${limit}`);
    equal(response.status, 400);
    deepEqual(Object.keys(await response.json()), ["msg"]);
  });
}
