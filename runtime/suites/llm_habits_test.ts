/**
 * Every habit of a vendor that the scripted model can play, played against the whole way: a tool that has
 * a language model, tools of the mesh that the model calls, its provider, the endpoint; answered at once
 * and streamed, with a value that has to fit a schema.
 */
import assert from "node:assert/strict";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import {
  type HabitDescription,
  type HabitName,
  HABITS,
  scriptedLlm,
  testMesh,
} from "../testing/mod.ts";
import type { ScriptedStep, TestMesh } from "../testing/mod.ts";
import { ROOM } from "../testing/failure_habits.ts";
import { tool } from "../define/tool.ts";
import { FailoverEngine } from "../llm/engine/failover_engine.ts";
import { llmProvider } from "../llm/provider/provider.ts";
import { VENDORS } from "../llm/engine/vendors.ts";

const Trip = z.object({ city: z.string(), days: z.int() });
const SAID = "Rain in Oslo, sun in Rome 🌧.";

/** The models that are asked where a habit is one of a vendor that requests are written for. */
const MODELS: Readonly<Record<string, string>> = {
  anthropic: "anthropic/claude-sonnet-4-5",
  gemini: "gemini/gemini-2.5-flash",
  vertex_ai: "gemini/gemini-2.5-flash",
  mistral: "mistral/mistral-large-latest",
  groq: "groq/llama-3.3-70b-versatile",
  deepseek: "deepseek/deepseek-chat",
  vllm: "hosted_vllm/x",
  "llama.cpp": "lm_studio/x",
};

const KEYS = Object.fromEntries(
  VENDORS.flatMap(({ keyVariables }) => keyVariables.map((name) => [name, "sk-test-0123456789"])),
);

/** The script of the model: it calls two tools, then tells what they said. */
const STEPS: readonly ScriptedStep[] = [
  {
    when: ({ messages }) => messages.some(({ role }) => role === "tool"),
    text: SAID.split(/(?<= )/),
  },
  {
    when: ({ tools = [] }) => tools.length > 0,
    toolCalls: ["Oslo", "Rome"].map((city) => ({ name: "get_weather", arguments: { city } })),
  },
  { when: "a trip", json: { city: "Oslo", days: 3 } },
];

interface Played {
  readonly mesh: TestMesh;
  /** The cities that the weather of was asked for. */
  readonly cities: string[];
  /** How many requests the endpoint got. */
  readonly requests: () => number;
}

async function played(
  habit: HabitName,
  run: (played: Played) => Promise<void>,
): Promise<void> {
  await using llm = scriptedLlm(STEPS, { habit });
  await using mesh = testMesh();
  const cities: string[] = [];
  const weather = agent({
    name: "weather",
    tools: {
      get_weather: tool(
        { capability: "weather", input: z.object({ city: z.string() }) },
        ({ city }) => {
          cities.push(city);
          return city === "Oslo" ? "rain" : "sun";
        },
      ),
    },
  });
  const asker = agent({
    name: "asker",
    tools: {
      ask: tool({
        input: z.object({ about: z.string() }),
        llm: { tools: [{ capability: "weather" }], parallelToolCalls: false, temperature: 0.2 },
      }, async ({ about }, { llm }) => (await llm.text(about, { maxOutputTokens: 100_000 })).text),
      tell: tool({
        input: z.object({ about: z.string() }),
        llm: { tools: [{ capability: "weather" }], parallelToolCalls: false },
      }, async function* ({ about }, { llm }) {
        yield* llm.stream(about, { maxOutputTokens: 100_000 });
      }),
      form: tool({ llm: { repairs: 0 } }, async (_, { llm }) => {
        return (await llm.object("Make a trip, a trip to Oslo.", Trip)).value;
      }),
    },
  });
  const model = MODELS[HABITS[habit].vendor] ?? "openai/gpt-4o-mini";
  const engine = new FailoverEngine({
    models: [model],
    environment: () => KEYS,
    overrides: { baseUrl: llm.url },
    sleep: () => Promise.resolve(),
  });
  await mesh.join(weather);
  await mesh.join(asker);
  await mesh.join(llmProvider({ name: "provider", engine }));
  await run({ mesh, cities, requests: () => llm.requests.length });
}

async function told(mesh: TestMesh, about: string): Promise<string> {
  let text = "";
  for await (const piece of mesh.stream("tell", { about })) text += piece;
  return text;
}

/** Failures that are temporary are tried three times. */
const TRIES = 3;

for (const [name, habit] of Object.entries(HABITS) as [HabitName, HabitDescription][]) {
  const { leadsTo } = habit;
  const isOfLength = leadsTo === "llm_limit";
  if (leadsTo !== undefined) {
    Deno.test(`habit ${name}: leads to ${leadsTo}`, async () => {
      await played(name, async ({ mesh, requests }) => {
        const about = `How is the weather? ${"x".repeat(ROOM)}`;
        await assert.rejects(mesh.call("ask", { about }), { code: leadsTo });
        assert.ok(requests() <= TRIES, "what is final is not tried for ever");
        await assert.rejects(told(mesh, about), { code: leadsTo });
      });
    });
  }
  if (leadsTo !== undefined && !isOfLength) continue;

  Deno.test(`habit ${name}: tools are called and the text comes, at once and streamed`, async () => {
    await played(name, async ({ mesh, cities, requests }) => {
      const about = "How is the weather?";
      assert.equal(await mesh.call("ask", { about }), SAID);
      assert.deepEqual(cities.splice(0), ["Oslo", "Rome"]);
      const before = requests();
      assert.equal(await told(mesh, about), SAID);
      assert.deepEqual(cities, ["Oslo", "Rome"]);
      assert.ok(requests() - before <= 3, "what is refused is not tried for ever");
    });
  });

  Deno.test(`habit ${name}: a value fits its schema`, async () => {
    await played(name, async ({ mesh }) => {
      assert.deepEqual(await mesh.call("form"), { city: "Oslo", days: 3 });
    });
  });
}
