import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import flightAgent from "./flight-agent.ts";
import plannerAgent from "./planner-agent.ts";
import userPrefsAgent from "./user-prefs-agent.ts";

const prompts = new URL("./prompts", import.meta.url).pathname;
const permissions = { read: [prompts], net: false, env: false, run: false, write: false };
const trip = { destination: "Kyoto", dates: "June 1-5, 2026", budget: "$2000" };
const PLAN = "Day 1: temples.";

interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tools: readonly { readonly function: { readonly name: string } }[];
}

/** A mesh with the planner and a model that always answers the same. */
async function planning(answer: Record<string, unknown> = { content: PLAN }) {
  const mesh = testMesh();
  const asked: Asked[] = [];
  const lines: string[] = [];
  await mesh.fake("llm", ({ request }: Record<string, unknown>) => {
    asked.push(request as Asked);
    return { role: "assistant", ...answer };
  }, { tags: ["claude"] });
  await mesh.join(plannerAgent, { log: (line) => lines.push(line) });
  return {
    mesh,
    asked,
    lines,
    plan: (more: Record<string, unknown> = {}) => mesh.call("plan_trip", { ...trip, ...more }),
    [Symbol.asyncDispose]: () => mesh[Symbol.asyncDispose](),
  };
}

Deno.test("plan_trip alone is what the model writes", { permissions }, async () => {
  await using test = await planning();
  assert.equal(await test.plan(), PLAN);
  const [request] = test.asked;
  assert.deepEqual(request?.messages.map(({ role }) => role), ["system", "user"]);
  const [system, user] = request?.messages ?? [];
  assert.equal(
    user?.content,
    "Plan a trip to Kyoto for June 1-5, 2026 with a budget of $2000.",
  );
  for (const part of ["Kyoto", "June 1-5, 2026", "$2000", "No preferences are known."]) {
    assert.ok(system?.content.includes(part), `${part} is not in the prompt`);
  }
  assert.doesNotMatch(system?.content ?? "", /Departing/);
});

Deno.test(
  "plan_trip tells the model the preferences and offers it the tools",
  { permissions },
  async () => {
    await using test = await planning();
    await test.mesh.join(userPrefsAgent);
    await test.mesh.join(flightAgent);
    await test.mesh.fake("something_else", 1);
    await test.plan({ from_city: "Rome", ctx: { destination: "Old Kyoto" } });
    const [request] = test.asked;
    const system = request?.messages[0]?.content ?? "";
    const expected = [
      "Preferred airlines: SQ, MH.",
      "Budget limit: $1000.",
      "Interests: cultural, food, nature.",
      "Hotels of at least 3 stars.",
      "Departing from: Rome",
      "Destination: Old Kyoto",
    ];
    for (const part of expected) assert.ok(system.includes(part), `${part} is not in the prompt`);
    assert.match(request?.messages[1]?.content ?? "", /, departing from Rome\.$/);
    assert.deepEqual(request?.tools.map(({ function: { name } }) => name), ["flight_search"]);
  },
);

Deno.test(
  "plan_trip adds what the specialists say, under their headings",
  { permissions },
  async () => {
    await using test = await planning();
    await test
      .mesh.fake("budget_analysis", ({ plan_summary, budget }: Record<string, unknown>) => ({
        plan_summary,
        budget,
      }));
    await test.mesh.fake("adventure_advice", { gem: "Café" });
    await test.mesh.fake("logistics_planning", ({ dates }: Record<string, unknown>) => ({ dates }));
    assert.equal(
      await test.plan(),
      [
        PLAN,
        "\n---\n## Specialist Insights\n",
        `\n### Budget Analysis\n${
          JSON.stringify({ plan_summary: PLAN, budget: "$2000" }, null, 2)
        }\n`,
        '\n### Adventure Recommendations\n{\n  "gem": "Café"\n}\n',
        '\n### Logistics Plan\n{\n  "dates": "June 1-5, 2026"\n}\n',
      ].join("\n"),
    );
  },
);

Deno.test("a specialist that fails costs its section, not the plan", { permissions }, async () => {
  await using test = await planning();
  await test.mesh.fake("budget_analysis", () => {
    throw new Error("no idea");
  });
  assert.equal(await test.plan(), PLAN);
  await test.mesh.fake("adventure_advice", { gem: "Café" });
  const text = String(await test.plan());
  assert.ok(!text.includes("Budget Analysis") && text.includes("### Adventure Recommendations"));
});

const nothings: [what: string, answer: Record<string, unknown>, code: string][] = [
  ["answers nothing", { content: null }, "llm_upstream"],
  ["has nothing to say", { content: " \n", _mesh_finish_reason: "stop" }, "llm_invalid"],
  ["had all its turns", { content: "", _mesh_stop_reason: "max_iterations" }, "llm_limit"],
  ["had all its tokens", { content: "", _mesh_finish_reason: "length" }, "llm_limit"],
];
for (const [what, answer, code] of nothings) {
  Deno.test(
    `plan_trip fails and saves nothing when the model ${what}`,
    { permissions },
    async () => {
      await using test = await planning(answer);
      const calls: unknown[] = [];
      await test.mesh.fake("budget_analysis", () => calls.push("asked a specialist"));
      const { agent, tool } = await import("mesh");
      await test.mesh.join(agent({
        name: "history",
        tools: {
          get_history: tool({ capability: "chat_history" }, () => []),
          save_turn: tool({ capability: "chat_history" }, () => calls.push("saved")),
        },
      }));
      await assert.rejects(test.plan({ session_id: "s1" }), { code });
      assert.deepEqual(calls, []);
    },
  );
}

const aways: [what: string, fails: "get_history" | "save_turn", says: string][] = [
  ["cannot be read", "get_history", "the plan is made without its conversation"],
  ["cannot be written", "save_turn", "the conversation was not saved"],
];
for (const [what, fails, says] of aways) {
  Deno.test(
    `plan_trip does without a history that ${what}, and logs it`,
    { permissions },
    async () => {
      await using test = await planning();
      const { agent, MeshError, tool } = await import("mesh");
      const calls: string[] = [];
      const history = (name: string) =>
        tool({ capability: "chat_history" }, () => {
          calls.push(name);
          if (name !== fails) return [];
          throw new MeshError("tool_failed", "Redis at localhost:6379 does not answer");
        });
      await test.mesh.join(agent({
        name: "history",
        tools: { get_history: history("get_history"), save_turn: history("save_turn") },
      }));
      assert.equal(await test.plan({ session_id: "s1" }), PLAN);
      assert.equal(test.asked[0]?.messages.length, 2);
      assert.equal(calls.at(-1), fails, "nothing is tried after what failed");
      const line = test.lines.find((line) => line.includes(says)) ?? "";
      assert.match(line, /WARN.*Redis at localhost:6379 does not answer/);
    },
  );
}

Deno.test(
  "plan_trip goes on with a conversation and saves both turns",
  { permissions },
  async () => {
    await using test = await planning();
    const { agent, tool } = await import("mesh");
    const { z } = await import("zod");
    const saved: unknown[] = [];
    const before = [{ role: "user", content: "Kyoto?" }, { role: "assistant", content: "Yes." }];
    const anything = z.looseObject({});
    await test.mesh.join(agent({
      name: "history",
      tools: {
        get_history: tool(
          { capability: "chat_history", input: anything },
          (args) => (saved.push(args), before),
        ),
        save_turn: tool(
          { capability: "chat_history", input: anything },
          (args) => saved.push(args),
        ),
      },
    }));
    await test.plan({ session_id: "s1", message: "Cheaper, please" });
    assert.deepEqual(test.asked[0]?.messages.slice(1).map(({ content }) => content), [
      "Kyoto?",
      "Yes.",
      "Cheaper, please",
    ]);
    assert.deepEqual(saved, [
      { session_id: "s1", limit: 20 },
      { session_id: "s1", role: "user", content: "Cheaper, please" },
      { session_id: "s1", role: "assistant", content: PLAN },
    ]);
    saved.length = 0;
    await test.plan();
    assert.deepEqual(saved, [], "without a session there is no conversation");
  },
);

Deno.test("plan_trip without a model says what is missing", { permissions }, async () => {
  await using mesh = testMesh();
  await mesh.join(plannerAgent, { env: { MCP_MESH_SETTLE_TIMEOUT: "0" } });
  await assert.rejects(mesh.call("plan_trip", trip), {
    code: "dependency_unavailable",
    message: /needs a language model .*start a provider/,
  });
});
