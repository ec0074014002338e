#!/usr/bin/env -S deno run
/**
 * Finds unusual things for a planned trip.
 *
 * @module
 */
import { agent, tool } from "mesh";
import { z } from "zod";

const AdventureAdvice = z.object({
  unique_experiences: z.array(z.object({
    name: z.string(),
    description: z.string(),
    why_special: z.string(),
  })),
  local_gems: z.array(z.string()),
  off_beaten_path: z.string(),
}).meta({ title: "AdventureAdvice" });

export default agent({
  name: "adventure-advisor",
  port: 9111,
  description: "Unusual experiences for planned trips",
  tools: {
    adventure_advice: tool({
      tags: ["specialist", "adventure", "llm"],
      description: "Find unusual experiences for a planned trip",
      input: z.object({ destination: z.string(), plan_summary: z.string() }),
      output: AdventureAdvice,
      llm: {
        system: "file://prompts/adventure_advice.njk",
        provider: { tags: ["claude"] },
        fallback: [{ tags: ["openai"] }, { tags: ["gemini"] }, {}],
        maxIterations: 1,
      },
    }, async ({ destination, plan_summary }, { llm }) => {
      const asked = `Suggest unusual things for this trip to ${destination}:\n${plan_summary}`;
      return (await llm.object(asked, AdventureAdvice)).value;
    }),
  },
});
