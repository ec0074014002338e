import assert from "node:assert/strict";
import { Pass } from "./availability.ts";
import { matchLlmProviders, matchLlmTools } from "./llm.ts";
import { agentOf, directoryOf, type ToolInput, toolOf } from "./mesh_fixture.ts";
import type { DirectoryAgent } from "./model.ts";
import { wiringResponse } from "./resolve.ts";
import { candidateId } from "./trail.ts";

const inputSchema = { type: "object" };

/** An agent with one tool that a model can see. */
const seen = (
  id: string,
  functionName: string,
  tool: ToolInput = {},
  facts: Partial<DirectoryAgent> = {},
): DirectoryAgent =>
  agentOf(id, [{ capability: "c", function_name: functionName, inputSchema, ...tool }], facts);

const blocked = { dependencies: [{ capability: "none", required: true }] };
const elsewhere = { namespace: "other" };
const down = { status: "unhealthy" } as const;

interface ToolsRow {
  id: string;
  filter?: unknown;
  mode?: string | null;
  mesh: DirectoryAgent[];
  /** `agent:function` in order; `undefined` when the key is absent. */
  expected: string[] | undefined;
}

const consumer = agentOf("me", [{ capability: "own", function_name: "mine", inputSchema }]);
const v1v2 = () => [seen("a", "f1", { version: "1.0.0" }), seen("b", "f2", { version: "2.0.0" })];
const sameName = () => [
  seen("a", "f", { version: "1.0.0" }),
  seen("b", "f", { version: "2.0.0" }),
];

const toolRows: ToolsRow[] = [
  {
    id: "L1 all",
    filter: [{ capability: "c" }],
    mode: "all",
    mesh: v1v2(),
    expected: ["a:f1", "b:f2"],
  },
  {
    id: "L2 best_match",
    filter: [{ capability: "c" }],
    mode: "best_match",
    mesh: v1v2(),
    expected: ["b:f2"],
  },
  {
    id: "L3 one function name, all",
    filter: ["c"],
    mode: "all",
    mesh: sameName(),
    expected: ["a:f"],
  },
  {
    id: "L3 one function name, best_match takes the newest",
    filter: ["c"],
    mode: "best_match",
    mesh: sameName(),
    expected: ["b:f"],
  },
  {
    id: "L4 name",
    filter: ["c"],
    mesh: [seen("a", "f"), seen("b", "g", { capability: "d" })],
    expected: ["a:f"],
  },
  {
    id: "L5 no input schema",
    filter: ["c"],
    mesh: [seen("a", "f", { inputSchema: null })],
    expected: [],
  },
  { id: "L6 empty filter", filter: [], mesh: v1v2(), expected: [] },
  { id: "L7 not a list", filter: "*", mesh: v1v2(), expected: undefined },
  { id: "L7 missing", mesh: v1v2(), expected: undefined },
  { id: "L7 an object", filter: { capability: "c" }, mode: "*", mesh: v1v2(), expected: undefined },
  { id: "L8 no mode", filter: ["c"], mode: null, mesh: v1v2(), expected: ["a:f1", "b:f2"] },
  { id: "L8 unknown mode", filter: ["c"], mode: "any", mesh: v1v2(), expected: ["a:f1", "b:f2"] },
  {
    id: "L9 everything but its own",
    filter: ["*"],
    mode: "*",
    mesh: [consumer, ...v1v2(), seen("d", "g", { capability: "d" })],
    expected: ["a:f1", "b:f2", "d:g"],
  },
  {
    id: "L9 mode * ignores the entries",
    filter: ["none"],
    mode: "*",
    mesh: [consumer, ...v1v2()],
    expected: ["a:f1", "b:f2"],
  },
  {
    id: "L9 mode * keeps the first of a name",
    filter: [],
    mode: "*",
    mesh: sameName(),
    expected: ["a:f"],
  },
  { id: "L10 its own tool", filter: ["own"], mode: "all", mesh: [consumer], expected: ["me:mine"] },
  {
    id: "L10 entry * with mode all includes its own",
    filter: ["*"],
    mode: "all",
    mesh: [consumer, ...v1v2()],
    expected: ["me:mine", "a:f1", "b:f2"],
  },
  {
    id: "L11 version",
    filter: [{ capability: "c", version: ">=2" }],
    mesh: v1v2(),
    expected: ["b:f2"],
  },
  { id: "L12 nothing matches", filter: ["none"], mesh: v1v2(), expected: [] },
  {
    id: "E1 ordered by tag score",
    filter: [{ tags: ["+p", "+q"] }],
    mesh: [
      seen("a", "f1"),
      seen("b", "f2", { tags: ["p"] }),
      seen("d", "f3", { tags: ["q", "p"] }),
      seen("e", "f4", { tags: ["q"] }),
    ],
    expected: ["d:f3", "b:f2", "e:f4", "a:f1"],
  },
  {
    id: "E2 tags without a capability",
    filter: [{ tags: ["p", "-bad"] }],
    mesh: [
      seen("a", "f1", { tags: ["p", "bad"] }),
      seen("b", "f2", { tags: ["p"], capability: "d" }),
      seen("d", "f3"),
    ],
    expected: ["b:f2"],
  },
  {
    id: "E3 unavailable tools are not offered",
    filter: ["c"],
    mesh: [seen("a", "f1", blocked), seen("b", "f2")],
    expected: ["b:f2"],
  },
  {
    id: "E4 nor unhealthy ones, nor those of another namespace",
    filter: ["*"],
    mesh: [seen("a", "f1", {}, down), seen("b", "f2", {}, elsewhere), seen("d", "f3")],
    expected: ["d:f3"],
  },
  {
    id: "E5 entries add up, each function once",
    filter: ["d", "c", { tags: [] }, "d"],
    mesh: [seen("a", "f1"), seen("b", "f2", { capability: "d" })],
    expected: ["b:f2", "a:f1"],
  },
  {
    id: "E6 best_match in order of first appearance",
    filter: ["d", "c"],
    mode: "best_match",
    mesh: [...v1v2(), seen("d", "g", { capability: "d" })],
    expected: ["d:g", "b:f2"],
  },
  {
    id: "E7 best_match, same version, more tags",
    filter: ["c"],
    mode: "best_match",
    mesh: [seen("a", "f1", { tags: ["x"] }), seen("b", "f2", { tags: ["x", "y"] })],
    expected: ["b:f2"],
  },
  {
    id: "E8 best_match, all equal, first",
    filter: ["c"],
    mode: "best_match",
    mesh: [seen("b", "f2"), seen("a", "f1")],
    expected: ["b:f2"],
  },
  {
    id: "E9 best_match, two capabilities with one function name",
    filter: ["c", "d"],
    mode: "best_match",
    mesh: [seen("a", "f"), seen("b", "f", { capability: "d" })],
    expected: ["a:f"],
  },
  { id: "E10 entries that mean nothing", filter: [1, null, ["c"], ""], mesh: v1v2(), expected: [] },
  {
    id: "E11 tags of a wrong type are dropped",
    filter: [{ capability: "c", tags: [1, ["x"]], version: 2 }],
    mesh: v1v2(),
    expected: ["a:f1", "b:f2"],
  },
];

for (const row of toolRows) {
  Deno.test(`matchLlmTools() ${row.id}`, () => {
    const tool = toolOf({
      capability: "t",
      llm_filter: {
        ...("filter" in row ? { filter: row.filter } : {}),
        ...(row.mode === undefined ? {} : { filter_mode: row.mode }),
      },
    });
    const found = matchLlmTools(new Pass(directoryOf(...row.mesh)), consumer, tool);
    assert.deepEqual(found?.map(candidateId), row.expected);
  });
}

Deno.test("matchLlmTools() L7 no filter declared", () => {
  const pass = new Pass(directoryOf(...v1v2()));
  assert.equal(matchLlmTools(pass, consumer, toolOf({ capability: "t" })), undefined);
});

interface ProviderRow {
  id: string;
  asks: NonNullable<ToolInput["llm_provider"]> | null;
  mesh: DirectoryAgent[];
  expected: string | undefined;
}

const llm = (
  id: string,
  version: string,
  tags: string[] = [],
  more: ToolInput = {},
  facts: Partial<DirectoryAgent> = {},
) => seen(id, "chat", { capability: "llm", version, tags, ...more }, facts);
const vendors = () => [llm("a", "1.0.0", ["claude"]), llm("b", "1.0.0", ["gpt"])];
const versions = (...tags: string[]) => [
  llm("a", "4.6.0", tags),
  llm("b", "4.7.0", tags),
  llm("c", "5.0.0", tags),
];

const providerRows: ProviderRow[] = [
  {
    id: "L16 newest also without tags",
    asks: { capability: "llm" },
    mesh: [llm("a", "4.6.0"), llm("b", "5.0.0")],
    expected: "b",
  },
  {
    id: "L17 required tag",
    asks: { capability: "llm", tags: ["claude"] },
    mesh: vendors(),
    expected: "a",
  },
  {
    id: "L17 preferred tag",
    asks: { capability: "llm", tags: ["+gpt"] },
    mesh: vendors(),
    expected: "b",
  },
  {
    id: "L18 version and tags",
    asks: { capability: "llm", tags: ["claude"], version: "^4.6.0" },
    mesh: versions("claude"),
    expected: "b",
  },
  {
    id: "L18 version without tags",
    asks: { capability: "llm", version: "^4.6.0" },
    mesh: versions(),
    expected: "b",
  },
  { id: "L19 no provider", asks: { capability: "llm" }, mesh: [], expected: undefined },
  { id: "E1 none wanted", asks: null, mesh: vendors(), expected: undefined },
  {
    id: "E2 equal rank, lower id",
    asks: { capability: "llm" },
    mesh: vendors().reverse(),
    expected: "a",
  },
  {
    id: "E3 no input schema",
    asks: { capability: "llm" },
    mesh: [llm("a", "9.0.0", [], { inputSchema: null }), llm("b", "1.0.0")],
    expected: "b",
  },
  {
    id: "E4 unhealthy, foreign and unavailable providers",
    asks: { capability: "llm" },
    mesh: [
      llm("a", "9.0.0", [], {}, down),
      llm("b", "8.0.0", [], {}, elsewhere),
      llm("c", "7.0.0", [], blocked),
      llm("d", "1.0.0"),
    ],
    expected: "d",
  },
  {
    id: "E5 its namespace field means nothing",
    asks: { capability: "llm", namespace: "other" },
    mesh: [llm("a", "1.0.0"), llm("b", "2.0.0", [], {}, elsewhere)],
    expected: "a",
  },
  {
    id: "E6 buffered consumers exclude streaming providers",
    asks: { capability: "llm", tags: ["-ai.mcpmesh.stream"] },
    mesh: [llm("a", "1.0.0", ["ai.mcpmesh.stream"]), llm("b", "1.0.0")],
    expected: "b",
  },
  { id: "E7 empty capability", asks: { capability: "" }, mesh: vendors(), expected: undefined },
];

for (const { id, asks, mesh, expected } of providerRows) {
  Deno.test(`matchLlmProviders() ${id}`, () => {
    const tool = toolOf({ capability: "t", llm_provider: asks });
    const found = matchLlmProviders(new Pass(directoryOf(...mesh)), consumer, tool);
    assert.deepEqual(found.map(({ agent }) => agent.id), expected === undefined ? [] : [expected]);
  });
}

const ours = agentOf("ours-1", [], { name: "ours", runtime: "deno" });

Deno.test("our own consumers get every provider, best first, then those of the fallback", () => {
  const mesh = directoryOf(
    llm("d", "1.0.0", ["local"]),
    llm("c", "1.0.0", ["gpt"]),
    llm("b", "2.0.0", ["gpt"]),
    llm("a", "1.0.0", ["claude"]),
  );
  const tool = toolOf({
    capability: "t",
    llm_provider: {
      capability: "llm",
      tags: ["+claude", "-local"],
      fallback: [{ capability: "llm", tags: ["local"] }, { capability: "llm", tags: ["gpt"] }],
    },
  });
  const found = matchLlmProviders(new Pass(mesh), ours, tool);
  assert.deepEqual(found.map(({ agent }) => agent.id), ["a", "b", "c", "d"]);
  const entry = wiringResponse(
    ours,
    { dependencies: new Map(), llmTools: new Map(), llmProviders: new Map([["t", found]]) },
    { extended: true },
  ).llm_providers?.["t"];
  assert.equal(entry?.agent_id, "a");
  assert.deepEqual(entry?.alternates?.map(({ agent_id }) => agent_id), ["b", "c", "d"]);
});

Deno.test("our own consumers get tools of one name from every agent, replicas once, themselves never", () => {
  const search = { capability: "search", inputSchema: {} };
  const mesh = directoryOf(
    agentOf("web-1", [search], { name: "web" }),
    agentOf("web-2", [search], { name: "web" }),
    agentOf("files-1", [search], { name: "files" }),
    agentOf("ours-1", [{ ...search, function_name: "t" }, search], {
      name: "ours",
      runtime: "deno",
    }),
  );
  const tool = toolOf({
    capability: "search",
    function_name: "t",
    llm_filter: { filter: [{ capability: "search" }] },
  });
  const names = (consumer: DirectoryAgent) =>
    matchLlmTools(new Pass(mesh), consumer, tool)?.map(({ agent, tool }) =>
      `${agent.id} ${tool.function_name}`
    );
  assert.deepEqual(names(ours), ["web-1 search", "files-1 search", "ours-1 search"]);
  assert.deepEqual(names(consumer), ["web-1 search", "ours-1 t"]);
});
