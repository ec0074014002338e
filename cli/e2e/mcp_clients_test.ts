/** The official clients, of both versions of the SDK and both eras, against every tool of TripPlanner. */
import { deepEqual, match } from "node:assert/strict";
import { CLIENTS } from "./mcp_client_fixture.ts";
import { NO_LLM_KEYS, withMesh } from "./meshctl.ts";
import { CALLS, KEYLESS_CALLS } from "./trip_planner_calls.ts";
import { tripPlannerFile } from "./trip_planner_fixture.ts";

const TOOLS = { ...CALLS, ...KEYLESS_CALLS };

Deno.test("every tool of TripPlanner is listed and called by the official clients", async (t) => {
  await withMesh(async (mesh) => {
    const started = await mesh.run("start", "-d", "--pack", tripPlannerFile());
    if (started.code !== 0) throw new Error(started.stderr);
    const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
    const endpoints: string[] = agents
      .filter(({ agent_type }: { agent_type: string }) => agent_type !== "api")
      .map(({ endpoint }: { endpoint: string }) => endpoint);
    for (const [name, connect] of Object.entries(CLIENTS)) {
      await t.step(name, async () => {
        const called: string[] = [];
        for (const endpoint of endpoints) {
          await using client = await connect({ url: `${endpoint}/mcp` });
          for (const tool of await client.names()) {
            const { arguments: args, has } = TOOLS[tool] ?? { arguments: {}, has: /^$/ };
            match(JSON.stringify(await client.call(tool, args)), has, tool);
            called.push(tool);
          }
        }
        deepEqual(called.toSorted(), Object.keys(TOOLS).toSorted());
      });
    }
  }, { ...NO_LLM_KEYS, MCP_MESH_HTTP_PORT: "0", CHAT_HISTORY_KV: ":memory:" });
});
