import { deepEqual, equal } from "node:assert/strict";
import type { Event } from "../../runtime/protocol/listing.ts";
import { eventDetail, eventLines } from "./event_text.ts";
import { createPalette } from "../output/colour.ts";

function event(event_type: string, data?: Record<string, unknown>): Event {
  return {
    event_type,
    agent_id: "a-1",
    timestamp: "2026-06-01T12:00:00.000Z",
    function_name: "f",
    ...(data === undefined ? {} : { data }),
  };
}

const spec = { capability: "weather", schema_mode: "none" };
const chosen = { agent_id: "p-1", endpoint: "http://p", function_name: "now" };

Deno.test("eventDetail() tells what an event of each type is about", () => {
  const rows: [Event, string][] = [
    [
      event("register", { agent_type: "mcp_agent", name: "a", version: "1.2.0" }),
      "1.2.0 mcp_agent",
    ],
    [event("register", { reason: "recovery", description: "back" }), "recovered"],
    [event("unregister", { reason: "graceful_shutdown" }), "graceful_shutdown"],
    [
      event("unhealthy", { reason: "health_degradation", description: "silent for 21 s" }),
      "silent for 21 s",
    ],
    [event("unhealthy", { reason: "stale_on_startup" }), "stale_on_startup"],
    [event("update", { reason: "observed_failure" }), "observed_failure"],
    [event("rotate"), ""],
    [
      event("dependency_resolved", { consumer: "a-1", dep_index: 0, spec, stages: [], chosen }),
      "weather of f → p-1:now",
    ],
    [
      event("dependency_unresolved", {
        consumer: "a-1",
        dep_index: 0,
        spec,
        stages: null,
        chosen: null,
        prior_chosen: "p-1",
      }),
      "weather of f → nobody (was p-1)",
    ],
    [event("dependency_resolved", { something: "else" }), "f"],
  ];
  for (const [given, detail] of rows) equal(eventDetail(given), detail);
});

Deno.test("eventLines() has the time, the type and the agent in columns", () => {
  const plain = createPalette(false);
  equal(
    eventLines(event("unregister", { reason: "bye" }), plain)[0],
    "2026-06-01T12:00:00.000Z  unregister             a-1  bye",
  );
  equal(
    eventLines(event("dependency_unresolved"), plain)[0],
    "2026-06-01T12:00:00.000Z  dependency_unresolved  a-1  f",
  );
  equal(eventLines(event("rotate"), createPalette(true))[0]?.includes("\x1b[36mrotate"), true);
});

Deno.test("eventLines() keeps to a width, and loses nothing", () => {
  const plain = createPalette(false);
  deepEqual(
    eventLines(event("register", { version: "1.0.0", agent_type: "mcp_agent" }), plain, 40),
    [
      "2026-06-01T12:00:00.000Z  register  a-1",
      "  1.0.0 mcp_agent",
    ],
  );
  deepEqual(
    eventLines(
      event("dependency_resolved", { consumer: "a-1", dep_index: 0, spec, stages: [], chosen }),
      plain,
      40,
    ),
    [
      "2026-06-01T12:00:00.000Z",
      "  dependency_resolved  a-1",
      "  weather of f → p-1:now",
    ],
  );
});
