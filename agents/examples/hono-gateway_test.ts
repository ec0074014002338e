import { deepEqual, equal, match } from "node:assert/strict";
import { type TestMesh, testMesh } from "mesh/testing";
import gateway from "./hono-gateway.ts";

const offline = { permissions: "none" as const };
const TRIP = { destination: "Tokyo", dates: "June 1-5", budget: "$2000" };

async function plan(mesh: TestMesh, trip: object, headers: Record<string, string> = {}) {
  const front = await mesh.join(gateway, { env: { MCP_MESH_SETTLE_TIMEOUT: "0" } });
  const response = await front.fetch("/plan", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(trip),
  });
  return { status: response.status, body: await response.json() };
}

Deno.test("plans a trip in the session that is named", offline, async () => {
  await using mesh = testMesh();
  await mesh.fake("trip_planning", (args: Record<string, unknown>) => JSON.stringify(args));
  const { status, body } = await plan(mesh, TRIP, { "x-session-id": "s-1" });
  equal(status, 200);
  equal(body.session_id, "s-1");
  deepEqual(JSON.parse(body.result), { ...TRIP, message: "", session_id: "s-1" });
});

Deno.test("names a session itself", offline, async () => {
  await using mesh = testMesh();
  await mesh.fake("trip_planning", "A plan");
  const { body } = await plan(mesh, TRIP);
  match(body.session_id, /^[0-9a-f-]{36}$/);
});

Deno.test("says what is missing of a trip", offline, async () => {
  await using mesh = testMesh();
  await mesh.fake("trip_planning", "A plan");
  const { status, body } = await plan(mesh, { destination: "Tokyo" });
  equal(status, 400);
  match(body.error, /at dates[^]*at budget/);
});

Deno.test("answers 503 without a planner, 502 when it fails", offline, async () => {
  await using mesh = testMesh();
  const without = await plan(mesh, TRIP);
  deepEqual([without.status, without.body.capability], [503, "trip_planning"]);
  await mesh.fake("trip_planning", () => {
    throw new Error("out of ideas");
  });
  const failed = await plan(mesh, TRIP);
  deepEqual([failed.status, failed.body.detail], [502, "trip_planning failed"]);
});
