import { deepEqual, equal, match } from "node:assert/strict";
import type { Event } from "../../runtime/protocol/listing.ts";
import { contextFixture, type ContextFixtureOptions } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { event, eventRegistry } from "../mesh/event_registry_fixture.ts";
import { agentInfo } from "../mesh/mesh_fixture.ts";

const id = "poi-agent-00000001";
const stages = [
  {
    stage: "health",
    kept: ["sun-1:now", "rain-1:now"],
    evicted: [{ id: "old-1:now", reason: "Unhealthy", details: { status: "unhealthy" } }],
  },
  { stage: "capability_match", kept: ["sun-1:now", "rain-1:now"], evicted: null },
  {
    stage: "tags",
    kept: ["sun-1:now"],
    evicted: [{ id: "rain-1:now", reason: "MissingTag", details: { missing: ["dry"] } }],
  },
  {
    stage: "tiebreaker",
    kept: ["sun-1:now"],
    chosen: "sun-1:now",
    reason: "HighestScoreThenVersion",
  },
];

function audited(second: number, index: number, capability: string, more: object = {}): Event {
  const resolved = "chosen" in more;
  return event(second, {
    event_type: resolved ? "dependency_resolved" : "dependency_unresolved",
    agent_id: id,
    function_name: "search_pois",
    data: {
      consumer: id,
      dep_index: index,
      spec: {
        capability,
        tags: ["dry", ["a", "b"]],
        version_constraint: ">=2",
        schema_mode: "none",
      },
      stages,
      ...more,
    },
  });
}

const chosen = { agent_id: "sun-1", endpoint: "http://sun:1", function_name: "now" };
const past = [
  event(0, { event_type: "dependency_resolved", agent_id: id, data: { other: "form" } }),
  audited(1, 0, "weather", { chosen, prior_chosen: "old-1" }),
  audited(2, 1, "prefs", { stages: null, prior_chosen: "prefs-1" }),
  event(3, { agent_id: id }),
  audited(4, 0, "weather", { chosen, prior_chosen: "sun-1" }),
];
const agents = [agentInfo({ name: "poi-agent", status: "unhealthy" })];

async function audit(
  args: string[],
  options: ContextFixtureOptions = eventRegistry({ past, agents }),
) {
  const fixture = contextFixture(options);
  const code = await dispatch(["audit", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

Deno.test("audit shows every recorded choice of an agent, even of one that is down", async () => {
  const { code, stdout } = await audit(["poi"]);
  equal(code, 0);
  deepEqual(stdout.split("\n"), [
    "TIMESTAMP                 DEP          FUNCTION     CHOSEN        CANDIDATES  CHANGE",
    "-".repeat(93),
    "2026-06-01T12:00:04.000Z  [0] weather  search_pois  sun-1:now     3 → 1",
    "2026-06-01T12:00:02.000Z  [1] prefs    search_pois  (unresolved)  0 → 0       (lost: prefs-1)",
    "2026-06-01T12:00:01.000Z  [0] weather  search_pois  sun-1:now     3 → 1       (was old-1)",
    "",
  ]);
});

Deno.test("audit --explain shows who fell out at which stage, and why", async () => {
  const { stdout } = await audit(["poi", "--explain", "--dep", "0"]);
  deepEqual(stdout.split("\n\n")[1]?.split("\n"), [
    "2026-06-01T12:00:01.000Z  [0] weather of search_pois",
    "  asks for tags dry, a|b; version >=2",
    "  ├─ health [kept 2, evicted 1]",
    "  │    sun-1:now, rain-1:now",
    "  │    ✗ old-1:now — Unhealthy {status: unhealthy}",
    "  ├─ capability_match [kept 2, evicted 0]",
    "  │    sun-1:now, rain-1:now",
    "  ├─ tags [kept 1, evicted 1]",
    "  │    sun-1:now",
    '  │    ✗ rain-1:now — MissingTag {missing: ["dry"]}',
    "  ├─ tiebreaker [kept 1, evicted 0] by HighestScoreThenVersion",
    "  │    sun-1:now",
    "  └─ ✓ chosen sun-1:now at http://sun:1 (was old-1)",
    "",
  ]);
  match((await audit(["poi", "--explain", "--dep", "prefs"])).stdout, /└─ ✗ no resolution \(lost/);
});

Deno.test("audit filters by dependency, function and outcome, and limits after filtering", async () => {
  const times = async (...args: string[]) =>
    JSON.parse((await audit(["poi", "--json", ...args])).stdout).events
      .map(({ timestamp }: Event) => new Date(timestamp).getUTCSeconds());
  deepEqual(await times(), [4, 2, 1]);
  deepEqual(await times("--limit", "2"), [4, 2]);
  deepEqual(await times("--dep", "1", "--limit", "1"), [2]);
  deepEqual(await times("--dep", "prefs"), [2]);
  deepEqual(await times("--dep", "wea"), [4, 1]);
  deepEqual(await times("--dep", "-1"), [4, 2, 1]);
  deepEqual(await times("--include-unresolved=false"), [4, 1]);
  deepEqual(await times("--function", "search_pois"), [4, 2, 1]);
  deepEqual(await times("--function", "other"), []);
});

Deno.test("audit --json keeps the event and adds what was read of it", async () => {
  const document = JSON.parse((await audit(["poi", "--json", "--limit", "1"])).stdout);
  equal(document.count, 1);
  const [first] = document.events;
  deepEqual(first.data, past[4]?.data);
  deepEqual([first.event_type, first.agent_id, first.agent_name], [
    "dependency_resolved",
    id,
    null,
  ]);
  deepEqual([first.trace.chosen, first.trace.stages[1].evicted], [chosen, []]);
});

Deno.test("audit of an agent without records says why, with exit 0", async () => {
  const { code, stdout } = await audit(["poi"], eventRegistry({ agents }));
  equal(code, 0);
  match(stdout, /No resolution of poi-agent-00000001 was recorded[^]*meshctl why poi-agent\n$/);
  const json = await audit(["poi", "--json"], eventRegistry({ agents }));
  deepEqual(JSON.parse(json.stdout), { schema_version: 1, events: [], count: 0 });
});

Deno.test("audit exits by what went wrong", async () => {
  const rows: [string[], number, RegExp][] = [
    [[], 2, /audit needs <agent>/],
    [["hotel"], 3, /no agent matches "hotel"/],
    [["poi", "--limit", "0"], 2, /--limit is 0/],
    [["poi", "--limit", "501"], 2, /--limit is 501/],
  ];
  for (const [args, code, message] of rows) {
    const result = await audit(args);
    equal(result.code, code);
    match(result.stderr, message);
  }
  equal((await audit(["poi"], {})).code, 4);
});
