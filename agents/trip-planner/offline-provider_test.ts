import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import { z } from "zod";
import flightAgent from "./flight-agent.ts";
import hotelAgent from "./hotel-agent.ts";
import offlineProvider from "./offline-provider.ts";
import poiAgent from "./poi-agent.ts";
import userPrefsAgent from "./user-prefs-agent.ts";
import weatherAgent from "./weather-agent.ts";

const offline = { permissions: "none" as const };

const PROMPT = "You plan trips. Preferred airlines: SQ, MH. Budget limit: $1000. " +
  "Interests: cultural, food, nature. Minimum hotel stars: 3.";
const QUESTION = "Plan a trip to Tokyo from June 1-5, 2026 with a budget of $2000.";

const Reply = z.looseObject({
  role: z.literal("assistant"),
  content: z.string(),
  _mesh_usage: z.object({
    prompt_tokens: z.literal(0),
    completion_tokens: z.literal(0),
    model: z.string(),
  }),
  _mesh_turns: z.array(z.looseObject({
    tool_calls: z.array(
      z.looseObject({ name: z.string(), arguments: z.unknown(), outcome: z.string() }),
    ),
  })),
});

/** The mesh of the trip's tools, and a request that offers all of them. */
async function trip() {
  const mesh = testMesh();
  await mesh.join(offlineProvider);
  await mesh.join(userPrefsAgent);
  const tools = [];
  for (const agent of [flightAgent, hotelAgent, weatherAgent, poiAgent]) {
    const { node } = await mesh.join(agent);
    for (const { name, description, inputSchema } of node.manifest.tools) {
      tools.push({
        type: "function",
        function: {
          name,
          description,
          parameters: inputSchema,
          _mesh_endpoint: node.endpoint,
        },
      });
    }
  }
  const request = {
    messages: [{ role: "system", content: PROMPT }, { role: "user", content: QUESTION }],
    tools,
    model_params: { max_iterations: 10, parallel_tool_calls: true },
  };
  return { mesh, request };
}

Deno.test("the offline provider plans a trip with what the tools answer", offline, async () => {
  const { mesh, request } = await trip();
  await using _ = mesh;
  const { content, _mesh_turns } = Reply.parse(await mesh.call("offline_provider", { request }));
  assert.deepEqual(
    _mesh_turns[0]?.tool_calls.map(({ name, arguments: args, outcome }) => [name, args, outcome]),
    [
      ["flight_search", { origin: "your city", destination: "Tokyo", date: "2026-06-01" }, "ok"],
      [
        "hotel_search",
        { destination: "Tokyo", checkin: "2026-06-01", checkout: "2026-06-05" },
        "ok",
      ],
      ["get_weather", { location: "Tokyo", date: "2026-06-01" }, "ok"],
      ["search_pois", { location: "Tokyo" }, "ok"],
    ],
  );
  assert.match(content, /^# Tokyo, June 1-5, 2026\n\n_No language model wrote this: /);
  for (
    const piece of [
      "- MH007 (MH), your city to Tokyo, 09:15–14:40: $842",
      "- Sakura Inn, 3 stars: $95 a night (wifi, breakfast)",
      "- Partly cloudy in Tokyo on 2026-06-01, 28C high, 30% chance of rain.",
      "## Day 1 (2026-06-01)\n\n- Morning: Senso-ji Temple (outdoor, cultural)",
      "## Day 5 (2026-06-05)",
      "- Flight MH007: $842\n- Sakura Inn, 4 nights: $380\n- Total: $1222",
      "- Left of the budget of $2000: $778",
    ]
  ) assert.ok(content.includes(piece), `${piece}\nis not in\n${content}`);
  const again = Reply.parse(await mesh.call("offline_provider", { request }));
  assert.equal(again.content, content);
});

Deno.test("the offline provider streams word by word what it would answer", offline, async () => {
  const { mesh, request } = await trip();
  await using _ = mesh;
  const { content } = Reply.parse(await mesh.call("offline_provider", { request }));
  const words: string[] = [];
  let end: Record<string, unknown> = {};
  await mesh.call("offline_provider_stream", { request }, {
    onChunk: (chunk) => {
      const frame = JSON.parse(String(chunk));
      if (frame._mesh_frame === "chunk") words.push(frame.content);
      else end = frame;
      return Promise.resolve();
    },
  });
  assert.equal(words.join(""), content);
  assert.ok(words.length > 100);
  assert.deepEqual(words.slice(0, 3), ["# ", "Tokyo, ", "June "]);
  assert.equal(end["finish_reason"], "stop");
});

Deno.test(
  "the offline provider goes on without a tool that fails, and says so",
  offline,
  async () => {
    const { mesh, request } = await trip();
    await using _ = mesh;
    const broken = await mesh.fake("get_hotels", () => {
      throw new Error("no rooms today");
    });
    const hotels = request.tools.find(({ function: { name } }) => name === "hotel_search");
    assert.ok(hotels);
    const { content } = Reply.parse(
      await mesh.call("offline_provider", {
        request: {
          ...request,
          tools: [
            {
              ...hotels,
              function: {
                ...hotels.function,
                _mesh_endpoint: broken.node.endpoint,
                _mesh_name: "get_hotels",
              },
            },
            ...request.tools.filter((tool) => tool !== hotels),
          ],
        },
      }),
    );
    assert.match(content, /## What could not be found out\n\n- hotel_search: no rooms today/);
    assert.match(content, /MH007/);
    assert.doesNotMatch(content, /## Hotels/);
  },
);

Deno.test("the offline provider fills in a specialist's form from the plan", offline, async () => {
  const { mesh, request } = await trip();
  await using _ = mesh;
  const plan = Reply.parse(await mesh.call("offline_provider", { request })).content;
  const Budget = z.object({
    total_estimated: z.int(),
    savings_tips: z.array(z.string()),
    budget_breakdown: z.array(z.object({ category: z.string(), amount: z.int() })),
  });
  const { content } = Reply.parse(
    await mesh.call("offline_provider", {
      request: {
        messages: [
          { role: "system", content: "You analyse budgets. Answer as JSON." },
          {
            role: "user",
            content: `Analyze the budget for a trip to Tokyo, $2000. Plan:\n${plan}`,
          },
        ],
        tools: [],
        model_params: { output_schema: z.toJSONSchema(Budget), output_type_name: "Budget" },
      },
    }),
  );
  const budget = Budget.parse(JSON.parse(content));
  assert.equal(budget.total_estimated, 1222);
  assert.ok(budget.budget_breakdown.some(({ amount }) => amount === 380));
});

Deno.test(
  "the offline provider without tools says what it understood, and no more",
  offline,
  async () => {
    await using mesh = testMesh();
    await mesh.join(offlineProvider);
    const ask = async (content: string) =>
      Reply.parse(
        await mesh.call("offline_provider", { request: { messages: [{ role: "user", content }] } }),
      ).content;
    const trip = await ask(QUESTION);
    assert.match(trip, /- Destination: Tokyo\n- Dates: June 1-5, 2026\n- Budget: \$2000/);
    assert.match(trip, /no tool to ask/);
    assert.match(await ask("Why is the sky blue?"), /You asked: Why is the sky blue\?/);
  },
);

Deno.test("the offline provider answers what other tools say, plainly", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(offlineProvider);
  const { node } = await mesh.fake("museum_hours", { opens: "09:00", closed_on: ["Monday"] });
  const { content } = Reply.parse(
    await mesh.call("offline_provider", {
      request: {
        messages: [{ role: "user", content: "When is the museum open in Oslo?" }],
        tools: [{
          type: "function",
          function: {
            name: "museum_hours",
            parameters: z.toJSONSchema(z.object({ city: z.string() })),
            _mesh_endpoint: node.endpoint,
          },
        }],
      },
    }),
  );
  assert.match(content, /## museum_hours\n\n- opens: 09:00\n- closed_on: Monday/);
});
