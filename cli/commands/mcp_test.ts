import { deepEqual, equal, match } from "node:assert/strict";
import { gatewayScene, tool } from "../../registry/mcp/gateway_fixture.ts";
import type { MeshOptions } from "../../registry/suites/mesh_fixture.ts";
import { contextFixture, type ContextFixtureOptions } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";

async function mcp(args: string[], options: ContextFixtureOptions) {
  const fixture = contextFixture(options);
  const code = await dispatch(["mcp", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

/** Runs the command against a registry with two tools and lists what it offers. */
async function listed(
  args: string[],
  registry: Record<string, string> = {},
  env: Record<string, string> = {},
) {
  const options: MeshOptions = { env: registry };
  await using scene = await gatewayScene(options);
  await scene.join("a-1", {}, {
    tools: [
      tool("flights", { tags: ["travel"], capability: "search.flights" }),
      tool("weather", { tags: ["outdoor"] }),
    ],
  });
  await scene.join("blue-1", {}, { namespace: "blue", tools: [tool("blue_only")] });
  const answered = Promise.withResolvers<void>();
  const seen: Headers[] = [];
  const stdin = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async start(controller) {
      const line = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n';
      controller.enqueue(new TextEncoder().encode(line));
      await answered.promise;
      controller.close();
    },
  });
  const outcome = await mcp(args, {
    env,
    stdin,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      seen.push(request.headers);
      const isList = (await request.clone().text()).includes("tools/list");
      const response = await scene.fetch(request);
      const body = await response.bytes();
      // The line is out once the answer has been read.
      if (isList) setTimeout(answered.resolve, 0);
      else if (!response.ok) answered.resolve();
      return new Response(body, response);
    },
  });
  const message = outcome.stdout === "" ? undefined : JSON.parse(outcome.stdout);
  const tools = message?.result?.tools?.map(({ name }: { name: string }) => name);
  return { ...outcome, tools, headers: seen.at(-1) };
}

const TOKEN = "a-token-of-the-mesh";
const rows: [args: string[], tools: string[]][] = [
  [[], ["blue_only", "flights", "weather"]],
  [["--tags", "travel"], ["flights"]],
  [["--tags=-travel", "--tags", "outdoor"], ["weather"]],
  [["--capability", "search.*", "--capability", "weather"], ["flights", "weather"]],
  [["--namespace", "blue"], ["blue_only"]],
  [["--mode", "search"], ["search_tools", "describe_tool", "call_tool"]],
];
for (const [args, tools] of rows) {
  Deno.test(`mcp ${args.join(" ")} offers ${tools.join(", ")}`, async () => {
    const outcome = await listed(args);
    deepEqual(outcome.tools, tools);
    equal(outcome.code, 0);
    equal(outcome.stderr, "");
  });
}

Deno.test("mcp --timeout is the limit of a call", async () => {
  equal((await listed(["--timeout", "90.5"])).headers?.get("x-mesh-timeout"), "91");
});

Deno.test("mcp shows its token, from the line or the environment", async () => {
  const registry = { MCP_MESH_MCP_TOKEN: TOKEN };
  equal((await listed(["--token", TOKEN], registry)).code, 0);
  equal((await listed([], registry, { MCP_MESH_MCP_TOKEN: TOKEN })).code, 0);
  const { code, stdout, stderr } = await listed(["--token", "another"], registry);
  equal(code, 1);
  equal(stdout, "");
  match(stderr, /HTTP 401.*wants the token.*\n.*MCP_MESH_MCP_TOKEN/);
  equal(stderr.includes("another"), false);
});

Deno.test("mcp --namespace '*' is an operator's, where the registry keeps it for them", async () => {
  const registry = { MCP_MESH_NAMESPACE_STRICT: "true", MCP_MESH_ADMIN_TOKEN: "operators-only" };
  const env = { MCP_MESH_ADMIN_TOKEN: "operators-only" };
  deepEqual((await listed([], registry, env)).tools, ["flights", "weather"]);
  deepEqual((await listed(["--namespace", "*"], registry, env)).tools, [
    "blue_only",
    "flights",
    "weather",
  ]);
  equal((await listed(["--namespace", "*"], registry)).code, 1);
});

Deno.test("mcp says why it cannot serve, and exits with the code for it", async () => {
  const off = await listed([], { MCP_MESH_MCP: "off" });
  equal(off.code, 1);
  match(off.stderr, /HTTP 404.*switched off/);
  const nobody = await mcp([], {});
  equal(nobody.code, 4);
  match(nobody.stderr, /registry at http:\/\/localhost:8000 does not answer/);
  for (const args of [["--mode", "x"], ["--timeout", "0"], ["extra"], ["--namespace", "No"]]) {
    const { code, stdout } = await mcp(args, {});
    deepEqual([code, stdout], [2, ""]);
  }
});
