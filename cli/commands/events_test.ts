import { deepEqual, equal, match } from "node:assert/strict";
import { contextFixture, type ContextFixtureOptions } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { event, eventRegistry } from "../mesh/event_registry_fixture.ts";
import { agentInfo } from "../mesh/mesh_fixture.ts";

const past = [
  event(1, { data: { version: "1.0.0", agent_type: "mcp_agent" } }),
  event(2, { event_type: "unhealthy", agent_id: "flight-agent-00000001" }),
  event(3, { event_type: "unregister", data: { reason: "graceful_shutdown" } }),
];
const agents = [agentInfo({ name: "flight-agent" })];

async function events(args: string[], options: ContextFixtureOptions = eventRegistry({ past })) {
  const fixture = contextFixture(options);
  const code = await dispatch(["events", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

Deno.test("events prints the newest last", async () => {
  const { code, stdout } = await events(["--limit", "2"]);
  equal(code, 0);
  deepEqual(stdout.split("\n"), [
    "2026-06-01T12:00:02.000Z  unhealthy              flight-agent-00000001",
    "2026-06-01T12:00:03.000Z  unregister             a-1  graceful_shutdown",
    "",
  ]);
  match((await events([])).stdout, /register {15}a-1 {2}1\.0\.0 mcp_agent\n/);
  equal((await events(["-n", "0"])).stdout, "");
});

Deno.test("events --json is one event a line", async () => {
  const { stdout } = await events(["--json"]);
  deepEqual(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), past.map(versioned));
});

Deno.test("events are chosen by type and by an agent whose name may be shortened", async () => {
  const registry = eventRegistry({ past, agents });
  const { stdout } = await events(["--agent", "fli", "--type", "unhealthy", "--json"], registry);
  deepEqual(JSON.parse(stdout), { schema_version: 1, ...past[1] });
  equal(
    registry.asked.at(-1),
    "/events?type=unhealthy&agent_id=flight-agent-00000001&limit=50",
  );
  const unknown = await events(["--agent", "hotel"], eventRegistry({ past, agents }));
  equal(unknown.code, 3);
  match(unknown.stderr, /no agent matches "hotel"/);
});

Deno.test("events says so when there are none, and which type was probably meant", async () => {
  const none = await events([], eventRegistry({}));
  deepEqual([none.code, none.stdout, none.stderr], [0, "", "No events found\n"]);
  match((await events(["--type", "unhelthy"])).stderr, /Did you mean unhealthy\?/);
});

Deno.test("events exits by what went wrong", async () => {
  equal((await events([], {})).code, 4);
  equal((await events(["-f"], {})).code, 4);
  equal((await events(["--limit", "501"])).code, 2);
  equal((await events(["--limit", "1.5"])).code, 2);
});

Deno.test("events -f goes on until it is interrupted", async () => {
  const registry = eventRegistry({ past });
  const fixture = contextFixture(registry);
  const following = dispatch(["events", "-f", "-n", "1", "--json"], fixture.context);
  await fixture.stdoutEndsWith(`${JSON.stringify({ schema_version: 1, ...past[2] })}\n`);
  registry.happen(event(4));
  await fixture.stdoutEndsWith(`${JSON.stringify(versioned(event(4)))}\n`);
  fixture.interrupt();
  equal(await following, 0);
  equal(fixture.stdout().trimEnd().split("\n").length, 2);
});

function versioned(document: object) {
  return { schema_version: 1, ...document };
}
