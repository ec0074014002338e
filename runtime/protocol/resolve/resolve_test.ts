import assert from "node:assert/strict";
import { HeartbeatResponseSchema } from "../registration.ts";
import { Pass } from "./availability.ts";
import { agentOf, directoryOf, type ToolInput } from "./mesh_fixture.ts";
import type { DirectoryAgent } from "./model.ts";
import { resolveAgent, wiringResponse } from "./resolve.ts";

const inputSchema = { type: "object" };
const placeholder = (capability: string) => ({
  agent_id: "",
  function_name: "",
  endpoint: "",
  capability,
  status: "unresolved",
});
const available = (id: string, capability: string, more: Record<string, unknown> = {}) => ({
  agent_id: id,
  function_name: capability,
  endpoint: `http://${id}:9000`,
  capability,
  status: "available",
  ...more,
});

interface Row {
  id: string;
  tools: ToolInput[];
  mesh: DirectoryAgent[];
  expected: Record<string, unknown>;
  facts?: Partial<DirectoryAgent>;
}

const one = (tool: ToolInput): ToolInput[] => [{ capability: "t", function_name: "f", ...tool }];
const wants = (...capabilities: string[]): ToolInput[] =>
  one({ dependencies: capabilities.map((capability) => ({ capability })) });
const answer = (more: Record<string, unknown>) => ({
  dependencies_resolved: {},
  llm_tools: {},
  ...more,
});
const math = (fn: string, tag: string): ToolInput => ({
  capability: "math",
  function_name: fn,
  tags: [tag],
});

const rows: Row[] = [
  {
    id: "D1 placeholders keep positions",
    tools: wants("a", "missing", "b"),
    mesh: [agentOf("x", [{ capability: "a" }]), agentOf("y", [{ capability: "b" }])],
    expected: answer({
      dependencies_resolved: {
        f: [available("x", "a"), placeholder("missing"), available("y", "b")],
      },
    }),
  },
  { id: "D2 no dependencies", tools: one({}), mesh: [], expected: answer({}) },
  { id: "D2 no tools", tools: [], mesh: [], expected: answer({}) },
  {
    id: "D3 empty capability",
    tools: wants(""),
    mesh: [],
    expected: answer({ dependencies_resolved: { f: [placeholder("")] } }),
  },
  {
    id: "D4 another tool of its own",
    tools: [...wants("own"), { capability: "own" }],
    mesh: [],
    expected: answer({ dependencies_resolved: { f: [available("me", "own")] } }),
  },
  {
    id: "D6 host 0.0.0.0 is passed on",
    tools: wants("a"),
    mesh: [agentOf("x", [{ capability: "a" }], { endpoint: "http://0.0.0.0:9000" })],
    expected: answer({
      dependencies_resolved: { f: [available("x", "a", { endpoint: "http://0.0.0.0:9000" })] },
    }),
  },
  {
    id: "D7 provider without an HTTP endpoint",
    tools: wants("a"),
    mesh: [agentOf("x", [{ capability: "a" }], { endpoint: "stdio://x" })],
    expected: answer({
      dependencies_resolved: { f: [available("x", "a", { endpoint: "stdio://x" })] },
    }),
  },
  {
    id: "D10 provider down",
    tools: wants("a"),
    mesh: [agentOf("x", [{ capability: "a" }], { status: "unhealthy" })],
    expected: answer({ dependencies_resolved: { f: [placeholder("a")] } }),
  },
  {
    id: "T25 four tags, four functions, declared order",
    tools: one({
      dependencies: ["add", "sub", "mul", "div"].map((tag) => ({
        capability: "math",
        tags: [tag],
      })),
    }),
    mesh: [agentOf("x", [math("d", "div"), math("m", "mul"), math("a", "add"), math("s", "sub")])],
    expected: answer({
      dependencies_resolved: {
        f: ["a", "s", "m", "d"].map((fn) => available("x", "math", { function_name: fn })),
      },
    }),
  },
  {
    id: "V25 the first fails its version, the second resolves",
    tools: one({ dependencies: [{ capability: "a", version: "<2.0.0" }, { capability: "a" }] }),
    mesh: [agentOf("x", [{ capability: "a", version: "2.1.0" }])],
    expected: answer({ dependencies_resolved: { f: [placeholder("a"), available("x", "a")] } }),
  },
  {
    id: "R2 provider with an unmet requirement",
    tools: wants("b"),
    mesh: [
      agentOf("x", [{ capability: "b", dependencies: [{ capability: "none", required: true }] }]),
    ],
    expected: answer({ dependencies_resolved: { f: [placeholder("b")] } }),
  },
  {
    id: "E1 two tools of one function name",
    tools: [...wants("a", "none"), ...one({}), ...wants("b")],
    mesh: [agentOf("x", [{ capability: "a" }, { capability: "b" }])],
    expected: answer({
      dependencies_resolved: { f: [available("x", "a"), placeholder("none"), available("x", "b")] },
    }),
  },
  {
    id: "E2 kwargs of the provider",
    tools: wants("a"),
    mesh: [agentOf("x", [{ capability: "a", kwargs: { timeout: 60 } }])],
    expected: answer({
      dependencies_resolved: { f: [available("x", "a", { kwargs: { timeout: 60 } })] },
    }),
  },
  {
    id: "E3 the consumer being down does not matter",
    tools: wants("a"),
    mesh: [agentOf("x", [{ capability: "a" }])],
    facts: { status: "unhealthy" },
    expected: answer({ dependencies_resolved: { f: [available("x", "a")] } }),
  },
  {
    id: "L6 empty filter",
    tools: one({ llm_filter: { filter: [] } }),
    mesh: [],
    expected: answer({ llm_tools: { f: [] } }),
  },
  {
    id: "L13 host 0.0.0.0 becomes localhost",
    tools: one({ llm_filter: { filter: ["a"] }, llm_provider: { capability: "llm" } }),
    mesh: [agentOf("x", [
      { capability: "a", description: "A", inputSchema, tags: ["p"], version: "2.0.0" },
      { capability: "llm", inputSchema, kwargs: { vendor: "anthropic" }, tags: ["q"] },
    ], { endpoint: "https://0.0.0.0:9000" })],
    expected: answer({
      llm_tools: {
        f: [{
          name: "a",
          capability: "a",
          description: "A",
          endpoint: "https://localhost:9000",
          inputSchema,
          tags: ["p"],
          version: "2.0.0",
        }],
      },
      llm_providers: {
        f: {
          name: "llm",
          endpoint: "https://localhost:9000",
          agent_id: "x",
          capability: "llm",
          status: "available",
          vendor: "anthropic",
          tags: ["q"],
          version: "1.0.0",
          kwargs: { vendor: "anthropic" },
        },
      },
    }),
  },
  {
    id: "L14 two functions, two lists",
    tools: [
      { capability: "t", function_name: "f", llm_filter: { filter: ["a"] } },
      { capability: "t", function_name: "g", llm_filter: { filter: ["none"] } },
      { capability: "t", function_name: "h", llm_filter: { filter: "*" } },
    ],
    mesh: [agentOf("x", [{ capability: "a", inputSchema }])],
    expected: answer({
      llm_tools: {
        f: [{
          name: "a",
          capability: "a",
          description: "",
          endpoint: "http://x:9000",
          inputSchema,
          tags: [],
          version: "1.0.0",
        }],
        g: [],
      },
    }),
  },
  {
    id: "L19 no provider, no key",
    tools: one({ llm_provider: { capability: "llm" } }),
    mesh: [],
    expected: answer({}),
  },
  {
    id: "L20 vendor unknown",
    tools: one({ llm_provider: { capability: "llm" } }),
    mesh: [agentOf("x", [{ capability: "llm", inputSchema, kwargs: { vendor: 7 } }])],
    expected: answer({
      llm_providers: {
        f: {
          name: "llm",
          endpoint: "http://x:9000",
          agent_id: "x",
          capability: "llm",
          status: "available",
          vendor: "unknown",
          version: "1.0.0",
          kwargs: { vendor: 7 },
        },
      },
    }),
  },
];

for (const { id, tools, mesh, expected, facts } of rows) {
  Deno.test(`wiringResponse() ${id}`, () => {
    const agent = agentOf("me", tools, facts);
    const pass = new Pass(directoryOf(agent, ...mesh));
    const response = wiringResponse(agent, resolveAgent(pass, agent));
    assert.deepEqual(response, expected);
    const envelope = { status: "success", timestamp: "", message: "", agent_id: agent.id };
    assert.deepEqual(
      HeartbeatResponseSchema.parse({ ...envelope, ...response }),
      { ...envelope, ...response },
    );
  });
}

Deno.test("resolveAgent() joins the LLM tools of one function name without repeating one", () => {
  const agent = agentOf("me", [
    ...one({ llm_filter: { filter: ["a"] } }),
    ...one({ llm_filter: { filter: ["b", "a"] } }),
  ]);
  const tools = [{ capability: "a", inputSchema }, { capability: "b", inputSchema }];
  const pass = new Pass(directoryOf(agent, agentOf("x", tools)));
  const names = resolveAgent(pass, agent).llmTools.get("f")?.map(({ tool }) => tool.capability);
  assert.deepEqual(names, ["a", "b"]);
});

Deno.test("resolveAgent() takes the first LLM provider declared for a function name", () => {
  const agent = agentOf("me", [
    ...one({ llm_provider: { capability: "none" } }),
    ...one({ llm_provider: { capability: "p" } }),
    ...one({ llm_provider: { capability: "q" } }),
  ]);
  const tools = [{ capability: "p", inputSchema }, { capability: "q", inputSchema }];
  const pass = new Pass(directoryOf(agent, agentOf("x", tools)));
  assert.equal(resolveAgent(pass, agent).llmProviders.get("f")?.[0]?.tool.capability, "p");
});

Deno.test("wiringResponse() keeps a function named __proto__", () => {
  const agent = agentOf("me", [
    { capability: "t", function_name: "__proto__", dependencies: [{ capability: "a" }] },
  ]);
  const response = wiringResponse(agent, resolveAgent(new Pass(directoryOf(agent)), agent));
  assert.equal(
    JSON.stringify(response.dependencies_resolved),
    `{"__proto__":[${JSON.stringify(placeholder("a"))}]}`,
  );
});

Deno.test("resolveAgent() sees every replica of equal rank", () => {
  const agent = agentOf("me", wants("a"));
  const replicas = ["r-3", "r-1", "r-2"].map((id) => agentOf(id, [{ capability: "a" }]));
  const [match] =
    resolveAgent(new Pass(directoryOf(agent, ...replicas)), agent).dependencies.get("f") ?? [];
  assert.equal(match?.chosen?.agent.id, "r-1");
  assert.deepEqual(match?.equals.map(({ agent }) => agent.id), ["r-1", "r-2", "r-3"]);
});

const replicas: [name: string, mesh: DirectoryAgent[], chosen: string, alternates: string[]][] = [
  ["one provider has none", [agentOf("a", [{ capability: "c" }])], "a", []],
  ["equals follow by id", ["c", "a", "b"].map((id) => agentOf(id, [{ capability: "c" }])), "a", [
    "b",
    "c",
  ]],
  [
    "a lower version is no equal",
    [
      agentOf("a", [{ capability: "c", version: "1.0.0" }]),
      agentOf("b", [{ capability: "c", version: "1.1.0" }]),
    ],
    "b",
    [],
  ],
  [
    "a suspect is passed over",
    [
      agentOf("a", [{ capability: "c" }], { suspect: true }),
      agentOf("b", [{ capability: "c" }]),
      agentOf("c", [{ capability: "c" }]),
    ],
    "b",
    ["c"],
  ],
  [
    "a suspect beats nobody at all",
    [agentOf("a", [{ capability: "c" }], { suspect: true })],
    "a",
    [],
  ],
  [
    "suspects stand in for each other",
    [
      agentOf("b", [{ capability: "c" }], { suspect: true }),
      agentOf("a", [{ capability: "c" }], { suspect: true }),
    ],
    "a",
    ["b"],
  ],
  [
    "a suspect of a higher version still wins",
    [
      agentOf("a", [{ capability: "c", version: "2.0.0" }], { suspect: true }),
      agentOf("b", [{ capability: "c", version: "1.0.0" }]),
    ],
    "a",
    [],
  ],
];

Deno.test("wiringResponse() alternates: tools of one agent do not stand in for each other", () => {
  const history = (id: string, ...names: string[]) =>
    agentOf(id, names.map((function_name) => ({ function_name, capability: "c" })));
  const mesh = [
    history("a", "get", "save"),
    history("b", "save", "get"),
    history("c", "save", "read"),
  ];
  const agent = agentOf("me", wants("c"));
  const wiring = resolveAgent(new Pass(directoryOf(agent, ...mesh)), agent);
  const entry = wiringResponse(agent, wiring, { extended: true }).dependencies_resolved?.f?.[0];
  assert.equal(entry?.function_name, "get");
  assert.deepEqual(
    entry?.alternates?.map(({ agent_id, function_name }) => [agent_id, function_name]),
    [["b", "get"], ["c", "save"]],
  );
});

for (const [name, mesh, chosen, alternates] of replicas) {
  Deno.test(`wiringResponse() alternates: ${name}`, () => {
    const agent = agentOf("me", wants("c"));
    const wiring = resolveAgent(new Pass(directoryOf(agent, ...mesh)), agent);
    const entry = wiringResponse(agent, wiring, { extended: true }).dependencies_resolved?.f?.[0];
    assert.equal(entry?.agent_id, chosen);
    assert.deepEqual(entry?.alternates?.map(({ agent_id }) => agent_id) ?? [], alternates);
    const plain = wiringResponse(agent, wiring).dependencies_resolved?.f?.[0];
    assert.equal(plain?.alternates, undefined, "only for those who ask");
  });
}
