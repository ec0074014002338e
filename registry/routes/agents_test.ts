import { deepEqual, equal, match } from "node:assert/strict";
import { consumer, provider, row } from "../suites/mesh_fixture.ts";

row("A1", "an empty registry lists [] rather than null", async (mesh) => {
  const body = await (await mesh.send("/agents")).json();
  deepEqual([body.agents, body.count], [[], 0]);
  match(body.timestamp, /^\d{4}-\d\d-\d\dT.*Z$/);
});

row("A2", "an agent without an address", async (mesh) => {
  await mesh.register({ agent_id: "x" });
  equal((await mesh.agent("x")).endpoint, "stdio://x");
});

row("listing", "an agent has every field of the reference", async (mesh) => {
  await mesh.register({
    ...provider("weather-1", []),
    name: "weather",
    version: "1.2.3",
    description: " Says the weather ",
    runtime: "deno",
    tools: [{
      function_name: "now",
      capability: "weather",
      tags: ["sky"],
      description: "the weather now",
      version: "2.0.0",
      kwargs: { task: true },
    }],
  });
  const time = new Date(mesh.now).toISOString();
  deepEqual(await (await mesh.send("/agents")).json(), {
    agents: [{
      id: "weather-1",
      name: "weather",
      agent_type: "mcp_agent",
      runtime: "deno",
      description: "Says the weather",
      a2a_producer: false,
      a2a_consumer: false,
      status: "healthy",
      endpoint: "http://provider.test:9000",
      capabilities: [{
        name: "weather",
        version: "2.0.0",
        function_name: "now",
        tags: ["sky"],
        description: "the weather now",
        task: true,
        available: true,
      }],
      total_dependencies: 0,
      dependencies_resolved: 0,
      dependency_resolutions: [],
      llm_tool_resolutions: [],
      llm_provider_resolutions: [],
      created_at: time,
      last_seen: time,
      version: "1.2.3",
    }],
    count: 1,
    timestamp: time,
  });
});

const queries: [id: string, query: string, ids: string[]][] = [
  ["A3", "?capabilities=weather", []],
  ["A3 exact", "?capabilities=weather_service", ["w"]],
  ["A4", "?capabilities=WEATHER&fuzzy=true", ["w"]],
  ["A5", "?capabilities=weather_service&capabilities=maps", ["w", "m"]],
  ["A6", "?capabilities=weather_service,maps", []],
  ["A8", "?status=bogus", []],
  ["A8 healthy", "?status=healthy", ["w", "g"]],
  ["A8 unhealthy", "?status=unhealthy", ["m"]],
  ["A9", "?type=api", ["g"]],
  ["namespace", "?namespace=prod", ["g"]],
  ["both", "?namespace=prod&type=mcp_agent", []],
  ["ignored", "?tags=x&version=9", ["w", "m", "g"]],
];
for (const [id, query, ids] of queries) {
  row(id, `GET /agents${query}`, async (mesh) => {
    await mesh.register(provider("w", "weather_service"));
    await mesh.register(provider("m", "maps"));
    await mesh.register({ agent_id: "g", agent_type: "api", namespace: "prod" });
    await mesh.unregister("m");
    deepEqual((await mesh.agents(query)).map((agent) => agent.id), ids);
  });
}

row("A7", "fuzzy must be a truth value", async (mesh) => {
  const response = await mesh.send("/agents?fuzzy=maybe");
  equal(response.status, 400);
  match((await response.json()).error, /^Invalid query parameters: fuzzy="maybe"/);
});

row("A10, A11, A12", "how dependencies stand", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.register(consumer("a", "c", "missing"));
  const rows = async () => {
    const { total_dependencies, dependencies_resolved, dependency_resolutions } = await mesh.agent(
      "a",
    );
    return [total_dependencies, dependencies_resolved, dependency_resolutions];
  };
  const missing = { function_name: "use", capability: "missing", status: "unresolved" };
  const resolved = {
    function_name: "use",
    capability: "c",
    mcp_tool: "c",
    provider_agent_id: "p",
    endpoint: "http://provider.test:9000",
  };
  deepEqual(await rows(), [2, 1, [{ ...resolved, status: "available" }, missing]]);
  await mesh.unregister("p");
  deepEqual(await rows(), [2, 0, [{ ...resolved, status: "unavailable" }, missing]]);
  await mesh.register(consumer("a", "c", "missing"));
  const lost = { function_name: "use", capability: "c", status: "unresolved" };
  deepEqual(await rows(), [2, 0, [lost, missing]]);
});

row("A13", "the tools of a dead agent are unavailable", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.unregister("p");
  const { status, capabilities } = await mesh.agent("p");
  equal(status, "unhealthy");
  const [tool] = capabilities ?? [];
  deepEqual([tool?.available, tool?.unavailable_reason], [false, "agent unhealthy"]);
});

row("R1, R4", "a tool whose required dependency is missing says so", async (mesh) => {
  await mesh.register({
    agent_id: "b",
    tools: [{
      function_name: "f",
      capability: "B",
      dependencies: [{ capability: "Missing", required: true }],
    }],
  });
  const reason = async () => (await mesh.agent("b")).capabilities?.[0]?.unavailable_reason;
  equal(await reason(), "required dep 'Missing' unresolved");
  await mesh.register(provider("m", "Missing"));
  equal(await reason(), undefined);
  await mesh.unregister("m");
  equal(await reason(), "required dep 'Missing' unavailable (provider m unhealthy)");
});

row(
  "tags",
  "lists of tags are lists of texts, as the reference's command line wants them",
  async (mesh) => {
    const groups = [["a", "-b"], ["c"]];
    await mesh.register(provider("p", "c"));
    await mesh.register({
      agent_id: "a",
      tools: [{
        function_name: "f",
        capability: "d",
        dependencies: [
          { capability: "c", tags: ["x", groups[0]!, "+y", groups[1]!] },
          { capability: "c", tags: [groups[1]!] },
        ],
        llm_filter: {
          filter: [{ capability: "c", tags: ["a", ["x", "y"], 3] }, { capability: 3, tags: "s" }, [
            1,
          ]],
          filter_mode: "all",
        },
      }],
    });
    const { dependency_resolutions, capabilities, llm_tool_resolutions } = await mesh.agent("a");
    deepEqual(
      dependency_resolutions?.map(({ tags, tag_groups }) => [tags, tag_groups]),
      [[["x", "+y"], groups], [undefined, [groups[1]]]],
    );
    deepEqual(capabilities?.[0]?.llm_filter?.["filter"], [{ capability: "c", tags: ["a"] }, {}]);
    deepEqual(llm_tool_resolutions?.map(({ filter_tags }) => filter_tags), [["a"], undefined]);
    const [audit] = await mesh.events("?agent_id=a&type=dependency_unresolved&limit=50");
    const { spec } = audit?.data as { spec: unknown };
    deepEqual(spec, { capability: "c", tag_groups: [groups[1]], schema_mode: "none" });
  },
);

row("LLM columns", "no offered tool is without a filter", async (mesh) => {
  const sky = (tags: string[]) => ({
    ...provider("p", []),
    tools: [{ function_name: "t", capability: "c", tags, inputSchema: {} }],
  });
  const asking = (filter: unknown, filter_mode: string) => ({
    agent_id: "a",
    tools: [{ function_name: "f", capability: "d", llm_filter: { filter, filter_mode } }],
  });
  const filters = async () =>
    (await mesh.agent("a")).llm_tool_resolutions?.map(({ filter_capability, mcp_tool }) => [
      filter_capability,
      mcp_tool,
    ]);
  await mesh.register(sky(["sky"]));
  await mesh.register(asking([{ tags: ["sky"] }], "all"));
  deepEqual(await filters(), [["", "t"]]);
  await mesh.register(sky([]));
  deepEqual(await filters(), [["", undefined], ["c", "t"]]);
  await mesh.register(asking([{ capability: "none" }], "*"));
  deepEqual(await filters(), [["*", "t"]]);
});

row("LLM columns", "filters, providers and what they led to", async (mesh) => {
  await mesh.register({
    ...provider("p", []),
    tools: [
      { function_name: "t", capability: "c", inputSchema: {} },
      { function_name: "process_chat", capability: "llm", inputSchema: {} },
    ],
  });
  const chat = (filter: unknown) => ({
    agent_id: "a",
    tools: [{
      function_name: "constructor",
      capability: "chat",
      llm_filter: { filter, filter_mode: "all" },
      llm_provider: { capability: "llm", tags: ["+big"] },
    }],
  });
  await mesh.register(chat(["c"]));
  const shown = await mesh.agent("a");
  deepEqual(shown.capabilities?.[0]?.llm_filter, {
    filter: [{ capability: "c" }],
    filter_mode: "all",
  });
  deepEqual(shown.capabilities?.[0]?.llm_provider, { capability: "llm", tags: ["+big"] });
  const endpoint = "http://provider.test:9000";
  deepEqual(shown.llm_tool_resolutions, [{
    function_name: "constructor",
    status: "available",
    filter_capability: "c",
    filter_mode: "all",
    provider_agent_id: "p",
    provider_capability: "c",
    mcp_tool: "t",
    endpoint,
  }]);
  deepEqual(shown.llm_provider_resolutions, [{
    function_name: "constructor",
    status: "available",
    required_capability: "llm",
    required_tags: ["+big"],
    provider_agent_id: "p",
    mcp_tool: "process_chat",
    endpoint,
  }]);
  await mesh.register(chat([{ capability: "none", tags: ["x"] }]));
  deepEqual((await mesh.agent("a")).llm_tool_resolutions, [{
    function_name: "constructor",
    status: "unresolved",
    filter_capability: "none",
    filter_tags: ["x"],
    filter_mode: "all",
  }]);
  await mesh.register(
    chat([{ capability: "none" }, { tags: ["x"] }, { capability: "c" }, "*", {}]),
  );
  deepEqual(
    (await mesh.agent("a")).llm_tool_resolutions?.map((row) => [
      row.filter_capability,
      row.status,
      row.mcp_tool,
    ]),
    [
      ["none", "unresolved", undefined],
      ["", "unresolved", undefined],
      ["c", "available", "t"],
      ["*", "available", "process_chat"],
      ["*", "available", "t"],
    ],
  );
  await mesh.register(chat("*"));
  const bare = await mesh.agent("a");
  deepEqual(bare.capabilities?.[0]?.llm_filter?.["filter"], [{ capability: "*" }]);
  await mesh.unregister("p");
  equal((await mesh.agent("a")).llm_provider_resolutions?.[0]?.status, "unavailable");
});
