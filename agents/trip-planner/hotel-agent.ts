#!/usr/bin/env -S deno run
/**
 * Finds hotels.
 *
 * @module
 */
import { agent, tool } from "mesh";
import { z } from "zod";

const Hotel = z.object({
  name: z.string(),
  destination: z.string(),
  checkin: z.string(),
  checkout: z.string(),
  stars: z.int(),
  price_per_night_usd: z.int(),
  amenities: z.array(z.string()),
});

const HOTELS = [
  { name: "Grand Hyatt", stars: 5, price_per_night_usd: 320, amenities: ["pool", "spa", "gym"] },
  { name: "Sakura Inn", stars: 3, price_per_night_usd: 95, amenities: ["wifi", "breakfast"] },
  { name: "Capsule Stay", stars: 2, price_per_night_usd: 45, amenities: ["wifi"] },
];

export default agent({
  name: "hotel-agent",
  port: 9102,
  description: "Hotel search",
  tools: {
    hotel_search: tool(
      {
        capability: "hotel_search",
        tags: ["hotels", "travel"],
        description: "Find hotels at a destination",
        input: z.object({ destination: z.string(), checkin: z.string(), checkout: z.string() }),
        output: z.array(Hotel),
      },
      ({ destination, checkin, checkout }) =>
        HOTELS.map(({ name, ...rest }) => ({ name, destination, checkin, checkout, ...rest })),
    ),
  },
});
