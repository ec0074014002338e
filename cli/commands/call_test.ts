import { deepEqual, equal, match } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextFixture, type ContextFixtureOptions } from "../context_fixture.ts";
import { dispatch } from "../dispatch.ts";
import { agentInfo, fakeRegistry, mcpResult, toolInfo } from "../mesh_fixture.ts";

const RESULT = { content: [{ type: "text", text: "hi" }], structuredContent: { result: "hi" } };

const agents = [
  agentInfo({
    name: "flight-agent",
    endpoint: "http://127.0.0.1:9101",
    capabilities: [toolInfo({ function_name: "flight_search", name: "flights" })],
  }),
  agentInfo({
    name: "dead-agent",
    status: "unhealthy",
    capabilities: [toolInfo({ function_name: "gone", name: "gone" })],
  }),
];

async function call(args: string[], options: ContextFixtureOptions = {}) {
  const fixture = contextFixture(options);
  const code = await dispatch(["call", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

Deno.test("call sends one tools/call through the proxy and prints the result with two spaces", async () => {
  const registry = fakeRegistry(agents, () => mcpResult(RESULT));
  const { code, stdout, stderr } = await call(
    ["flights", '{"origin":"SFO"}', "--timeout", "2.5", "-H", "x-user: ada", "-H", "accept: no"],
    registry,
  );
  equal(code, 0);
  match(stderr, /^The registry passes x-user on only if its MCP_MESH_PROPAGATE_HEADERS names it/);
  equal(stdout, `${JSON.stringify(RESULT, null, 2)}\n`);
  const request = registry.requests.at(-1);
  equal(request?.method, "POST");
  equal(request?.url, "http://localhost:8000/proxy/127.0.0.1:9101/mcp");
  equal(request?.headers.get("x-mesh-timeout"), "3");
  equal(request?.headers.get("x-user"), "ada");
  equal(request?.headers.get("accept"), "application/json, text/event-stream");
  deepEqual(JSON.parse(request?.body ?? ""), {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "flight_search", arguments: { origin: "SFO" } },
  });
});

Deno.test("call goes straight to the agent without the proxy, or without any registry", async () => {
  const registry = fakeRegistry(agents, () => mcpResult(RESULT));
  const { stderr } = await call(["flights", "--use-proxy=false", "-H", "x-user: ada"], registry);
  equal(stderr, "");
  equal(registry.requests.at(-1)?.url, "http://127.0.0.1:9101/mcp");
  const lone = fakeRegistry(null, () => mcpResult(RESULT));
  equal((await call(["x:any_tool", "--agent-url", "http://h:1/"], lone)).code, 0);
  deepEqual(lone.requests.map(({ url }) => url), ["http://h:1/mcp"]);
  equal(JSON.parse(lone.requests[0]?.body ?? "").params.name, "any_tool");
});

Deno.test("call reads its arguments from standard input and from a file", async () => {
  const registry = fakeRegistry(agents, () => mcpResult(RESULT));
  const sent = () => JSON.parse(registry.requests.at(-1)?.body ?? "").params.arguments;
  await call(["flight_search", "-"], { ...registry, stdin: '{"from":"stdin"}' });
  deepEqual(sent(), { from: "stdin" });
  const folder = await mkdtemp(join(tmpdir(), "call-"));
  try {
    await writeFile(join(folder, "trip.json"), '{"from":"file"}');
    await call(["flight_search", "--file", "trip.json"], { ...registry, cwd: folder });
    deepEqual(sent(), { from: "file" });
  } finally {
    await rm(folder, { recursive: true });
  }
  await call(["flight_search"], registry);
  deepEqual(sent(), {});
});

Deno.test("call --raw prints one line", async () => {
  const registry = fakeRegistry(agents, () => mcpResult(RESULT));
  equal((await call(["flight_search", "--raw"], registry)).stdout, `${JSON.stringify(RESULT)}\n`);
});

Deno.test("call understands a streamed answer", async () => {
  const message = JSON.stringify({ jsonrpc: "2.0", id: 1, result: RESULT });
  const registry = fakeRegistry(
    agents,
    () =>
      new Response(`: ping\n\nevent: message\ndata: ${message}\n\n`, {
        headers: { "content-type": "text/event-stream" },
      }),
  );
  equal((await call(["flight_search", "--raw"], registry)).stdout, `${JSON.stringify(RESULT)}\n`);
});

Deno.test("call prints a result that says the tool failed, and exits 5", async () => {
  const failed = { content: [{ type: "text", text: "no such city" }], isError: true };
  const { code, stdout, stderr } = await call(
    ["flight_search"],
    fakeRegistry(agents, () => mcpResult(failed)),
  );
  deepEqual([code, stderr], [5, ""]);
  deepEqual(JSON.parse(stdout), failed);
});

Deno.test("call tells failures apart by exit code and says what to do", async () => {
  const rpcError = (code: number, message: string) => () =>
    Response.json({ jsonrpc: "2.0", id: 1, error: { code, message } });
  const answers = {
    refused: rpcError(-32602, "bad arguments"),
    missing: rpcError(-32602, "Tool flight_search not found"),
    gateway: () => new Response("Failed to reach target agent: refused", { status: 502 }),
    noise: () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    expired: () =>
      new Response(": mesh-proxy-timeout budget=1s\n\n", {
        headers: { "content-type": "text/event-stream" },
      }),
    never: () => Promise.reject(new DOMException("late", "TimeoutError")),
    lost: () => Promise.reject(new TypeError("connection reset")),
  };
  const rows: [keyof typeof answers, string[], number, RegExp][] = [
    ["refused", ["flight_search"], 5, /flight_search was refused: bad arguments \(code -32602\)/],
    ["missing", ["flight_search"], 3, /not found/],
    ["gateway", ["flight_search"], 1, /HTTP 502: Failed to reach target agent/],
    ["noise", ["flight_search"], 1, /not a JSON-RPC message/],
    ["expired", ["flight_search"], 6, /no result within 30 s\n.*--timeout 60/],
    ["never", ["flight_search"], 6, /no result within 30 s/],
    ["lost", ["flight_search"], 4, /the registry at http:\/\/localhost:8000 does not answer/],
    ["lost", ["flight_search", "--use-proxy=false"], 1, /the agent at .*:9101\/mcp does not/],
    ["refused", ["flight_serach"], 3, /tool "flight_serach" not found.*\nDid you mean flight_se/],
    ["refused", ["gone"], 3, /tool "gone" not found/],
  ];
  for (const [answer, args, code, message] of rows) {
    const result = await call(args, fakeRegistry(agents, answers[answer]));
    deepEqual([result.code, result.stdout], [code, ""], `${answer}: ${result.stderr}`);
    match(result.stderr, message);
  }
});

Deno.test("call exits 4 with the address when there is no registry", async () => {
  const { code, stderr } = await call(["x", "--registry-url", "http://mesh.example:81/"]);
  equal(code, 4);
  match(
    stderr,
    /the registry at http:\/\/mesh\.example:81 does not answer\n.*start --registry-only/,
  );
});

Deno.test("call refuses bad input before it asks anybody", async () => {
  const registry = fakeRegistry(agents);
  const rows: [string[], number, RegExp][] = [
    [["t", '{"a": b}'], 2, /line 1, column 7.*\n.*\n {8}\^/],
    [["t", "[1]"], 2, /the JSON argument is an array/],
    [["t", "-"], 2, /standard input is not JSON/],
    [["t", "{}", "--file", "x"], 2, /given twice/],
    [["t", "--file", "nope.json"], 3, /nope\.json cannot be read/],
    [["t", "-H", "no colon"], 2, /"no colon" is no header/],
    [["t", "--timeout", "0"], 2, /--timeout is 0/],
    [["t", "--agent-url", "localhost:1"], 2, /--agent-url is "localhost:1"/],
    [[], 2, /call needs/],
  ];
  for (const [args, code, message] of rows) {
    const result = await call(args, registry);
    equal(result.code, code, args.join(" "));
    match(result.stderr, message);
  }
  equal(registry.requests.length, 0);
});
