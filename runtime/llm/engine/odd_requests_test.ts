/**
 * Tools as other servers declare them and a conversation that has seen much, sent to endpoints that refuse
 * something of it: they are mended, and what the model calls comes back with the names the tools have.
 */
import assert from "node:assert/strict";
import { type HabitDescription, type HabitName, HABITS, scriptedLlm } from "../../testing/mod.ts";
import { type ChatMessage, ChatToolSchema, ModelParamsSchema } from "../../define/contract.ts";
import type { LlmTurn, LlmTurnRequest } from "./engine.ts";
import { FailoverEngine } from "./failover_engine.ts";
import { SCHEMA_RULES } from "./json_schema_rules.ts";
import { MESSAGE_RULES } from "./message_rules.ts";
import { PROPERTY_NAME, takenNames } from "../../define/taken_names.ts";
import { VENDORS } from "./vendors.ts";

const KEYS = Object.fromEntries(
  VENDORS.flatMap(({ keyVariables }) => keyVariables.map((name) => [name, "sk-test-0123456789"])),
);

const NODE = { $ref: "#/$defs/Node" };
const MEASURED = {
  type: "object",
  properties: {
    "Größe (cm)": { type: "number" },
    where: { type: "object", properties: { "Straße": { type: "string", format: "uri" } } },
    Gr_e_cm_: { enum: ["x", null, ""] },
  },
  required: ["Größe (cm)", "nowhere"],
  additionalProperties: false,
};
const RECURSIVE = {
  type: "object",
  properties: { tree: NODE },
  $defs: {
    Node: {
      type: "object",
      properties: { a: NODE, b: NODE, c: NODE, d: { type: "array", items: NODE } },
    },
  },
};

const TOOLS = [
  { name: "a.b", parameters: MEASURED },
  { name: "a_b", parameters: { type: "object", properties: { n: { type: "integer" } } } },
  { name: "9 lives!", parameters: {} },
  { name: `${"long_".repeat(20)}1`, parameters: RECURSIVE },
  { name: `${"long_".repeat(20)}2`, parameters: { type: "object" } },
  ...SCHEMA_RULES.map(({ refused }, at) => ({ name: `odd_${at}`, parameters: refused })),
  ...Array.from({ length: 200 }, (_, at) => ({ name: `many_${at}`, parameters: {} })),
].map(({ name, parameters }) =>
  ChatToolSchema.parse({
    function: { name, description: `${"d".repeat(1023)}\u{1F600}${"d".repeat(1000)}`, parameters },
  })
);

const LONG_ID = `functions.a.b:${"0".repeat(60)}`;
const MESSAGES: ChatMessage[] = [
  { role: "developer", content: "Be brief." },
  { role: "user", name: "Ada Lovelace <1>", content: "" },
  {
    role: "assistant",
    content: "",
    tool_calls: [
      { id: LONG_ID, type: "function", function: { name: "a.b", arguments: "null" } },
      { id: "call.2", type: "function", function: { name: "a_b", arguments: '{"n":"\\ud83d"}' } },
    ],
  },
  { role: "tool", tool_call_id: LONG_ID, content: "" },
  { role: "tool", tool_call_id: "call.2", content: "half \ud83d" },
  { role: "user", content: "And now?" },
  { role: "system", content: "Be kind." },
  {
    role: "user",
    content: [{ type: "text", text: " " }, { type: "text", text: "Are you there?" }],
  },
];

const ARGUMENTS = { "Größe (cm)": 3, where: { "Straße": "Main" }, id: 1 };

/** The arguments as a model writes them that knows other names of the properties. */
function sentArguments(isPlain: boolean): Record<string, unknown> {
  const names = ["Größe (cm)", "where", "Straße", "Gr_e_cm_"];
  const [size = "", , street = ""] = isPlain ? takenNames(names, PROPERTY_NAME) : names;
  return { [size]: 3, where: { [street]: "Main" }, id: 1 };
}

interface Asked {
  readonly turn: LlmTurn;
  readonly requests: number;
}

async function ask(habit: HabitName, model: string, request: LlmTurnRequest): Promise<Asked> {
  const [name = ""] = takenNames(request.tools.map(({ function: { name } }) => name));
  const isPlain = /^(anthropic|gemini)/.test(model);
  await using llm = scriptedLlm([
    { toolCalls: [{ name, arguments: sentArguments(isPlain) }] },
  ], { habit });
  const engine = new FailoverEngine({
    models: [model],
    environment: () => KEYS,
    overrides: { baseUrl: llm.url },
    sleep: () => Promise.resolve(),
  });
  const turn = await engine.turn(request, { signal: new AbortController().signal });
  return { turn, requests: llm.requests.length };
}

const ODD: LlmTurnRequest = {
  messages: MESSAGES,
  tools: TOOLS,
  params: ModelParamsSchema.parse({}),
};

function assertCalled({ toolCalls: [call] }: LlmTurn): void {
  assert.equal(call?.function.name, "a.b");
  assert.deepEqual(JSON.parse(call.function.arguments), ARGUMENTS);
}

/** A model of the vendor, and one of another whose rules for tools are its. */
const MODELS: Readonly<Record<string, string>> = {
  openai: "openai/gpt-4o-mini",
  anthropic: "anthropic/claude-sonnet-4-5",
  gemini: "gemini/gemini-2.5-flash",
  mistral: "mistral/mistral-large-latest",
  groq: "groq/llama-3.3-70b-versatile",
  vllm: "hosted_vllm/x",
  "llama.cpp": "lm_studio/x",
};

for (const [name, { vendor, does }] of Object.entries(HABITS) as [HabitName, HabitDescription][]) {
  const model = MODELS[vendor];
  if (!name.startsWith("refuses-") || model === undefined) continue;
  Deno.test(`${model} ${does.slice(0, 60)}…: it is sent nothing of the kind`, async () => {
    const { turn, requests } = await ask(name, model, ODD);
    assertCalled(turn);
    assert.equal(requests, 1);
  });
}

for (const { name } of MESSAGE_RULES) {
  // OpenAI's own rule holds wherever names are sent at all.
  if (name === "names") continue;
  Deno.test(`an endpoint nobody knows has the rule "${name}": it is learned from its words`, async () => {
    const { turn, requests } = await ask(`refuses-${name}`, "openai/gpt-4o-mini", ODD);
    assertCalled(turn);
    assert.ok(requests <= 2, `${requests}`);
  });
}

Deno.test("a tool that is refused for what nobody knows is left out, and the others are offered", async () => {
  const said = "Invalid schema for function 'b': something is odd about it.";
  await using llm = scriptedLlm([
    {
      when: ({ tools = [] }) => tools.some(({ function: { name } }) => name === "b"),
      status: 400,
      error: said,
    },
    { text: "hi" },
    { text: "hi" },
  ]);
  const engine = new FailoverEngine({
    models: ["openai/gpt-4o-mini"],
    environment: () => KEYS,
    overrides: { baseUrl: llm.url },
  });
  const tools = ["a", "b", "c"].map((name) => ChatToolSchema.parse({ function: { name } }));
  const options = { signal: new AbortController().signal };
  await engine.turn({ ...ODD, tools }, options);
  await engine.turn({ ...ODD, tools }, options);
  assert.deepEqual(
    llm.requests.map(({ body: { tools = [] } }) => tools.map(({ function: { name } }) => name)),
    [["a", "b", "c"], ["a", "c"], ["a", "c"]],
  );
});
