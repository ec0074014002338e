import { deepEqual } from "node:assert/strict";
import type { LocalAgent } from "../machine/records.ts";
import { agentGroups, chooseGroups } from "./stop_choice.ts";

function local(name: string, pid: number, started_at = "2026-06-01T12:00:00Z"): LocalAgent {
  return {
    stem: name,
    path: `/${name}.json`,
    record: {
      name,
      file: `/${name}.ts`,
      pid,
      phase: "registered",
      registry: "",
      started_at,
      unresolved: [],
    },
  };
}

const groups = agentGroups([
  local("flight-agent", 1),
  local("flight-agent-eu", 2),
  local("hotel-agent", 3, "2026-06-01T12:00:01Z"),
  local("poi-agent", 3),
]);

Deno.test("agentGroups() puts agents of one process together, since the first of them", () => {
  deepEqual(groups.at(-1), {
    pid: 3,
    startedAt: "2026-06-01T12:00:00Z",
    birth: undefined,
    names: ["hotel-agent", "poi-agent"],
    stems: ["hotel-agent", "poi-agent"],
  });
});

Deno.test("chooseGroups() takes exact names, unambiguous beginnings and whole processes", () => {
  const pids = (...names: string[]) => {
    const choice = chooseGroups(names, groups);
    return choice.kind === "chosen" ? choice.groups.map(({ pid }) => pid) : choice.kind;
  };
  deepEqual(pids("flight-agent"), [1]);
  deepEqual(pids("FLIGHT-AGENT-"), [2]);
  deepEqual(pids("poi", "hotel"), [3]);
  deepEqual(pids("flight"), "ambiguous");
  deepEqual(pids("flight-agent", "weather"), "unknown");
  deepEqual(pids("poi"), "packed");
});
