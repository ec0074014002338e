import { deepEqual, equal, match, ok } from "node:assert/strict";
import { ERAS, type GatewayScene, type Json, scene, tool } from "./gateway_fixture.ts";

const SEARCH = "/mcp?mode=search";

async function travel({ join }: GatewayScene): Promise<void> {
  const schema = { type: "object", properties: { city: { type: "string" } } };
  await join("flight-agent", { flight_search: ({ args }) => ({ found: args }) }, {
    tools: [
      tool("flight_search", {
        description: "Finds flights. Prices are in dollars.",
        tags: ["travel", "beta"],
        capability: "search.flights",
        inputSchema: schema,
        outputSchema: { type: "array" },
      }),
    ],
  });
  await join("hotel-agent", { hotel_search: () => "rooms" }, {
    tools: [tool("hotel_search", { tags: ["travel"], capability: "search.hotels" })],
  });
  await join("sky", { weather: () => "sunny" });
}

async function callTool(
  { post }: GatewayScene,
  name: string,
  args: Json = {},
  path = SEARCH,
): Promise<Json> {
  const { result, error } = await post(path, {
    method: "tools/call",
    params: { name, arguments: args },
  });
  return result ?? error;
}

scene("search mode offers three tools, however many there are", async (scene) => {
  await travel(scene);
  const { result: { tools } } = await scene.post(SEARCH, { method: "tools/list" });
  const names = tools.map(({ name }: Json) => name);
  deepEqual(names, ["search_tools", "describe_tool", "call_tool"]);
  ok(JSON.stringify(tools).length < 4_000, "it costs a client little");
  match((await callTool(scene, "flight_search")).message, /Unknown tool: flight_search/);
});

const searches: [args: Json, names: string[], total: number][] = [
  [{}, ["flight_search", "hotel_search", "weather"], 3],
  [{ query: "find a flight" }, ["flight_search"], 1],
  [{ query: "search" }, ["hotel_search", "flight_search"], 2],
  [{ capability: "search.*", tags: ["-beta"] }, ["hotel_search"], 1],
  [{ query: "search", limit: 1 }, ["hotel_search"], 2],
  [{ query: "dinosaurs" }, [], 0],
];
for (const [args, names, total] of searches) {
  scene(`search_tools ${JSON.stringify(args)}`, async (scene) => {
    await travel(scene);
    const { structuredContent, content } = await callTool(scene, "search_tools", args);
    deepEqual(structuredContent.tools.map(({ name }: Json) => name), names);
    equal(structuredContent.total, total);
    deepEqual(JSON.parse(content[0].text), structuredContent);
  });
}

scene("search_tools tells one line of each tool", async (scene) => {
  await travel(scene);
  const { structuredContent } = await callTool(scene, "search_tools", { query: "flight" });
  deepEqual(structuredContent.tools, [{ name: "flight_search", description: "Finds flights." }]);
});

scene("search_tools stays within what the address filters", async (scene) => {
  await travel(scene);
  const path = `${SEARCH}&tags=-beta`;
  const { structuredContent } = await callTool(scene, "search_tools", {}, path);
  deepEqual(structuredContent.tools.map(({ name }: Json) => name), ["hotel_search", "weather"]);
  const { isError } = await callTool(scene, "call_tool", { name: "flight_search" }, path);
  equal(isError, true);
});

scene("describe_tool shows what a tool takes and answers", async (scene) => {
  await travel(scene);
  const { structuredContent } = await callTool(scene, "describe_tool", { name: "flight_search" });
  equal(structuredContent.name, "flight_search");
  deepEqual(structuredContent.inputSchema.properties, { city: { type: "string" } });
  deepEqual(structuredContent.outputSchema, { type: "array" });
  equal(structuredContent._meta["mesh/agent"], "flight-agent");
});

scene("call_tool calls, with all that happens on the way", async (scene) => {
  await travel(scene);
  const args = { name: "flight_search", arguments: { city: "Tokyo" } };
  const { content } = await callTool(scene, "call_tool", args);
  equal(content[0].text, '{"found":{"city":"Tokyo"}}');
  await scene.join("counter", {
    count: async ({ notify }) => {
      await notify({ progress: 1 });
      return "counted";
    },
  });
  for (const era of Object.keys(ERAS) as (keyof typeof ERAS)[]) {
    const client = await scene.client(SEARCH, era);
    await client.listTools();
    const heard: number[] = [];
    const result = await client.callTool({ name: "call_tool", arguments: { name: "count" } }, {
      onprogress: ({ progress }) => heard.push(progress),
    });
    deepEqual(result.content, [{ type: "text", text: '"counted"' }]);
    deepEqual(heard, [1]);
    const found = await client.callTool({ name: "search_tools", arguments: { query: "count" } });
    deepEqual(found.structuredContent, {
      tools: [{ name: "count", description: "Does count" }],
      total: 1,
    });
  }
});

scene("a name that is none is told, with the nearest that are", async (scene) => {
  await travel(scene);
  for (const by of ["describe_tool", "call_tool"]) {
    for (const [name, meant] of [["flihgt_search", "flight_search"], ["wether", "weather"]]) {
      const { isError, content } = await callTool(scene, by, { name });
      equal(isError, true);
      match(content[0].text, new RegExp(`There is no tool "${name}". Did you mean .*${meant}`));
    }
    const { content } = await callTool(scene, by, { name: "dinosaurs" });
    equal(content[0].text, 'There is no tool "dinosaurs".');
  }
  await scene.join("weather-2", { weather: () => "rain" });
  const { content } = await callTool(scene, "call_tool", { name: "weather" });
  match(content[0].text, /Several agents offer "weather".* sky__weather or weather-2__weather/);
});

scene("arguments that do not fit are told", async (scene) => {
  for (
    const [name, args] of [
      ["search_tools", { limit: 0 }],
      ["describe_tool", {}],
      ["call_tool", { name: "x", arguments: [] }],
    ] as const
  ) {
    const { isError, content } = await callTool(scene, name, args);
    equal(isError, true);
    match(content[0].text, /The arguments do not fit/);
  }
});

scene("call_tool reaches a tool that wants arguments repeated in headers", async (scene) => {
  const region = { type: "string", "x-mcp-header": "Region" };
  await scene.join("asking", { ask: ({ args }) => args }, {
    runtime: "deno",
    tools: [tool("ask", { inputSchema: { type: "object", properties: { region } } })],
  });
  const client = await scene.client(SEARCH, "2026-07-28");
  const args = { name: "ask", arguments: { region: "eu" } };
  const { content } = await client.callTool({ name: "call_tool", arguments: args });
  deepEqual(content, [{ type: "text", text: '{"region":"eu"}' }]);
  // Its caller was not told which; in the older era nobody asks for them.
  equal(scene.network.received.at(-1)?.headers.has("mcp-protocol-version"), false);
  const direct = await scene.client("/mcp", "2026-07-28");
  await direct.listTools();
  await direct.callTool(args);
  const { headers } = scene.network.received.at(-1) ?? {};
  equal(headers?.get("mcp-protocol-version"), "2026-07-28");
  equal(headers?.get("mcp-param-region"), "eu");
});
