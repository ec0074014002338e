#!/usr/bin/env -S deno run
/**
 * Knows what travellers prefer.
 *
 * @module
 */
import { agent, tool } from "mesh";
import { z } from "zod";

export default agent({
  name: "user-prefs-agent",
  port: 9105,
  description: "Traveller preferences",
  tools: {
    get_user_prefs: tool({
      capability: "user_preferences",
      tags: ["preferences", "travel"],
      description: "Look up a user's travel preferences",
      input: z.object({ user_id: z.string() }),
      output: z.object({
        user_id: z.string(),
        preferred_airlines: z.array(z.string()),
        budget_usd: z.int(),
        interests: z.array(z.string()),
        hotel_min_stars: z.int(),
      }),
    }, ({ user_id }) => ({
      user_id,
      preferred_airlines: ["SQ", "MH"],
      budget_usd: 1000,
      interests: ["cultural", "food", "nature"],
      hotel_min_stars: 3,
    })),
  },
});
