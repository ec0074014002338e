import { deepEqual, equal } from "node:assert/strict";
import { agentInfo, toolInfo } from "./mesh_fixture.ts";
import {
  agentRows,
  endpointLabel,
  ownTools,
  routesOf,
  runtimeLabel,
  toolsOf,
} from "./mesh_view.ts";

const dependency = { function_name: "f", capability: "weather", status: "unresolved" };

Deno.test("agentRows() tells apart what is missed, what is not, and what was replaced", () => {
  const agents = [
    agentInfo({ name: "poi", dependency_resolutions: [dependency] }),
    agentInfo({
      name: "weather",
      status: "unhealthy",
      capabilities: [toolInfo({ name: "weather" })],
    }),
    agentInfo({ name: "other", status: "unhealthy" }),
    agentInfo({ name: "hotel", id: "hotel-1", status: "unhealthy" }),
    agentInfo({ name: "hotel", id: "hotel-2" }),
  ];
  deepEqual(
    agentRows(agents).map(({ agent, down, superseded }) => [agent.id, down, superseded]),
    [
      ["poi-00000001", undefined, 0],
      ["weather-00000001", "unhealthy", 0],
      ["other-00000001", "inactive", 0],
      ["hotel-1", "superseded", 0],
      ["hotel-2", undefined, 1],
    ],
  );
});

Deno.test("agentRows() lets the youngest of several dead instances stand for them", () => {
  const dead = (id: string, created_at: string) =>
    agentInfo({ name: "hotel", id, created_at, status: "unhealthy" });
  const rows = agentRows([
    dead("hotel-1", "2026-06-01T10:00:00Z"),
    dead("hotel-2", "2026-06-01T11:00:00Z"),
  ]);
  deepEqual(rows.map(({ down }) => down), ["superseded", "inactive"]);
});

Deno.test("runtimeLabel() shows Deno for agents known to run on it, whatever they told", () => {
  const told = agentInfo({ runtime: "typescript" });
  equal(runtimeLabel(told, new Set()), "TypeScript");
  equal(runtimeLabel(told, new Set([told.id])), "Deno");
  equal(runtimeLabel(agentInfo({ runtime: "rust" }), new Set()), "rust");
});

Deno.test("endpointLabel() is host and port, or what there is", () => {
  equal(endpointLabel("http://127.0.0.1:9101"), "127.0.0.1:9101");
  equal(endpointLabel("stdio://agent"), "agent");
  equal(endpointLabel(""), "-");
});

Deno.test("toolsOf() leaves out what only carries dependencies", () => {
  const names = ["plan", "prompt:greet", "resource:item", "__mesh_job_status"];
  const capabilities = names.map((name) => toolInfo({ name }));
  const agent = agentInfo({ capabilities });
  deepEqual(toolsOf(agent).map(({ name }) => name), ["plan", "__mesh_job_status"]);
  deepEqual(ownTools(agent).map(({ name }) => name), ["plan"]);
  deepEqual(routesOf(agent), []);
});

Deno.test("routesOf() are a gateway's, with what each of them lacks", () => {
  const dependency = (function_name: string, capability: string, status: string) => ({
    function_name,
    capability,
    status,
  });
  const dependency_resolutions = [
    dependency("POST /plan", "trip_planning", "unresolved"),
    dependency("GET /plans", "chat_history", "available"),
    dependency("POST /plan", "chat_history", "available"),
    dependency("POST /plan", "weather", "unavailable"),
  ];
  deepEqual(routesOf(agentInfo({ agent_type: "api", dependency_resolutions })), [
    { name: "POST /plan", missing: ["trip_planning", "weather"] },
    { name: "GET /plans", missing: [] },
  ]);
  deepEqual(routesOf(agentInfo({ dependency_resolutions })), []);
  deepEqual(routesOf(agentInfo({ agent_type: "api", dependency_resolutions: null })), []);
});

Deno.test("toolsOf() has none of a gateway, some of which list their routes", () => {
  const capabilities = [toolInfo({ name: "POST /plan" })];
  deepEqual(toolsOf(agentInfo({ agent_type: "api", capabilities })), []);
});
