import assert from "node:assert/strict";
import { testMesh } from "mesh/testing";
import flightAgent from "./flight-agent.ts";
import userPrefsAgent from "./user-prefs-agent.ts";

const offline = { permissions: "none" as const };
const trip = { origin: "SFO", destination: "NRT", date: "2026-06-01" };
const MH = { carrier: "MH", flight: "MH007", ...trip, depart: "09:15", arrive: "14:40" };
const SQ = { carrier: "SQ", flight: "SQ017", ...trip, depart: "11:50", arrive: "17:05" };
const AA = { carrier: "AA", flight: "AA100", ...trip, depart: "14:30", arrive: "20:15" };

Deno.test("flight_search keeps to the budget of the preferences agent", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(flightAgent);
  await mesh.join(userPrefsAgent);
  assert.deepEqual(await mesh.call("flight_search", trip), [
    { ...MH, price_usd: 842 },
    { ...SQ, price_usd: 901 },
  ]);
});

Deno.test("flight_search without a preferences agent lists every flight", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(flightAgent);
  assert.deepEqual(await mesh.call("flight_search", trip), [
    { ...MH, price_usd: 842 },
    { ...SQ, price_usd: 901 },
    { ...AA, price_usd: 1150 },
  ]);
});

const rows: [name: string, prefs: Record<string, unknown>, flights: string[]][] = [
  ["a preferred airline comes first", { preferred_airlines: ["AA"] }, ["AA100", "MH007", "SQ017"]],
  ["the order inside the preferences has no effect", { preferred_airlines: ["SQ", "MH"] }, [
    "MH007",
    "SQ017",
    "AA100",
  ]],
  ["a price equal to the budget is kept", { budget_usd: 901 }, ["MH007", "SQ017"]],
  ["a budget below every price leaves nothing", { budget_usd: 841 }, []],
];

for (const [name, prefs, flights] of rows) {
  Deno.test(`flight_search: ${name}`, offline, async () => {
    await using mesh = testMesh();
    await mesh.join(flightAgent);
    await mesh.fake("user_preferences", prefs);
    const found = await mesh.call("flight_search", trip) as { flight: string }[];
    assert.deepEqual(found.map(({ flight }) => flight), flights);
  });
}

Deno.test("flight_search fails when the preferences agent does", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(flightAgent);
  await mesh.fake("user_preferences", () => {
    throw new Error("preferences are down");
  });
  await assert.rejects(mesh.call("flight_search", trip), {
    code: "tool_failed",
    message: "user_preferences: preferences are down",
  });
});

Deno.test("flight_search names the argument that is missing", offline, async () => {
  await using mesh = testMesh();
  await mesh.join(flightAgent);
  await assert.rejects(mesh.call("flight_search", { origin: "SFO", destination: "NRT" }), {
    code: "bad_input",
    message: /date: /,
  });
});
