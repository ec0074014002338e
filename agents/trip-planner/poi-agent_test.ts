import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import poiAgent from "./poi-agent.ts";
import weatherAgent from "./weather-agent.ts";

const offline = { permissions: "none" as const };
const location = "Tokyo";
const sensoji = { name: "Senso-ji Temple", type: "outdoor", category: "cultural", location };
const teamLab = { name: "TeamLab Borderless", type: "indoor", category: "art", location };
const dry = {
  location,
  recommendation: "Weather looks good — outdoor activities recommended.",
  pois: [
    sensoji,
    { name: "Ueno Park", type: "outdoor", category: "nature", location },
    { name: "Meiji Shrine", type: "outdoor", category: "cultural", location },
    teamLab,
  ],
};

Deno.test("search_pois goes by the weather agent's forecast for today", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(poiAgent);
  await mesh.join(weatherAgent);
  assert.deepEqual(await mesh.call("search_pois", { location }), {
    ...dry,
    weather_summary: "Partly cloudy in Tokyo on today, 28C high, 30% chance of rain.",
  });
});

Deno.test("search_pois without a weather agent knows no weather", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(poiAgent);
  assert.deepEqual(await mesh.call("search_pois", { location }), {
    ...dry,
    weather_summary: "unknown",
  });
});

Deno.test("search_pois goes indoors above 50 % rain", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(poiAgent);
  await mesh.fake("weather_forecast", { rain_chance_pct: 80, summary: "Rain." });
  assert.deepEqual(await mesh.call("search_pois", { location }), {
    location,
    weather_summary: "Rain.",
    recommendation: "Rain likely — mostly indoor activities recommended.",
    pois: [
      teamLab,
      { name: "Tokyo National Museum", type: "indoor", category: "museum", location },
      { name: "Akihabara Arcades", type: "indoor", category: "entertainment", location },
      sensoji,
    ],
  });
});

Deno.test("search_pois stays outdoors at exactly 50 % rain", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(poiAgent);
  await mesh.fake("weather_forecast", { rain_chance_pct: 50, summary: "Perhaps." });
  assert.deepEqual(await mesh.call("search_pois", { location }), {
    ...dry,
    weather_summary: "Perhaps.",
  });
});
