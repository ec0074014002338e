import { deepEqual, equal, match } from "node:assert/strict";
import { contextFixture, type ContextFixtureOptions } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { agentInfo, fakeRegistry } from "../mesh/mesh_fixture.ts";

const agents = [
  agentInfo({
    name: "poi-agent",
    total_dependencies: 2,
    dependencies_resolved: 1,
    dependency_resolutions: [
      {
        function_name: "search_pois",
        capability: "weather",
        status: "available",
        tags: ["fast"],
        tag_groups: [["a", "b"]],
        mcp_tool: "get_weather",
        endpoint: "http://127.0.0.1:9103",
      },
      { function_name: "search_pois", capability: "prefs", status: "unresolved" },
    ],
  }),
  agentInfo({ name: "down-agent", status: "unhealthy" }),
  agentInfo({ name: "hotel-agent" }),
];

async function status(args: string[], options: ContextFixtureOptions = fakeRegistry(agents)) {
  const fixture = contextFixture(options);
  const code = await dispatch(["status", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

Deno.test("status shows every healthy agent", async () => {
  const { code, stdout } = await status([]);
  equal(code, 0);
  match(stdout, /^2 healthy agent\(s\)\n/);
  match(stdout, /Agent: hotel-agent-00000001[^]*={80}[^]*Agent: poi-agent-00000001/);
  equal(stdout.includes("down-agent"), false);
});

const ailing = agentInfo({
  name: "openai-provider",
  status: "unhealthy",
  health: { status: "unhealthy", errors: ["OPENAI_API_KEY is not set"] },
});

Deno.test("status shows agents that say what ails them", async () => {
  const { code, stdout } = await status([], fakeRegistry([...agents, ailing]));
  equal(code, 0);
  match(stdout, /^2 healthy agent\(s\), 1 unhealthy\n/);
  match(
    stdout,
    /Agent: openai-provider-00000001[^]*Status: +unhealthy: OPENAI_API_KEY is not set\n/,
  );
  const one = await status(["openai"], fakeRegistry([...agents, ailing]));
  match(one.stdout, /Status: +unhealthy: OPENAI_API_KEY is not set\n/);
  const json = JSON.parse((await status(["openai", "--json"], fakeRegistry([ailing]))).stdout);
  deepEqual(json.health, { status: "unhealthy", errors: ["OPENAI_API_KEY is not set"] });
  equal(JSON.parse((await status(["hotel", "--json"])).stdout).health, null);
});

Deno.test("status shows what a dependency leads to, and which leads nowhere", async () => {
  const { stdout } = await status(["POI"]);
  match(stdout, /weather \[fast,a\|b\] +get_weather +http:\/\/127\.0\.0\.1:9103/);
  match(stdout, /prefs +NOT FOUND +-/);
  match(stdout, /Dependencies: 1\/2/);
});

Deno.test("status --json is an array, or one object for a named agent", async () => {
  const all = JSON.parse((await status(["--json"])).stdout);
  deepEqual(all.map(({ name }: { name: string }) => name), ["hotel-agent", "poi-agent"]);
  equal(JSON.parse((await status(["hotel", "--json"])).stdout).name, "hotel-agent");
});

Deno.test("status exits by what went wrong", async () => {
  equal((await status(["down-agent"])).code, 3);
  equal((await status([], {})).code, 4);
  const none = await status([], fakeRegistry([]));
  deepEqual([none.code, none.stdout], [0, "No healthy agents found\n"]);
});

Deno.test("status shows the routes of a gateway, and which of them lack something", async () => {
  const gateway = agentInfo({
    name: "gateway",
    agent_type: "api",
    capabilities: [],
    dependency_resolutions: [
      { function_name: "GET /plans", capability: "chat_history", status: "available" },
      { function_name: "POST /plan", capability: "trip_planning", status: "unresolved" },
    ],
  });
  const { code, stdout } = await status(["gateway"], fakeRegistry([gateway]));
  equal(code, 0);
  match(stdout, /Type: +API\n/);
  match(stdout, /Routes:\n.*\n.*\n +GET \/plans +available\n +POST \/plan +lacks trip_planning/);
  equal(stdout.includes("Capabilities:"), false);
});
