#!/usr/bin/env -S deno run
/**
 * Works out what a planned trip costs and how to save money on it.
 *
 * @module
 */
import { agent, tool } from "mesh";
import { z } from "zod";

const BudgetAnalysis = z.object({
  total_estimated: z.int().describe("US dollars"),
  savings_tips: z.array(z.string()),
  budget_breakdown: z.array(z.object({
    category: z.string(),
    amount: z.int().describe("US dollars"),
  })),
}).meta({ title: "BudgetAnalysis" });

export default agent({
  name: "budget-analyst",
  port: 9110,
  description: "Cost analysis of planned trips",
  tools: {
    budget_analysis: tool({
      tags: ["specialist", "budget", "llm"],
      description: "Work out what a planned trip costs, and how to save money on it",
      input: z.object({ destination: z.string(), plan_summary: z.string(), budget: z.string() }),
      output: BudgetAnalysis,
      llm: {
        system: "file://prompts/budget_analysis.njk",
        provider: { tags: ["claude"] },
        fallback: [{ tags: ["openai"] }, { tags: ["gemini"] }, {}],
        maxIterations: 1,
      },
    }, async ({ destination, plan_summary, budget }, { llm }) => {
      const asked =
        `Analyse the budget (${budget}) of this trip to ${destination}:\n${plan_summary}`;
      return (await llm.object(asked, BudgetAnalysis)).value;
    }),
  },
});
