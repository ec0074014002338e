import { deepEqual, equal, match } from "node:assert/strict";
import { contextFixture, type ContextFixtureOptions } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { agentInfo, fakeRegistry, toolInfo } from "../mesh/mesh_fixture.ts";

const agents = [
  agentInfo({
    name: "poi-agent",
    status: "unhealthy",
    dependency_resolutions: [
      { function_name: "search_pois", capability: "weather", status: "unresolved" },
      {
        function_name: "search_pois",
        capability: "prefs",
        status: "available",
        provider_agent_id: "prefs-1",
        mcp_tool: "get",
        endpoint: "http://prefs:1",
      },
    ],
  }),
  agentInfo({ name: "hotel-agent" }),
];

/** A registry that explains that nothing is resolved. */
function explaining() {
  return fakeRegistry(agents, ({ url }) => {
    const { pathname, searchParams } = new URL(url);
    equal(pathname, "/why");
    return Response.json({
      resolved: false,
      sentences: [`${searchParams.get("dependency")} has no provider.`],
      fix: `Start one for ${searchParams.get("function")}.`,
      stages: [],
    });
  });
}

async function why(args: string[], options: ContextFixtureOptions = explaining()) {
  const fixture = contextFixture(options);
  const code = await dispatch(["why", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

Deno.test("why prints the registry's sentences and the fix", async () => {
  const registry = explaining();
  const { code, stdout } = await why(["poi", "weather"], registry);
  equal(code, 0);
  deepEqual(stdout.split("\n"), [
    "weather of poi-agent:search_pois is unresolved",
    "  weather has no provider.",
    "  Fix: Start one for search_pois.",
    "",
  ]);
  equal(
    registry.requests.at(-1)?.url,
    "http://localhost:8000/why?agent=poi-agent-00000001&dependency=weather&function=search_pois",
  );
});

Deno.test("why without a dependency explains all", async () => {
  const { stdout } = await why(["poi"]);
  match(stdout, /^weather of [^]*\n\nprefs of poi-agent:search_pois/);
  equal((await why(["hotel"])).stdout, "hotel-agent-00000001 has no dependencies\n");
});

Deno.test("why --json has every explanation with its dependency", async () => {
  const document = JSON.parse((await why(["poi", "pre", "--json"])).stdout);
  deepEqual(document, {
    schema_version: 1,
    agent_id: "poi-agent-00000001",
    dependencies: [{
      function_name: "search_pois",
      capability: "prefs",
      resolved: false,
      sentences: ["prefs has no provider."],
      fix: "Start one for search_pois.",
      stages: [],
    }],
  });
});

Deno.test("why goes by the list of agents where the registry does not explain", async () => {
  const foreign = fakeRegistry(agents, () => new Response("404 page not found", { status: 404 }));
  const { code, stdout } = await why(["poi"], foreign);
  equal(code, 0);
  match(stdout, /No agent offers the capability weather\.\n {2}Fix: Start an agent/);
  match(stdout, /prefs of poi-agent:search_pois is resolved\n {2}It leads to get of prefs-1/);
});

Deno.test("why -o wide has every candidate that was turned away, and nothing else has", async () => {
  const evicted = ["weather-1", "weather-2"].map((id) => ({
    id: `${id}:now`,
    reason: "Unhealthy",
    details: { status: "unhealthy" },
  }));
  const registry = fakeRegistry(agents, () =>
    Response.json({
      resolved: false,
      sentences: ["2 instances of weather are down."],
      stages: [{ stage: "health", kept: [], evicted }],
    }));
  deepEqual((await why(["poi", "weather"], registry)).stdout.split("\n").slice(1), [
    "  2 instances of weather are down.",
    "",
  ]);
  deepEqual((await why(["poi", "weather", "-o", "wide"], registry)).stdout.split("\n").slice(1), [
    "  2 instances of weather are down.",
    "  Turned away:",
    "    weather-1:now would do, but its agent is unhealthy.",
    "    weather-2:now would do, but its agent is unhealthy.",
    "",
  ]);
  equal((await why(["poi", "-o", "yaml"], registry)).code, 2);
});

Deno.test("why tells of the dead instances of an agent at once, whoever explains", async () => {
  const dead = ["a", "b", "c"].map((id, index) =>
    agentInfo({
      id: `weather-agent-${id}`,
      name: "weather-agent",
      status: "unhealthy",
      last_seen: new Date(Date.UTC(2026, 5, 1, 11, index)).toISOString(),
      capabilities: [toolInfo({ name: "weather", function_name: "now" })],
    })
  );
  const foreign = fakeRegistry(
    [...agents, ...dead],
    () => new Response("404 page not found", { status: 404 }),
  );
  const { stdout } = await why(["poi", "weather"], foreign);
  deepEqual(stdout.split("\n").slice(1), [
    "  3 instances of weather-agent would do, but are down; the newest, weather-agent-c:now, is " +
    "unhealthy.",
    "  Fix: Start weather-agent again.",
    "",
  ]);
});

Deno.test("why exits by what went wrong", async () => {
  const rows: [string[], number, RegExp][] = [
    [[], 2, /why needs <agent> \[dependency\]/],
    [["nobody"], 3, /no agent matches "nobody"/],
    [["poi", "wheather"], 3, /does not depend on wheather\nDid you mean weather\?/],
    [["poi", "--function", "x"], 3, /no function x/],
  ];
  for (const [args, code, message] of rows) {
    const result = await why(args);
    equal(result.code, code);
    match(result.stderr, message);
  }
  equal((await why(["poi"], {})).code, 4);
  const broken = fakeRegistry(agents, () => Response.json({ error: "oops" }, { status: 500 }));
  equal((await why(["poi"], broken)).code, 1);
});
