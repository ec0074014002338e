/** The MCP face as an independent client sees it, in both eras of the protocol. */
import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import { agentConfig } from "../node/config.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { MeshNode } from "../node/node.ts";
import { tool } from "../define/tool.ts";

const shop = agent({
  name: "shop",
  version: "2.1.0",
  tools: {
    price: tool({
      description: "What it costs",
      tags: ["shop"],
      input: z.object({ item: z.string() }),
      output: z.object({ usd: z.number() }),
    }, ({ item }) => ({ usd: item.length })),
    items: tool({ output: z.array(z.string()) }, () => ["a", "b"]),
    count: tool(
      { input: z.object({ to: z.number() }) },
      async function* ({ to }, { progress }) {
        for (let number = 1; number <= to; number++) {
          progress(number, to);
          yield await Promise.resolve(`${number} `);
        }
      },
    ),
    broken: tool({}, () => {
      throw new Error("out of order");
    }),
  },
});

const eras = {
  "2025-11-25": undefined,
  "2026-07-28": { mode: { pin: "2026-07-28" } },
} as const;

for (const [era, versionNegotiation] of Object.entries(eras)) {
  const test = (name: string, run: (client: Client) => Promise<void>) =>
    Deno.test(`MCP ${era}: ${name}`, async () => {
      const node = new MeshNode({
        host: hostInThread(shop),
        config: agentConfig({ MCP_MESH_AGENT_ID: "shop-1" }, shop.manifest()),
        log: () => {},
        fetch,
      });
      await node.join(80, { standalone: true });
      const client = new Client(
        { name: "test", version: "1.0.0" },
        versionNegotiation === undefined ? {} : { versionNegotiation },
      );
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${node.endpoint}/mcp`), {
          fetch: (input, init) => node.fetch(new Request(input, init)),
        }),
      );
      try {
        await run(client);
      } finally {
        await client.close();
        await node.shutdown(0);
      }
    });

  test("the server names itself", async (client) => {
    await Promise.resolve();
    assert.deepEqual(client.getServerVersion(), { name: "shop", version: "2.1.0" });
    assert.equal(client.getNegotiatedProtocolVersion(), era);
  });

  test("tools are listed with their schemas", async (client) => {
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }) => name), ["price", "items", "count", "broken"]);
    const [price, items] = tools;
    assert.equal(price?.description, "What it costs");
    assert.deepEqual(price?.inputSchema.required, ["item"]);
    assert.deepEqual(price?.outputSchema?.["required"], ["usd"]);
    assert.deepEqual(items?.outputSchema?.["properties"], {
      result: { type: "array", items: { type: "string" } },
    });
  });

  test("structured content passes the client's own validation", async (client) => {
    const price = await client.callTool({ name: "price", arguments: { item: "pen" } });
    assert.deepEqual(price.structuredContent, { usd: 3 });
    assert.deepEqual(price.content, [{ type: "text", text: '{"usd":3}' }]);
    const items = await client.callTool({ name: "items", arguments: {} });
    assert.deepEqual(items.structuredContent, { result: ["a", "b"] });
    assert.deepEqual(items._meta?.["fastmcp"], { wrap_result: true });
  });

  test("failures and bad arguments are error results", async (client) => {
    const broken = await client.callTool({ name: "broken", arguments: {} });
    assert.equal(broken.isError, true);
    assert.deepEqual(broken.content, [{ type: "text", text: "out of order" }]);
    const bad = await client.callTool({ name: "price", arguments: { item: 1 } });
    assert.equal(bad.isError, true);
    assert.match(JSON.stringify(bad.content), /item: .*expected string/);
  });

  test("an unknown tool is invalid params, and not_found to peers of the mesh", async (client) => {
    await assert.rejects(client.callTool({ name: "nope", arguments: {} }), {
      code: -32602,
      message: /Unknown tool: nope/,
      data: { "mesh/error": { code: "not_found", message: "Unknown tool: nope" } },
    });
  });

  test("progress and chunks arrive before the result", async (client) => {
    const seen: unknown[] = [];
    const result = await client.callTool({ name: "count", arguments: { to: 2 } }, {
      onprogress: ({ message, total }) => seen.push(message ?? total),
    });
    assert.deepEqual(seen, [2, "1 ", 2, "2 "]);
    assert.deepEqual(result.content, [{ type: "text", text: "1 2 " }]);
  });
}
