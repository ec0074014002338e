import { deepEqual, equal } from "node:assert/strict";
import { AgentListSchema, EventListSchema } from "../../runtime/protocol/listing.ts";
import { consumer, provider, row, type TestMesh } from "./mesh_fixture.ts";
import { StreamReader } from "./sse_fixture.ts";

const STRICT = { env: { MCP_MESH_NAMESPACE_STRICT: "true", MCP_MESH_MCP: "on" } };
const REMOTE = { remote: "192.0.2.7" };
const LOCAL = { remote: "127.0.0.1" };
const fetching = {
  fetch: (input: Parameters<typeof fetch>[0]) => Promise.resolve(new Response(String(input))),
};

/** Two tenants with equal capability names, each with a provider and a consumer. */
async function tenants(mesh: TestMesh): Promise<void> {
  for (const [index, namespace] of ["red", "blue"].entries()) {
    const port = 9000 + index;
    await mesh.register(provider(`${namespace}-p`, "c", { namespace, http_port: port }));
    await mesh.register({ ...consumer(`${namespace}-a`, "c"), namespace });
  }
}

async function ids(response: Response): Promise<string[]> {
  return AgentListSchema.parse(await response.json()).agents.map(({ id }) => id);
}

async function eventIds(response: Response): Promise<string[]> {
  const { events } = EventListSchema.parse(await response.json());
  return [...new Set(events.map(({ agent_id }) => agent_id))].sort();
}

row("namespaces", "two tenants never see each other", async (mesh) => {
  await tenants(mesh);
  for (const namespace of ["red", "blue"]) {
    const { dependencies_resolved } = await mesh.register({
      ...consumer(`${namespace}-a`, "c"),
      namespace,
    });
    equal(dependencies_resolved?.["use"]?.[0]?.agent_id, `${namespace}-p`);
    const own = [`${namespace}-a`, `${namespace}-p`];
    for (
      const [path, init] of [
        [`?namespace=${namespace}`, {}],
        ["", { headers: { "X-Mesh-Namespace": namespace } }],
      ] as const
    ) {
      deepEqual((await ids(await mesh.send(`/agents${path}`, init))).sort(), own);
      deepEqual(await eventIds(await mesh.send(`/events${path}`, init)), own);
    }
    await using agents = new StreamReader(
      await mesh.send(`/agents/stream?namespace=${namespace}`),
    );
    deepEqual((await agents.take(3)).flatMap(({ data }) => data.id ?? []).sort(), own);
  }
  const changes = [await mesh.beat("red-a"), await mesh.beat("blue-a")];
  await mesh.unregister("red-p");
  deepEqual([...changes, await mesh.beat("red-a"), await mesh.beat("blue-a")], [
    200,
    200,
    202,
    200,
  ]);
});

row("namespaces", "the proxy reaches only the one that is named", async (mesh) => {
  await tenants(mesh);
  const through = async (port: number, namespace?: string) => {
    const headers: HeadersInit = namespace === undefined ? {} : { "X-Mesh-Namespace": namespace };
    const path = `/proxy/provider.test:${port}/mcp`;
    const response = await mesh.send(path, { method: "POST", headers });
    await response.body?.cancel();
    return response.status;
  };
  deepEqual([await through(9000, "red"), await through(9001, "red")], [200, 403]);
  deepEqual([await through(9000), await through(9001)], [200, 200]);
}, fetching);

row(
  "namespaces",
  "strict: nothing asked is the default one, all is for operators",
  async (mesh) => {
    await tenants(mesh);
    await mesh.register(provider("plain", "c", { http_port: 9002 }));
    deepEqual(await ids(await mesh.send("/agents", {}, REMOTE)), ["plain"]);
    deepEqual(await eventIds(await mesh.send("/events", {}, REMOTE)), ["plain"]);
    deepEqual((await ids(await mesh.send("/agents?namespace=*", {}, LOCAL))).length, 5);
    const single = ["/agents/plain", "/agents/red-p", "/agents/red-p?namespace=red"];
    const found = await Promise.all(single.map((path) => mesh.send(path, {}, REMOTE)));
    deepEqual(found.map(({ status }) => status), [200, 404, 200]);
    await Promise.all(found.map((response) => response.body?.cancel()));
    for (const path of ["/agents", "/events", "/agents/stream", "/events/stream", "/a2a/agents"]) {
      const refused = await mesh.send(`${path}?namespace=*`, {}, REMOTE);
      equal(refused.status, 403, path);
      await refused.body?.cancel();
    }
    const proxied = async (port: number, namespace?: string) => {
      const headers: HeadersInit = namespace === undefined ? {} : { "X-Mesh-Namespace": namespace };
      const response = await mesh.send(`/proxy/provider.test:${port}/mcp`, { headers }, REMOTE);
      await response.body?.cancel();
      return response.status;
    };
    deepEqual(
      [
        await proxied(9002),
        await proxied(9000),
        await proxied(9000, "red"),
        await proxied(9000, "*"),
      ],
      [200, 403, 200, 403],
    );
  },
  { ...STRICT, ...fetching },
);

row("strict", "a heartbeat's name in a query opens nothing", async (mesh) => {
  await tenants(mesh);
  for (const query of ["?x=/heartbeat", "?x=http://h/heartbeat", "?status=&/heartbeat"]) {
    deepEqual(await ids(await mesh.send(`/agents${query}`, {}, REMOTE)), []);
  }
}, STRICT);
