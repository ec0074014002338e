#!/usr/bin/env -S deno run
/**
 * Finds flights, within the traveller's budget and with the preferred airlines first.
 *
 * @module
 */
import { agent, tool } from "mesh";
import { z } from "zod";

const Flight = z.object({
  carrier: z.string(),
  flight: z.string(),
  origin: z.string(),
  destination: z.string(),
  date: z.string(),
  depart: z.string(),
  arrive: z.string(),
  price_usd: z.int(),
});

/** The part of a traveller's preferences that matters for flights. */
const Preferences = z.object({
  budget_usd: z.number().default(10_000),
  preferred_airlines: z.array(z.string()).default([]),
});

const SCHEDULE = [
  { carrier: "MH", flight: "MH007", depart: "09:15", arrive: "14:40", price_usd: 842 },
  { carrier: "SQ", flight: "SQ017", depart: "11:50", arrive: "17:05", price_usd: 901 },
  { carrier: "AA", flight: "AA100", depart: "14:30", arrive: "20:15", price_usd: 1150 },
];

export default agent({
  name: "flight-agent",
  port: 9101,
  description: "Flight search",
  tools: {
    flight_search: tool({
      capability: "flight_search",
      tags: ["flights", "travel"],
      description: "Find flights between two cities on a date",
      input: z.object({ origin: z.string(), destination: z.string(), date: z.string() }),
      output: z.array(Flight),
      dependencies: { userPrefs: { capability: "user_preferences", output: Preferences } },
    }, async ({ origin, destination, date }, { userPrefs }) => {
      const { budget_usd, preferred_airlines } = await userPrefs?.({ user_id: "demo-user" }) ??
        Preferences.parse({});
      const rank = ({ carrier }: { carrier: string }) =>
        preferred_airlines.includes(carrier) ? 0 : 1;
      return SCHEDULE
        .filter(({ price_usd }) => price_usd <= budget_usd)
        .sort((a, b) => rank(a) - rank(b))
        .map(({ carrier, flight, ...rest }) => ({
          carrier,
          flight,
          origin,
          destination,
          date,
          ...rest,
        }));
    }),
  },
});
