/** Known MCP clients visit an agent, without and with sessions. */
import assert from "node:assert/strict";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import { agentConfig } from "../node/config.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { MeshNode } from "../node/node.ts";
import { tool } from "../define/tool.ts";
import {
  KNOWN_CLIENTS,
  REFUSED_REQUESTS,
  sendRefused,
  visit,
} from "../base/known_clients_fixture.ts";

const TOOL = { name: "greet", arguments: { name: "Ada" }, says: "good day, Ada" };

async function visited(sessions: boolean): Promise<AsyncDisposable & Pick<MeshNode, "fetch">> {
  const greeter = agent({
    name: "greeter",
    tools: {
      greet: tool(
        { input: z.object({ name: z.string() }), output: z.string() },
        ({ name }) => `good day, ${name}`,
      ),
    },
  });
  const node = new MeshNode({
    host: hostInThread(greeter),
    config: agentConfig({ MCP_MESH_MCP_SESSIONS: String(sessions) }, greeter.manifest()),
    log: () => {},
    fetch,
  });
  await node.join(80, { standalone: true });
  return {
    fetch: (request) => node.fetch(request),
    [Symbol.asyncDispose]: () => node.shutdown(0),
  };
}

for (const sessions of [false, true]) {
  const server = `an agent ${sessions ? "with" : "without"} sessions`;
  for (const client of KNOWN_CLIENTS) {
    Deno.test(`${server} and ${client.client}`, async () => {
      await using node = await visited(sessions);
      const session = await visit((request) => node.fetch(request), client, TOOL);
      const { isModern = false, isHasty = false } = client;
      assert.equal(session !== null, sessions && !isModern && !isHasty);
    });
  }
  for (const refused of REFUSED_REQUESTS) {
    Deno.test(`${server} refuses ${refused.client}`, async () => {
      await using node = await visited(sessions);
      await sendRefused((request) => node.fetch(request), refused);
    });
  }
}
