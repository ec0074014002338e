/** MCP servers as agents that are odd, old, out of order or not there. */
import assert from "node:assert/strict";
import { testMesh } from "../testing/mesh.ts";
import { bridged, onTheWire, SECRET } from "./bridged_fixture.ts";
import { scriptedServer } from "./foreign_http_fixture.ts";
import { foreignServer } from "./foreign_server_fixture.ts";
import { mcpAgentWith } from "./mcp_agent.ts";
import { plainServer, SSE_ANSWER, sseServer } from "./scripted_server_fixture.ts";

Deno.test("mcpAgent passes on what no specification knows", async () => {
  const odd = {
    name: "odd",
    inputSchema: { properties: { a: true }, "x-schema": 1 },
    execution: { "x-later": true },
    "x-tool": { deep: [null] },
  };
  const answer = {
    content: [
      { type: "text", text: "t", "x-block": 1 },
      { type: "hologram", depth: 3 },
    ],
    structuredContent: { a: 1 },
    "x-result": { deep: [null], none: null },
  };
  await using foreign = plainServer({ tools: [odd], call: () => answer });
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("odd"), answer);
  const response = await self.member.node.fetch(mcpRequest("tools/list"));
  const [, json = ""] = (await response.text()).split("data: ");
  const { _meta: meta, ...listed } = JSON.parse(json).result.tools[0];
  // Clients of 2025 take only objects here.
  const inputSchema = { type: "object", properties: { a: {} }, "x-schema": 1 };
  assert.deepEqual(listed, { ...odd, inputSchema, description: "" });
  assert.equal(meta["mesh/version"], "1.0.0");
});

function mcpRequest(method: string): Request {
  return onTheWire("http://foreign.mesh/mcp", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method }),
  });
}

Deno.test("mcpAgent leaves out what is no tool, and says so", async () => {
  let deep: Record<string, unknown> = { type: "string" };
  for (let depth = 0; depth < 5_000; depth++) deep = { items: deep };
  const inputSchema = { type: "object" };
  await using foreign = plainServer({
    tools: [
      { name: "a/b", inputSchema },
      { name: "a b", inputSchema },
      { name: "", inputSchema },
      { name: "none" },
      { name: "deep", inputSchema: deep },
    ],
  });
  await using self = await bridged({ url: foreign.url });
  const { tools } = self.member.node.manifest;
  assert.deepEqual(tools.map(({ name }) => name), ["a_b", "a_b_2"]);
  const warnings = self.lines.filter((line) => line.includes(" WARN "));
  assert.equal(warnings.filter((line) => line.includes("is left out")).length, 3);
});

Deno.test("mcpAgent of a server that lacks a list it announced has the others", async () => {
  await using foreign = plainServer({ capabilities: { prompts: {}, resources: {} } });
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(self.member.node.manifest.tools.map(({ name }) => name), ["t"]);
  assert.equal(self.member.node.health.status, "healthy");
});

Deno.test("mcpAgent of a server that refuses to be looked at is healthy, and is not looked at for ever", async () => {
  await using foreign = plainServer({ ping: () => new Response(null, { status: 418 }) });
  await using self = await bridged({ url: foreign.url }, { MCP_MESH_HEALTH_CHECK_TTL: "0.05" });
  const pings = () =>
    foreign.state.arrived.filter(({ message }) => message.method === "ping").length;
  await foreign.state.until(() => pings() === 1);
  const first = performance.now();
  await foreign.state.until(() => pings() === 3);
  assert.ok(performance.now() - first > 80);
  assert.equal(self.member.node.health.status, "healthy");
});

Deno.test("mcpAgent makes a result of an answer without content", async () => {
  await using foreign = plainServer({ call: () => ({}) });
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("t"), { content: [] });
});

Deno.test("mcpAgent tells at once when an answer breaks off", async () => {
  await using foreign = plainServer({
    call: () =>
      new Response(": going to answer\n\n", { headers: { "content-type": "text/event-stream" } }),
  });
  await using self = await bridged({ url: foreign.url });
  await assert.rejects(self.member.call("t"), {
    code: "interrupted",
    message: `${foreign.url} broke its answer off; the call may have run`,
  });
});

const LATER = { "retry-after": "3" };
const refusals: [
  status: number,
  headers: Record<string, string>,
  code: string,
  nothingRan: boolean,
  message: RegExp,
][] = [
  [401, {}, "protocol", false, /answered HTTP 401: it wants other credentials/],
  [429, {}, "overloaded", true, /answered HTTP 429; nothing ran/],
  [503, LATER, "overloaded", true, /answered HTTP 503; nothing ran/],
  [503, {}, "interrupted", false, /answered HTTP 503; the call may have run/],
  [500, LATER, "interrupted", false, /answered HTTP 500; the call may have run/],
  [418, {}, "protocol", false, /answered HTTP 418/],
];
for (const [status, headers, code, nothingRan, message] of refusals) {
  const how = `HTTP ${status} ${JSON.stringify(headers)}`;
  Deno.test(`mcpAgent of a server that answers a call with ${how} fails with ${code}`, async () => {
    await using foreign = plainServer({ call: () => new Response("no", { status, headers }) });
    await using self = await bridged({ url: foreign.url });
    await assert.rejects(self.member.call("t"), { code, nothingRan, message });
  });
}

const unusable: [what: string, answer: () => Response, message: RegExp][] = [
  ["is no MCP server", () => new Response("<html>"), /does not speak MCP: /],
  ["is not there", () => new Response(null, { status: 404 }), /answered HTTP 404; check the URL$/],
  ["wants credentials", () => new Response(null, { status: 401 }), /HTTP 401: it wants other cred/],
  ["is out of order", () => new Response(null, { status: 502 }), /answered HTTP 502$/],
];
for (const [what, answer, message] of unusable) {
  Deno.test(`mcpAgent of a URL that ${what} says so, without its query`, async () => {
    await using foreign = scriptedServer(answer);
    const url = `${foreign.url}?key=${SECRET}`;
    await using self = await bridged({ url });
    assert.match(self.member.node.health.errors?.join() ?? "", message);
    assert.equal(self.lines.some((line) => line.includes("a-secret")), false);
  });
}

Deno.test("mcpAgentWith mustConnect does not start without its server, and says why", async () => {
  const foreign = foreignServer("2026-07-28");
  await foreign.stop();
  await using mesh = testMesh();
  const agent = mcpAgentWith({ name: "foreign", url: `${foreign.url}?key=hidden` }, {
    mustConnect: true,
  });
  await assert.rejects(mesh.join(agent), (error: { code: string; message: string }) => {
    assert.equal(error.code, "unreachable");
    assert.match(error.message, new RegExp(`^cannot reach ${foreign.url}: .*refused`, "i"));
    assert.equal(error.message.includes("hidden"), false);
    return true;
  });
});

Deno.test("mcpAgent of a server of 2024-11-05 finds it by its refusal, and again after it was away", async () => {
  await using foreign = sseServer();
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("t"), SSE_ANSWER);
  const away = self.line("health is unhealthy");
  const back = self.line("health is healthy");
  await foreign.stop();
  await away;
  foreign.start();
  await back;
  assert.deepEqual(await self.raw("t"), SSE_ANSWER);
});
