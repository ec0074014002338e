/** A tool with a language model, a provider and a scripted vendor: the whole way, in a mesh in memory. */
import assert from "node:assert/strict";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import { scriptedLlm, type ScriptedStep, type TestMesh, testMesh } from "../testing/mod.ts";
import { tool } from "../define/tool.ts";
import { llmProvider } from "../llm/provider/provider.ts";

const Plan = z.object({ days: z.int(), city: z.string() });

const planner = agent({
  name: "planner",
  tools: {
    plan: tool({
      input: z.object({ city: z.string() }),
      llm: {
        provider: { tags: ["+claude"] },
        system: "You plan trips to {{ city }}.",
        tools: [{ capability: "weather" }],
        repairs: 1,
      },
    }, async ({ city }, { llm }) => await llm.text(`Plan ${city}.`)),
    form: tool(
      { llm: { tools: [{ capability: "weather" }] } },
      async (_, { llm }) => await llm.object("How long in Oslo?", Plan),
    ),
    story: tool({ llm: {} }, async function* (_, { llm }) {
      yield* llm.stream("Tell.");
    }),
  },
});

const weather = agent({
  name: "weather",
  tools: {
    get_weather: tool({
      capability: "weather",
      description: "The weather somewhere",
      input: z.object({ city: z.string() }),
    }, ({ city }) => `Rain in ${city}`),
  },
});

interface Vendor {
  readonly name: string;
  readonly model: string;
  readonly tags: readonly string[];
  readonly key: string;
}

const CLAUDE: Vendor = {
  name: "claude-provider",
  model: "anthropic/claude-sonnet-4-5",
  tags: ["claude"],
  key: "ANTHROPIC",
};
const GPT: Vendor = {
  name: "openai-provider",
  model: "openai/gpt-4o-mini",
  tags: ["openai"],
  key: "OPENAI",
};

async function join(
  mesh: TestMesh,
  { name, model, tags, key }: Vendor,
  url: string,
  secret = "k",
): Promise<void> {
  const env = { [`${key}_BASE_URL`]: url, [`${key}_API_KEY`]: secret };
  await mesh.join(llmProvider({ name, model, tags, env }));
}

const WEATHER: ScriptedStep = {
  toolCalls: [{ name: "get_weather", arguments: { city: "Oslo" } }],
};

Deno.test("a tool's model calls tools of the mesh through its provider", async () => {
  await using llm = scriptedLlm([WEATHER, { text: "Take an umbrella." }]);
  await using mesh = testMesh();
  await mesh.join(weather);
  await mesh.join(planner);
  await join(mesh, CLAUDE, llm.url);
  assert.deepEqual(await mesh.call("plan", { city: "Oslo" }), {
    text: "Take an umbrella.",
    stopReason: "done",
    usage: { inputTokens: 20, outputTokens: 10 },
    model: "anthropic/claude-sonnet-4-5",
    turns: 2,
    provider: "claude-provider",
  });
  const [first, second] = llm.requests;
  assert.deepEqual(first?.body.messages, [
    { role: "system", content: "You plan trips to Oslo." },
    { role: "user", content: "Plan Oslo." },
  ]);
  assert.equal(second?.body.messages.at(-1)?.content, "Rain in Oslo");
});

Deno.test("an answer that does not fit is mended, with what the tools said still known", async () => {
  await using llm = scriptedLlm([WEATHER, { json: { days: "many" } }, {
    json: { days: 3, city: "Oslo" },
  }]);
  await using mesh = testMesh();
  await mesh.join(weather);
  await mesh.join(planner);
  await join(mesh, CLAUDE, llm.url);
  const { value, repairs, usage } = z.looseObject({
    value: Plan,
    repairs: z.number(),
    usage: z.looseObject({ inputTokens: z.number() }),
  }).parse(await mesh.call("form"));
  assert.deepEqual([value, repairs, usage.inputTokens], [{ days: 3, city: "Oslo" }, 1, 30]);
  const mending = llm.requests[2]?.body;
  // Claude's endpoint is asked in words.
  assert.equal(mending?.["response_format"], undefined);
  assert.match(String(mending?.messages[0]?.content), /fits this JSON Schema/);
  assert.deepEqual(mending?.messages.map(({ role }) => role), [
    "system",
    "user",
    "assistant",
    "tool",
    "assistant",
    "user",
  ]);
});

Deno.test("a vendor that takes schemas gets the one the tool wants, strictly", async () => {
  await using llm = scriptedLlm([{ json: { days: 3, city: "Oslo" } }]);
  await using mesh = testMesh();
  await mesh.join(planner);
  await join(mesh, GPT, llm.url);
  await mesh.call("form");
  const format = z.object({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({ strict: z.boolean(), schema: z.looseObject({}) }),
  }).parse(llm.requests[0]?.body["response_format"]);
  assert.equal(format.json_schema.strict, true);
});

Deno.test("a stream reaches the caller of the tool piece by piece", async () => {
  await using llm = scriptedLlm([{ text: ["Once ", "upon"], slow: true }]);
  await using mesh = testMesh();
  await mesh.join(planner);
  await join(mesh, GPT, llm.url);
  const chunks: unknown[] = [];
  const first = Promise.withResolvers<unknown>();
  const whole = mesh.call("story", {}, {
    onChunk: (chunk) => {
      chunks.push(chunk);
      first.resolve(chunk);
      return Promise.resolve();
    },
  });
  llm.release(1);
  assert.equal(await first.promise, "Once ");
  llm.release();
  await whole;
  assert.deepEqual(chunks, ["Once ", "upon"]);
});

Deno.test("the next provider answers when a vendor fails, and none without a key is asked", async () => {
  await using broken = scriptedLlm([], { otherwise: { status: 401, error: "bad key" } });
  await using well = scriptedLlm([], { otherwise: { text: "from gpt" } });
  await using mesh = testMesh();
  await mesh.join(planner);
  await join(mesh, CLAUDE, broken.url);
  await join(mesh, GPT, well.url);
  const ask = async () =>
    z.looseObject({ text: z.string(), provider: z.string() }).parse(
      await mesh.call("plan", { city: "Oslo" }),
    );
  assert.deepEqual(await ask().then(({ text, provider }) => [text, provider]), [
    "from gpt",
    "openai-provider",
  ]);
  assert.equal(broken.requests.length, 1);

  await using other = testMesh();
  await other.join(planner);
  await join(other, CLAUDE, broken.url, "");
  await join(other, GPT, well.url);
  const { provider } = z.looseObject({ provider: z.string() }).parse(
    await other.call("plan", { city: "Oslo" }),
  );
  assert.equal(provider, "openai-provider");
  assert.equal(broken.requests.length, 1, "it is unhealthy, and nobody's choice");
});

Deno.test("without any key a tool's model is unavailable, at once", async () => {
  await using llm = scriptedLlm();
  await using mesh = testMesh();
  await mesh.join(planner, { env: { MCP_MESH_SETTLE_TIMEOUT: "0" } });
  await join(mesh, GPT, llm.url, "");
  await assert.rejects(mesh.call("plan", { city: "Oslo" }), { code: "dependency_unavailable" });
});

Deno.test("an agent whose own provider runs its model streams, and calls tools, its own as well", async () => {
  await using llm = scriptedLlm([
    {
      toolCalls: [{ name: "get_weather", arguments: { city: "Oslo" } }, {
        name: "own_note",
        arguments: {},
      }],
    },
    { text: ["Take ", "an umbrella."] },
    { text: "At once." },
  ]);
  await using mesh = testMesh();
  await mesh.join(weather);
  const env = { OPENAI_BASE_URL: llm.url, OPENAI_API_KEY: "k" };
  const both = llmProvider({ name: "both", model: "openai/gpt-4o-mini", env });
  both.tools.add("own_note", tool({ capability: "note" }, () => "pack light"));
  const definition = { tools: ["weather", "note"] };
  both.tools.add(
    "tell",
    tool({ llm: definition }, async function* (_, { llm }) {
      yield* llm.stream("Tell.");
    }),
  );
  both.tools.add(
    "say",
    tool({ llm: definition }, async (_, { llm }) => (await llm.text("Say.")).text),
  );
  await mesh.join(both);
  const chunks: unknown[] = [];
  const onChunk = (chunk: unknown) => Promise.resolve(void chunks.push(chunk));
  await mesh.call("tell", {}, { onChunk });
  assert.equal(chunks.join(""), "Take an umbrella.");
  assert.ok(chunks.length > 1, "it came in pieces");
  assert.ok(llm.requests.every(({ body }) => body.stream === true), "the vendor streams");
  assert.deepEqual(
    llm.requests[1]?.body.messages.slice(-2).map(({ content }) => content),
    ["Rain in Oslo", "pack light"],
  );
  assert.equal(await mesh.call("say"), "At once.");
});
