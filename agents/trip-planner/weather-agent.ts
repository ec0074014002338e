#!/usr/bin/env -S deno run
/**
 * Forecasts the weather.
 *
 * @module
 */
import { agent, tool } from "mesh";
import { z } from "zod";

const Forecast = z.object({
  location: z.string(),
  date: z.string(),
  condition: z.string(),
  high_c: z.int(),
  low_c: z.int(),
  rain_chance_pct: z.int(),
  summary: z.string(),
});

export default agent({
  name: "weather-agent",
  port: 9103,
  description: "Weather forecast",
  tools: {
    get_weather: tool({
      capability: "weather_forecast",
      tags: ["weather", "travel"],
      description: "Forecast the weather for a place and date",
      input: z.object({ location: z.string(), date: z.string() }),
      output: Forecast,
    }, ({ location, date }) => ({
      location,
      date,
      condition: "partly_cloudy",
      high_c: 28,
      low_c: 19,
      rain_chance_pct: 30,
      summary: `Partly cloudy in ${location} on ${date}, 28C high, 30% chance of rain.`,
    })),
  },
});
