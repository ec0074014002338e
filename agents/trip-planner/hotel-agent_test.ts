import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import hotelAgent from "./hotel-agent.ts";

Deno.test("hotel_search lists the three hotels", { permissions: "none" }, async () => {
  await using mesh = testMesh();
  await mesh.join(hotelAgent);
  const stay = { destination: "Kyoto", checkin: "2026-06-01", checkout: "2026-06-05" };
  assert.deepEqual(await mesh.call("hotel_search", stay), [
    {
      name: "Grand Hyatt",
      ...stay,
      stars: 5,
      price_per_night_usd: 320,
      amenities: ["pool", "spa", "gym"],
    },
    {
      name: "Sakura Inn",
      ...stay,
      stars: 3,
      price_per_night_usd: 95,
      amenities: ["wifi", "breakfast"],
    },
    { name: "Capsule Stay", ...stay, stars: 2, price_per_night_usd: 45, amenities: ["wifi"] },
  ]);
});
