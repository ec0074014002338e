#!/usr/bin/env -S deno run
/**
 * Turns a planned trip into a schedule, transfers included.
 *
 * @module
 */
import { agent, tool } from "mesh";
import { z } from "zod";

const LogisticsPlan = z.object({
  daily_schedule: z.array(z.object({ day: z.int(), activities: z.array(z.string()) })),
  transit_tips: z.array(z.string()),
  time_optimization: z.string(),
}).meta({ title: "LogisticsPlan" });

export default agent({
  name: "logistics-planner",
  port: 9112,
  description: "Schedules of planned trips",
  tools: {
    logistics_planning: tool({
      tags: ["specialist", "logistics", "llm"],
      description: "Turn a planned trip into a schedule by day, transfers included",
      input: z.object({ destination: z.string(), plan_summary: z.string(), dates: z.string() }),
      output: LogisticsPlan,
      llm: {
        system: "file://prompts/logistics_plan.njk",
        provider: { tags: ["claude"] },
        fallback: [{ tags: ["openai"] }, { tags: ["gemini"] }, {}],
        maxIterations: 1,
      },
    }, async ({ destination, plan_summary, dates }, { llm }) => {
      const asked = `Schedule this trip to ${destination} (${dates}):\n${plan_summary}`;
      return (await llm.object(asked, LogisticsPlan)).value;
    }),
  },
});
