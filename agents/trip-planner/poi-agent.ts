#!/usr/bin/env -S deno run
/**
 * Finds points of interest, indoors when rain is likely.
 *
 * @module
 */
import { agent, tool } from "mesh";
import { z } from "zod";

const PointOfInterest = z.object({
  name: z.string(),
  type: z.enum(["outdoor", "indoor"]),
  category: z.string(),
  location: z.string(),
});

/** The part of a forecast that matters here. */
const Forecast = z.object({
  rain_chance_pct: z.number().default(0),
  summary: z.string().default("unknown"),
});

const OUTDOOR = [
  { name: "Senso-ji Temple", type: "outdoor", category: "cultural" },
  { name: "Ueno Park", type: "outdoor", category: "nature" },
  { name: "Meiji Shrine", type: "outdoor", category: "cultural" },
] as const;

const INDOOR = [
  { name: "TeamLab Borderless", type: "indoor", category: "art" },
  { name: "Tokyo National Museum", type: "indoor", category: "museum" },
  { name: "Akihabara Arcades", type: "indoor", category: "entertainment" },
] as const;

export default agent({
  name: "poi-agent",
  port: 9104,
  description: "Points of interest",
  tools: {
    search_pois: tool({
      capability: "poi_search",
      tags: ["poi", "travel"],
      description: "Find points of interest at a place",
      input: z.object({ location: z.string() }),
      output: z.object({
        location: z.string(),
        weather_summary: z.string(),
        recommendation: z.string(),
        pois: z.array(PointOfInterest),
      }),
      dependencies: { weather: { capability: "weather_forecast", output: Forecast } },
    }, async ({ location }, { weather }) => {
      const forecast = await weather?.({ location, date: "today" }) ?? Forecast.parse({});
      const rainy = forecast.rain_chance_pct > 50;
      const chosen = rainy ? [...INDOOR, OUTDOOR[0]] : [...OUTDOOR, INDOOR[0]];
      return {
        location,
        weather_summary: forecast.summary,
        recommendation: rainy
          ? "Rain likely — mostly indoor activities recommended."
          : "Weather looks good — outdoor activities recommended.",
        pois: chosen.map((poi) => ({ ...poi, location })),
      };
    }),
  },
});
