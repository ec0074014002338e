import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import weatherAgent from "./weather-agent.ts";

Deno.test("get_weather forecasts for the place and date", { permissions: "none" }, async () => {
  await using mesh = testMesh();
  await mesh.join(weatherAgent);
  assert.deepEqual(await mesh.call("get_weather", { location: "Kyoto", date: "2026-06-01" }), {
    location: "Kyoto",
    date: "2026-06-01",
    condition: "partly_cloudy",
    high_c: 28,
    low_c: 19,
    rain_chance_pct: 30,
    summary: "Partly cloudy in Kyoto on 2026-06-01, 28C high, 30% chance of rain.",
  });
});
