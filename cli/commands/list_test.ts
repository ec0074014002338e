import { deepEqual, equal, match } from "node:assert/strict";
import { contextFixture, type ContextFixtureOptions, NOW } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { agentInfo, fakeRegistry, mcpResult, toolInfo } from "../mesh/mesh_fixture.ts";

const ago = (milliseconds: number) => new Date(NOW - milliseconds).toISOString();

const agents = [
  agentInfo({
    name: "poi-agent",
    endpoint: "http://127.0.0.1:9104",
    capabilities: [
      toolInfo({ function_name: "search_pois", name: "pois", tags: ["poi", "travel"] }),
    ],
    total_dependencies: 2,
    dependencies_resolved: 1,
    dependency_resolutions: [
      { function_name: "search_pois", capability: "weather", status: "unresolved" },
    ],
  }),
  agentInfo({
    name: "weather-agent",
    status: "unhealthy",
    last_seen: ago(120_000),
    capabilities: [toolInfo({ name: "weather", available: false })],
  }),
  agentInfo({ name: "gateway", agent_type: "api", runtime: "python", capabilities: null }),
  agentInfo({
    name: "gateway",
    id: "gateway-00000000",
    status: "unhealthy",
    last_seen: ago(86_400_000),
  }),
];

async function list(args: string[], options: ContextFixtureOptions = fakeRegistry(agents)) {
  const fixture = contextFixture(options);
  const code = await dispatch(["list", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

Deno.test("list shows the healthy agents, and counts the others", async () => {
  const { code, stdout, stderr } = await list([]);
  deepEqual([code, stderr], [0, ""]);
  deepEqual(stdout.split("\n"), [
    "Registry: running (http://localhost:8000) - 2 healthy, 1 unhealthy, 1 superseded - uptime 2h3m",
    "",
    "NAME                RUNTIME  TYPE   STATUS   DEPS  CAPS  ENDPOINT        AGE  LAST SEEN",
    "---------------------------------------------------------------------------------------",
    "gateway-00000001    Python   API    healthy  0/0    0/0  127.0.0.1:9101  1h   3s (+1 superseded)",
    "poi-agent-00000001  Deno     Agent  healthy  1/2    1/1  127.0.0.1:9104  1h   3s",
    "",
    "3 agent(s) (2 healthy) - 1 down hidden (use --all) - 1 superseded hidden",
    "",
  ]);
});

Deno.test("list shows agents that say what ails them, and what they say", async () => {
  const ailing = agentInfo({
    name: "openai-provider",
    status: "unhealthy",
    capabilities: [toolInfo({ name: "llm", available: false })],
    health: { status: "unhealthy", errors: ["OPENAI_API_KEY is not set"] },
  });
  const degraded = agentInfo({
    name: "slow-agent",
    health: { status: "degraded", errors: ["the disk is full"] },
  });
  const { stdout } = await list([], fakeRegistry([...agents, ailing, degraded]));
  match(stdout, /3 healthy, 2 unhealthy, 1 superseded/);
  match(stdout, /^openai-provider-00000001 +Deno +Agent +unhealthy +0\/0 +0\/1/m);
  match(
    stdout,
    /^$\n^openai-provider is unhealthy: OPENAI_API_KEY is not set\nslow-agent is degraded: the disk is full$/m,
  );
  match(stdout, /^5 agent\(s\) \(3 healthy\) - 1 down hidden/m);
  const { agents: listed } = JSON.parse(
    (await list(["--json"], fakeRegistry([...agents, ailing]))).stdout,
  );
  deepEqual(listed.map(({ name }: { name: string }) => name), [
    "gateway",
    "openai-provider",
    "poi-agent",
  ]);
});

Deno.test("list --all shows every instance and no footer", async () => {
  const { stdout } = await list(["--all"]);
  match(stdout, /^gateway-00000000 .*unhealthy/m);
  match(stdout, /^weather-agent-00000001 .*unhealthy/m);
  equal(stdout.includes("agent(s)"), false);
});

Deno.test("list changes its columns on request", async () => {
  const header = async (...args: string[]) => (await list(args)).stdout.split("\n")[2];
  match(await header("--wide") ?? "", /ENDPOINT +TOOLS +AGE +LAST SEEN +CAPABILITIES$/);
  equal((await header("--no-deps"))?.includes("DEPS"), false);
  match((await list(["--verbose"])).stdout, /Agent: poi-agent-00000001\n {2}Name: +poi-agent/);
});

Deno.test("list filters by id and by when an agent was seen", async () => {
  const names = async (...args: string[]) =>
    JSON.parse((await list([...args, "--all", "--json"])).stdout).agents
      .map(({ id }: { id: string }) => id);
  deepEqual(await names("--filter", "POI"), ["poi-agent-00000001"]);
  deepEqual(await names("--since", "5m"), [
    "gateway-00000001",
    "poi-agent-00000001",
    "weather-agent-00000001",
  ]);
  const refused = await list(["--since", "yesterday"]);
  equal(refused.code, 2);
  match(refused.stderr, /--since is "yesterday"/);
});

Deno.test("list --json keeps its shape: lists are never null, healthy only unless --all", async () => {
  const document = JSON.parse((await list(["--json"])).stdout);
  deepEqual(document.registry, {
    status: "running",
    url: "http://localhost:8000",
    agent_count: 4,
    healthy_count: 2,
    unhealthy_count: 2,
    uptime: "2h3m",
    start_time: new Date(NOW - 7_380_000).toISOString(),
    error: null,
  });
  deepEqual(document.processes, []);
  equal(document.timestamp, new Date(NOW).toISOString());
  const [gateway, poi] = document.agents;
  equal(document.agents.length, 2);
  deepEqual(
    [gateway.tools, gateway.llm_tool_resolutions, gateway.dependencies, gateway.pid],
    [[], [], [], null],
  );
  deepEqual(
    [poi.name, poi.endpoint, poi.agent_type, poi.status, poi.dependencies_total],
    ["poi-agent", "http://127.0.0.1:9104", "mcp_agent", "healthy", 2],
  );
  deepEqual(poi.tools[0].tags, ["poi", "travel"]);
});

Deno.test("list of an empty mesh says so, whichever form of empty the registry uses", async () => {
  for (const none of [null, []]) {
    const { code, stdout } = await list([], fakeRegistry(none));
    equal(code, 0);
    match(stdout, /- 0 healthy - uptime 2h3m\n\nNo agents found\n$/);
    deepEqual(JSON.parse((await list(["--json"], fakeRegistry(none))).stdout).agents, []);
  }
});

Deno.test("list exits 4 without a registry, and still prints what it can", async () => {
  const { code, stdout, stderr } = await list([], {});
  equal(code, 4);
  equal(stdout, "Registry: not running (http://localhost:8000)\n");
  match(stderr, /the registry at http:\/\/localhost:8000 does not answer/);
  const json = await list(["--json"], {});
  equal(json.code, 4);
  const document = JSON.parse(json.stdout);
  deepEqual([document.registry.status, document.agents], ["not running", []]);
  match(document.registry.error, /does not answer/);
});

Deno.test("list tells a registry from something else at its address", async () => {
  const answers: [Response, RegExp][] = [
    [new Response("<html>"), /not JSON/],
    [Response.json({ agents: "many" }), /no mesh registry's answer: agents: /],
    [new Response("busy", { status: 503 }), /HTTP 503: busy/],
  ];
  for (const [answer, message] of answers) {
    const { code, stderr } = await list([], { fetch: () => Promise.resolve(answer.clone()) });
    equal(code, 1);
    match(stderr, message);
  }
});

Deno.test("list --tools shows every tool that can be called", async () => {
  const { code, stdout } = await list(["--tools"]);
  equal(code, 0);
  deepEqual(stdout.split("\n"), [
    "TOOL         AGENT               CAPABILITY  TAGS",
    "-------------------------------------------------------",
    "search_pois  poi-agent-00000001  pois        poi,travel",
    "",
    "1 tool(s) found",
    "",
  ]);
  match((await list(["-t", "--all"])).stdout, /^weather .* unavailable$/m);
  const [tool] = JSON.parse((await list(["--tools", "--json"])).stdout);
  deepEqual([tool.tool_name, tool.tags, tool.available], ["search_pois", "poi,travel", true]);
});

Deno.test("list --tools=name describes one tool with a call that fits its schema", async () => {
  const inputSchema = {
    type: "object",
    properties: { location: { type: "string" } },
    required: ["location"],
  };
  const registry = fakeRegistry(
    agents,
    () => mcpResult({ tools: [{ name: "search_pois", description: "Finds places", inputSchema }] }),
  );
  const { code, stdout } = await list(["--tools=search_pois"], registry);
  equal(code, 0);
  match(stdout, /^Description: Finds places$/m);
  match(stdout, /^ {2}meshctl call search_pois '\{"location":"Tokyo"\}'$/m);
  equal(registry.requests.at(-1)?.url, "http://localhost:8000/proxy/127.0.0.1:9104/mcp");
  const unreachable = fakeRegistry(agents, () => new Response("no", { status: 502 }));
  match((await list(["--tools=search_pois"], unreachable)).stdout, /No input schema is available/);
  equal((await list(["--tools=serach_pois"])).code, 3);
});

Deno.test("list --tools=name shows what each chunk is, of a tool that says so", async () => {
  const chunk = { type: "string" };
  const tool = {
    name: "search_pois",
    inputSchema: { type: "object" },
    _meta: { "mesh/chunk": chunk, other: 1 },
  };
  const registry = () => fakeRegistry(agents, () => mcpResult({ tools: [tool] }));
  const { stdout } = await list(["--tools=search_pois"], registry());
  match(stdout, /\n\nStreams chunks of:\n\{\n {2}"type": "string"\n\}\n/);
  const json = JSON.parse((await list(["--tools=search_pois", "--json"], registry())).stdout);
  deepEqual(json.chunk_schema, chunk);
});

Deno.test("list --services groups capabilities with dots", async () => {
  const registry = () =>
    fakeRegistry([
      agentInfo({ capabilities: [toolInfo({ name: "trip.plan" }), toolInfo({ name: "weather" })] }),
      agentInfo({
        name: "down",
        status: "unhealthy",
        capabilities: [toolInfo({ name: "trip.book" })],
      }),
    ]);
  const { code, stdout } = await list(["--services"], registry());
  equal(code, 0);
  match(stdout, /^trip +plan +hello-agent +available$/m);
  equal(stdout.includes("book"), false);
  match((await list(["--services", "--all"], registry())).stdout, /^trip +book +down/m);
  const document = JSON.parse((await list(["--services", "--json"], registry())).stdout);
  deepEqual([document.services.length, document.ungrouped], [1, ["weather"]]);
});

Deno.test("list -o name prints names alone, -o wide shortens nothing, and a terminal is kept to", async () => {
  const long = "a-tool-with-a-name-that-goes-on-and-on-and-on-and-on-and-on";
  const registry = fakeRegistry([
    agentInfo({ capabilities: [toolInfo({ function_name: long, name: long })] }),
    agentInfo({ name: "other-agent" }),
  ]);
  const run = async (args: string[], columns?: number) => {
    const fixture = contextFixture({ ...registry, ...(columns === undefined ? {} : { columns }) });
    equal(await dispatch(["list", ...args], fixture.context), 0, fixture.stderr());
    return fixture.stdout();
  };
  equal(await run(["-o", "name"]), "hello-agent\nother-agent\n");
  equal(await run(["--tools", "-o", "name"]), `${long}\nhello\n`);
  equal((await run(["-o", "json"])).startsWith("{"), true);
  const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));
  equal(widest(await run(["--tools"], 60)), 60);
  equal((await run(["--tools"], 60)).includes(long), false);
  equal((await run(["--tools", "-o", "wide"], 60)).includes(long), true);
  equal((await run(["--tools"])).includes(long), true);
  const both = contextFixture(registry);
  equal(await dispatch(["list", "-o", "name", "--json"], both.context), 2);
});

Deno.test("list keeps the count of superseded agents within the width of a terminal", async () => {
  for (const [columns, note] of [[110, /3s \(\+1 superseded\)$/m], [90, /3s \(\+1\)$/m]] as const) {
    const { stdout } = await list([], { ...fakeRegistry(agents), columns });
    match(stdout, note);
    const rows = stdout.split("\n").filter((line) => line.startsWith("gateway"));
    equal(rows.every((line) => line.length <= columns), true, rows.join("\n"));
  }
});
