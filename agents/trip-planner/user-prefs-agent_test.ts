import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import userPrefsAgent from "./user-prefs-agent.ts";

Deno.test("get_user_prefs answers the same for every user", { permissions: "none" }, async () => {
  await using mesh = testMesh();
  await mesh.join(userPrefsAgent);
  assert.deepEqual(await mesh.call("get_user_prefs", { user_id: "demo-user" }), {
    user_id: "demo-user",
    preferred_airlines: ["SQ", "MH"],
    budget_usd: 1000,
    interests: ["cultural", "food", "nature"],
    hotel_min_stars: 3,
  });
});
