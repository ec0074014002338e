/** The three specialists: what each asks of a model, and what it answers. */
import assert from "node:assert/strict";
import type { Agent } from "mesh";
import { testMesh } from "mesh/testing";
import adventureAdvisor from "./adventure-advisor.ts";
import budgetAnalyst from "./budget-analyst.ts";
import logisticsPlanner from "./logistics-planner.ts";

const prompts = new URL("./prompts", import.meta.url).pathname;
const permissions = { read: [prompts], net: false, env: false, run: false, write: false };
const trip = { destination: "Kyoto", plan_summary: "Day 1: temples." };

const rows: [
  specialist: Agent,
  tool: string,
  args: Record<string, string>,
  answer: Record<string, unknown>,
][] = [
  [budgetAnalyst, "budget_analysis", { ...trip, budget: "$2000" }, {
    total_estimated: 1800,
    savings_tips: ["Walk."],
    budget_breakdown: [{ category: "flights", amount: 900 }],
  }],
  [adventureAdvisor, "adventure_advice", trip, {
    unique_experiences: [{ name: "Kiln", description: "Pots", why_special: "Old" }],
    local_gems: ["Kissa"],
    off_beaten_path: "North.",
  }],
  [logisticsPlanner, "logistics_planning", { ...trip, dates: "June 1-5" }, {
    daily_schedule: [{ day: 1, activities: ["09:00 walk"] }],
    transit_tips: ["IC card"],
    time_optimization: "Start early.",
  }],
];

for (const [specialist, tool, args, answer] of rows) {
  Deno.test(
    `${tool} tells the model all it knows and answers by its schema`,
    { permissions },
    async () => {
      await using mesh = testMesh();
      const asked: {
        messages: { content: string }[];
        tools: unknown[];
        model_params: { output_schema: { required: string[] }; output_type_name: string };
      }[] = [];
      await mesh.fake("llm", ({ request }: Record<string, unknown>) => {
        asked.push(request as typeof asked[number]);
        return { role: "assistant", content: JSON.stringify(answer) };
      });
      await mesh.join(specialist);
      assert.deepEqual(await mesh.call(tool, args), answer);
      const [request] = asked;
      for (const value of Object.values(args)) {
        for (const { content } of request?.messages ?? []) {
          assert.ok(content.includes(value), `${value} is not in: ${content}`);
        }
      }
      assert.deepEqual(request?.tools, []);
      assert.deepEqual(request?.model_params.output_schema.required, Object.keys(answer));
      assert.match(request?.model_params.output_type_name ?? "", /^[A-Z][A-Za-z]+$/);
    },
  );

  Deno.test(`${tool} has an answer mended that does not fit`, { permissions }, async () => {
    await using mesh = testMesh();
    const answers = ["I think so.", JSON.stringify(answer)];
    await mesh.fake("llm", () => ({ role: "assistant", content: answers.shift() }));
    await mesh.join(specialist);
    assert.deepEqual(await mesh.call(tool, args), answer);
  });
}
