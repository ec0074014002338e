#!/usr/bin/env -S deno run
/**
 * Plans trips: reads the traveller's preferences and the conversation so far, has a language model
 * write the plan with what the tool agents know, and asks the specialists about it.
 *
 * @module
 */
import { agent, type DependencyClient, type Logger, MeshError, tool } from "mesh";
import { z } from "zod";

const Trip = z.object({
  destination: z.string(),
  dates: z.string(),
  budget: z.string(),
  from_city: z.string(),
});

const Preferences = z.object({
  preferred_airlines: z.array(z.string()).default([]),
  budget_usd: z.number().optional(),
  interests: z.array(z.string()).default([]),
  hotel_min_stars: z.number().optional(),
});
type Preferences = z.output<typeof Preferences>;

const Turns = z.array(z.object({ role: z.enum(["user", "assistant"]), content: z.string() }));

/** What the specialists' sections are called, in their order. */
const HEADINGS = ["Budget Analysis", "Adventure Recommendations", "Logistics Plan"];

export default agent({
  name: "planner-agent",
  port: 9107,
  description: "Trip planning with a language model",
  tools: {
    plan_trip: tool({
      capability: "trip_planning",
      tags: ["planner", "travel", "llm"],
      description: "Plan a trip: an itinerary by day, with what specialists have to add",
      input: Trip.extend({
        from_city: Trip.shape.from_city.default(""),
        message: z.string().default("").describe("What to change, in a conversation"),
        session_id: z.string().default("").describe("The conversation it belongs to"),
        ctx: Trip.partial().nullish().describe("Values for the prompt, instead of the trip's own"),
      }),
      chunk: z.string(),
      llm: {
        system: "file://prompts/plan_trip.njk",
        provider: { tags: ["claude"] },
        fallback: [{ tags: ["openai"] }, { tags: ["gemini"] }, {}],
        tools: ["flight_search", "hotel_search", "weather_forecast", "poi_search"].map((
          capability,
        ) => ({ capability })),
        maxIterations: 10,
      },
      dependencies: {
        userPrefs: { capability: "user_preferences", output: Preferences },
        chatHistory: { capability: "chat_history" },
        budgetAnalyst: { capability: "budget_analysis" },
        adventureAdvisor: { capability: "adventure_advice" },
        logisticsPlanner: { capability: "logistics_planning" },
      },
    }, async function* (trip, context) {
      const { llm, log, userPrefs, chatHistory } = context;
      const { destination, dates, budget, session_id } = trip;
      const preferences = await userPrefs?.({ user_id: "demo-user" });
      const history = session_id === "" ? undefined : chatHistory && new History(chatHistory, log);
      const turns = await history?.turns(session_id) ?? [];
      const asked = trip.message || sentence(trip);

      let text = "";
      const plan = llm.stream([...turns, { role: "user", content: asked }], {
        context: { ...trip.ctx, user_preferences: summary(preferences) },
      });
      for await (const chunk of plan) {
        text += chunk;
        yield chunk;
      }
      if (text.trim() === "") {
        throw new MeshError("llm_invalid", "the language model wrote no plan");
      }

      const about = { destination, plan_summary: text };
      // All at once; one that fails costs its section, not the plan.
      const insights = await Promise.allSettled([
        context.budgetAnalyst?.({ ...about, budget }),
        context.adventureAdvisor?.(about),
        context.logisticsPlanner?.({ ...about, dates }),
      ]);
      let sections = "";
      insights.forEach((insight, index) => {
        const heading = HEADINGS[index];
        if (insight.status === "rejected") log.warn(`no ${heading}: ${insight.reason}`);
        else if (insight.value !== undefined) {
          sections += `\n\n### ${heading}\n${JSON.stringify(insight.value, null, 2)}\n`;
        }
      });
      if (sections !== "") {
        const chunk = `\n\n---\n## Specialist Insights\n${sections}`;
        text += chunk;
        yield chunk;
      }

      await history?.save(session_id, [
        { role: "user", content: asked },
        { role: "assistant", content: text },
      ]);
    }),
  },
});

/** How long the history of a conversation may take, in milliseconds; the plan does without it then. */
const HISTORY_MS = 3_000;

/** The conversation so far. A plan is worth more than its history: what fails here is only logged. */
class History {
  readonly #agent: DependencyClient;
  readonly #log: Logger;
  #isAway = false;

  constructor(agent: DependencyClient, log: Logger) {
    this.#agent = agent;
    this.#log = log;
  }

  /** The last turns, oldest first. */
  async turns(session_id: string): Promise<z.output<typeof Turns>> {
    try {
      const args = { session_id, limit: 20 };
      return Turns.parse(
        await this.#agent.callTool("get_history", args, { timeoutMs: HISTORY_MS }),
      );
    } catch (error) {
      this.#isAway = true;
      this.#log.warn(`the plan is made without its conversation, and not added to it: ${error}`);
      return [];
    }
  }

  /** Adds turns, in order, unless those before them could not be read. */
  async save(session_id: string, turns: z.output<typeof Turns>): Promise<void> {
    if (this.#isAway) return;
    try {
      for (const turn of turns) {
        const args = { session_id, ...turn };
        await this.#agent.callTool("save_turn", args, { timeoutMs: HISTORY_MS });
      }
    } catch (error) {
      this.#log.warn(`the conversation was not saved: ${error}`);
    }
  }
}

function sentence({ destination, dates, budget, from_city }: z.output<typeof Trip>): string {
  const from = from_city === "" ? "" : `, departing from ${from_city}`;
  return `Plan a trip to ${destination} for ${dates} with a budget of ${budget}${from}.`;
}

function summary(preferences: Preferences | undefined): string {
  if (preferences === undefined) return "No preferences are known.";
  const { preferred_airlines, budget_usd, interests, hotel_min_stars } = preferences;
  return [
    `Preferred airlines: ${preferred_airlines.join(", ")}.`,
    `Budget limit: ${budget_usd === undefined ? "flexible" : `$${budget_usd}`}.`,
    `Interests: ${interests.join(", ")}.`,
    `Hotels of at least ${hotel_min_stars ?? "any"} stars.`,
  ].join("\n");
}
