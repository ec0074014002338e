import { equal, throws } from "node:assert/strict";
import { findAgent } from "./agent_reference.ts";
import { agentInfo } from "./mesh_fixture.ts";

const agents = [
  agentInfo({ name: "flight-agent", id: "flight-agent-aaaa0001", status: "unhealthy" }),
  agentInfo({ name: "flight-agent", id: "flight-agent-bbbb0002" }),
  agentInfo({ name: "flight-agent-eu", id: "flight-agent-eu-cccc0003" }),
  agentInfo({ name: "hotel-agent", id: "hotel-agent-dddd0004" }),
];

Deno.test("findAgent() takes exact names and ids, then prefixes in any case", () => {
  const rows: [string, string][] = [
    ["flight-agent", "flight-agent-bbbb0002"],
    ["flight-agent-aaaa0001", "flight-agent-aaaa0001"],
    ["flight-agent-eu", "flight-agent-eu-cccc0003"],
    ["HOT", "hotel-agent-dddd0004"],
    ["flight-agent-b", "flight-agent-bbbb0002"],
  ];
  for (const [reference, id] of rows) equal(findAgent(reference, agents).id, id, reference);
});

Deno.test("findAgent() refuses what fits several healthy agents, listing them", () => {
  throws(() => findAgent("fli", agents), {
    code: 2,
    message: /multiple agents match "fli":\n.*flight-agent-bbbb0002.*\n.*flight-agent-eu-cccc0003/,
    hint: /specify a more precise/,
  });
});

Deno.test("findAgent() tells the nearest names for one that does not exist", () => {
  throws(() => findAgent("hotle-agent", agents), { code: 3, hint: "Did you mean hotel-agent?" });
  throws(() => findAgent("x", []), { code: 3, hint: "No agent is registered." });
});
