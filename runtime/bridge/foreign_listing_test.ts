/** Lists and results of MCP servers that are not as the specification has them, as clients of 2025 get them. */
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type Bridged, bridged } from "./bridged_fixture.ts";
import { scriptedServer } from "./foreign_http_fixture.ts";
import { plainServer } from "./scripted_server_fixture.ts";

type Json = Record<string, unknown>;

/** A client of 2025, which refuses a whole list for one tool. */
async function client({ member: { node } }: Bridged): Promise<Client & AsyncDisposable> {
  const client = new Client({ name: "test", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(new URL(`${node.endpoint}/mcp`), {
    fetch: (input: string | URL, init?: RequestInit) => node.fetch(new Request(input, init)),
  });
  // The SDK's own declarations disagree under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<Client["connect"]>[0]);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

const NODE = {
  type: "object",
  properties: { kids: { type: "array", items: { $ref: "#/$defs/Node" } } },
};

/** Tools of a server of 2025, its results, and what clients see. */
const tools: [
  what: string,
  tool: Json,
  structured: unknown,
  seen: { output: Json | undefined; structured: unknown },
][] = [
  [
    "an output schema that is a reference",
    { outputSchema: { $ref: "#/$defs/Node", $defs: { Node: NODE } } },
    { kids: [{ kids: [] }] },
    { output: { ...NODE, $defs: { Node: NODE } }, structured: { kids: [{ kids: [] }] } },
  ],
  [
    "an output schema without a type",
    { outputSchema: { description: "anything" } },
    { a: 1 },
    { output: { type: "object", description: "anything" }, structured: { a: 1 } },
  ],
  [
    "an output schema of an object or null",
    { outputSchema: { anyOf: [{ type: "object", required: ["a"] }, { type: "null" }] } },
    { a: 1 },
    {
      output: { type: "object", anyOf: [{ type: "object", required: ["a"] }, { type: "null" }] },
      structured: { a: 1 },
    },
  ],
  [
    "an output schema that no object fits",
    { outputSchema: { type: "array", items: {} } },
    { a: 1 },
    { output: undefined, structured: { a: 1 } },
  ],
  [
    "structured content that is a list",
    {},
    [1, 2],
    { output: undefined, structured: { result: [1, 2] } },
  ],
  [
    "an output schema with a reference that leads nowhere",
    { outputSchema: { type: "object", properties: { a: { $ref: "#/$defs/None" } } } },
    { a: 1 },
    { output: undefined, structured: { a: 1 } },
  ],
  [
    "an output schema with a pattern of another language",
    { outputSchema: { type: "object", properties: { a: { pattern: "(?P<n>.)" } } } },
    { a: "x" },
    { output: undefined, structured: { a: "x" } },
  ],
  [
    "an output schema with bounds of another draft",
    { outputSchema: { type: "object", properties: { a: { exclusiveMinimum: true } } } },
    { a: 1 },
    { output: undefined, structured: { a: 1 } },
  ],
  [
    "an output schema with null members",
    { outputSchema: { type: "object", properties: { a: { items: null } }, required: null } },
    { a: 1 },
    { output: { type: "object", properties: { a: {} } }, structured: { a: 1 } },
  ],
  ["an output schema that is null", { outputSchema: null }, null, {
    output: undefined,
    structured: undefined,
  }],
  [
    "null members",
    { inputSchema: { type: "object", properties: null, required: null } },
    { a: 1 },
    {
      output: undefined,
      structured: { a: 1 },
    },
  ],
  ["an input schema that is null", { inputSchema: null }, undefined, {
    output: undefined,
    structured: undefined,
  }],
  [
    "nulls and wrong types wherever MCP has something",
    {
      title: null,
      description: null,
      annotations: { readOnlyHint: null, title: 1, destructiveHint: "no" },
      icons: [null, { src: 1 }, { src: "a.png", mimeType: null, sizes: "any" }],
      execution: { taskSupport: null },
      _meta: null,
    },
    undefined,
    { output: undefined, structured: undefined },
  ],
  ["annotations that are a list", { annotations: [], icons: null, execution: null }, undefined, {
    output: undefined,
    structured: undefined,
  }],
];

const content = [{ type: "text", text: "ran", annotations: null, _meta: null }];

for (const [what, tool, structured, seen] of tools) {
  Deno.test(`mcpAgent of a tool with ${what}: clients of 2025 list it and call it`, async () => {
    const odd = { name: "odd", inputSchema: { type: "object" }, ...tool };
    const good = { name: "good", inputSchema: { type: "object" } };
    await using foreign = plainServer({
      tools: [odd, good],
      call: () => ({ content, structuredContent: structured, isError: null, _meta: null }),
    });
    await using self = await bridged({ url: foreign.url });
    await using legacy = await client(self);
    const { tools } = await legacy.listTools();
    assert.deepEqual(tools.map(({ name }: { name: string }) => name), ["odd", "good"]);
    assert.deepEqual(tools[0]?.outputSchema, seen.output);
    const result = await legacy.callTool({ name: "odd", arguments: {} });
    assert.deepEqual(result.structuredContent, seen.structured);
    assert.deepEqual(result["content"], [{ type: "text", text: "ran" }]);
    const isSaid = self.lines.some((line) => line.includes("the output schema of odd is left out"));
    assert.equal(isSaid, Boolean(tool["outputSchema"]) && seen.output === undefined);
  });
}

Deno.test("mcpAgent of a server of 2026 wraps what is no object, as it lists it", async () => {
  const outputSchema = { type: "array", items: { $ref: "#/$defs/Node" }, $defs: { Node: NODE } };
  const tool = { name: "nodes", inputSchema: { type: "object" }, outputSchema };
  const answers: Record<string, Json> = {
    "server/discover": {
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: {} },
      serverInfo: { name: "new", version: "1.0.0" },
      ttlMs: 0,
      cacheScope: "private",
    },
    "tools/list": { tools: [tool], ttlMs: 0, cacheScope: "private" },
    "tools/call": { content: [{ type: "text", text: "[]" }], structuredContent: [{ kids: [] }] },
  };
  await using foreign = scriptedServer((_request, { id, method = "" }) => {
    const result = answers[method];
    if (result === undefined) return new Response(null, { status: 404 });
    return Response.json({ jsonrpc: "2.0", id, result: { resultType: "complete", ...result } });
  });
  await using self = await bridged({ url: foreign.url });
  await using legacy = await client(self);
  await legacy.listTools();
  const { structuredContent } = await legacy.callTool({ name: "nodes", arguments: {} });
  assert.deepEqual(structuredContent, { result: [{ kids: [] }] });
  assert.deepEqual(await self.member.call("nodes"), [{ kids: [] }]);
});

Deno.test("mcpAgent connects to a server that writes null for what it does not say", async () => {
  await using foreign = scriptedServer((request, { id, method }) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const results: Record<string, Json> = {
      initialize: {
        protocolVersion: "2025-06-18",
        capabilities: { tools: { listChanged: null }, prompts: null, logging: null },
        serverInfo: { name: "f", version: "1", title: null, icons: null },
        instructions: null,
        _meta: null,
      },
      "tools/list": {
        tools: [{ name: "t", inputSchema: { type: "object" } }],
        nextCursor: null,
        _meta: null,
      },
      "tools/call": { content: null },
    };
    const result = results[method ?? ""];
    if (id === undefined) return new Response(null, { status: 202 });
    return result === undefined
      ? Response.json({ jsonrpc: "2.0", id, error: { code: -32601, message: "no" } })
      : Response.json({ jsonrpc: "2.0", id, result });
  });
  await using self = await bridged({ url: foreign.url });
  assert.equal(self.member.node.health.status, "healthy");
  await using legacy = await client(self);
  assert.deepEqual((await legacy.callTool({ name: "t", arguments: {} }))["content"], []);
});

Deno.test("mcpAgent has the prompts of a server whose lists are full of nulls", async () => {
  const prompts = [
    { name: "p", title: null, description: null, arguments: null },
    { name: "q", arguments: [null, { name: "a", description: null, required: null }, { name: 1 }] },
  ];
  await using foreign = scriptedServer((request, { id, method }) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const results: Record<string, Json> = {
      initialize: {
        protocolVersion: "2025-06-18",
        capabilities: { prompts: {}, resources: {} },
        serverInfo: { name: "f", version: "1" },
      },
      "prompts/list": { prompts },
      "resources/list": { resources: null },
      "resources/templates/list": { resourceTemplates: null },
      "prompts/get": {
        description: null,
        messages: [{ role: "user", content: { type: "text", text: "x", annotations: null } }],
      },
    };
    if (id === undefined) return new Response(null, { status: 202 });
    const result = results[method ?? ""] ?? {};
    return Response.json({ jsonrpc: "2.0", id, result });
  });
  await using self = await bridged({ url: foreign.url });
  await using legacy = await client(self);
  const listed = await legacy.listPrompts();
  assert.deepEqual(
    listed.prompts.map(({ name, arguments: args }: { name: string; arguments?: unknown }) => [
      name,
      args,
    ]),
    [["p", undefined], ["q", [{ name: "a", required: false }]]],
  );
  const { messages } = await legacy.getPrompt({ name: "q" });
  assert.deepEqual(messages, [{ role: "user", content: { type: "text", text: "x" } }]);
});
