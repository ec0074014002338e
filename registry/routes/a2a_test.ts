import { deepEqual, equal } from "node:assert/strict";
import { row, type TestMesh } from "../suites/mesh_fixture.ts";

async function surfaces(mesh: TestMesh, query = ""): Promise<unknown> {
  const response = await mesh.send(`/a2a/agents${query}`);
  equal(response.status, 200);
  return await response.json();
}

const agent = (agent_type: string, ...list: { path?: string; skill_id?: string }[]) => ({
  agent_id: agent_type.replace("_", "-"),
  agent_type,
  surfaces: list,
});

row("A30", "without surfaces the list is empty", async (mesh) => {
  deepEqual(await surfaces(mesh), { surfaces: [] });
});

const paths: [path: string, url: string][] = [
  ["x/y", "https://agents.acme.com/x/y"],
  ["/x/y", "https://agents.acme.com/x/y"],
];
for (const [path, public_url] of paths) {
  row("A27", `surface ${path} is told with its public addresses`, async (mesh) => {
    const told = [{
      path,
      skill_id: "s",
      public_url,
      agent_card_url: `${public_url}/.well-known/agent.json`,
    }];
    const { surfaces: echoed } = await mesh.register(agent("a2a", { path, skill_id: "s" }));
    deepEqual(echoed, told);
    deepEqual(await surfaces(mesh), { surfaces: told });
  }, { env: { MCP_MESH_PUBLIC_URL_PREFIX: "https://agents.acme.com/" } });
}

row("A28", "without a prefix there are no addresses", async (mesh) => {
  const told = [{ path: "x", skill_id: "s" }];
  deepEqual((await mesh.register(agent("a2a", { path: "x", skill_id: "s" }))).surfaces, told);
  deepEqual(await surfaces(mesh), { surfaces: told });
});

row("A29", "a surface without a skill is dropped", async (mesh) => {
  equal((await mesh.register(agent("a2a", { path: "x" }))).surfaces, undefined);
  deepEqual(await surfaces(mesh), { surfaces: [] });
});

row("a2a", "only a2a agents are listed, dead ones too, of one namespace if asked", async (mesh) => {
  const plain = await mesh.register(agent("mcp_agent", { path: "x", skill_id: "s" }));
  deepEqual(plain.surfaces, [{ path: "x", skill_id: "s" }]);
  await mesh.register(agent("a2a", { path: "y", skill_id: "t" }));
  await mesh.unregister("a2a");
  deepEqual(await surfaces(mesh), { surfaces: [{ path: "y", skill_id: "t" }] });
  deepEqual(await surfaces(mesh, "?namespace=other"), { surfaces: [] });
});
