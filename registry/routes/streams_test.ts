import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Fleet } from "../suites/fleet_fixture.ts";
import { consumer, provider, row, type TestMesh } from "../suites/mesh_fixture.ts";
import { StreamReader } from "../suites/sse_fixture.ts";

async function open(mesh: TestMesh, path: string, lastEventId?: string): Promise<StreamReader> {
  const headers: HeadersInit = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
  const response = await mesh.send(path, { headers });
  equal(response.headers.get("content-type"), "text/event-stream");
  return new StreamReader(response);
}

row("events stream", "tells what happens from now on, oldest first", async (mesh) => {
  await mesh.register(provider("before", "c"));
  await using stream = await open(mesh, "/events/stream");
  await mesh.register(provider("p", "c"));
  await mesh.unregister("p");
  const [first, second] = await stream.take(2);
  deepEqual([first?.data.event_type, first?.data.agent_id], ["register", "p"]);
  deepEqual([second?.data.event_type, second?.data.agent_id], ["unregister", "p"]);
});

row("events stream", "goes on after the last id, over a restart", async (mesh) => {
  const stream = await open(mesh, "/events/stream");
  await mesh.register(provider("p-1", "c"));
  const [first] = await stream.take(1);
  await stream[Symbol.asyncDispose]();
  await mesh.register(provider("p-2", "c"));
  await mesh.restart();
  await mesh.register(provider("p-3", "c"));
  await using later = await open(mesh, "/events/stream", first?.id);
  deepEqual((await later.take(2)).map(({ data }) => data.agent_id), ["p-2", "p-3"]);
});

row("events stream", "filters by type, agent and namespace", async (mesh) => {
  await using ofType = await open(mesh, "/events/stream?type=unregister");
  await using ofAgent = await open(mesh, "/events/stream?agent_id=q");
  await using ofTenant = await open(mesh, "/events/stream?namespace=blue");
  await mesh.register(provider("p", "c"));
  await mesh.register(provider("q", "c", { namespace: "blue" }));
  await mesh.unregister("p");
  deepEqual((await ofType.take(1)).map(({ data }) => data.agent_id), ["p"]);
  deepEqual((await ofAgent.take(1)).map(({ data }) => data.agent_id), ["q"]);
  deepEqual((await ofTenant.take(1)).map(({ data }) => data.agent_id), ["q"]);
});

row("agents stream", "begins with everyone, then tells changes", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await using stream = await open(mesh, "/agents/stream");
  const [reset, first] = await stream.take(2);
  deepEqual([reset?.event, reset?.id], ["reset", undefined]);
  deepEqual([first?.event, first?.data.id, first?.data.status], ["agent", "p", "healthy"]);
  ok(first?.id);
  await mesh.unregister("p");
  const [changed] = await stream.take(1);
  deepEqual([changed?.event, changed?.data.status], ["agent", "unhealthy"]);
});

row(
  "agents stream",
  "goes on after the last id, and starts over when that is lost",
  async (mesh) => {
    await mesh.register(provider("p", "c"));
    const stream = await open(mesh, "/agents/stream");
    const [, first] = await stream.take(2);
    await stream[Symbol.asyncDispose]();
    await mesh.register(provider("q", "c"));
    await using later = await open(mesh, "/agents/stream", first?.id);
    deepEqual((await later.take(1)).map(({ event, data }) => [event, data.id]), [["agent", "q"]]);
    await using lost = await open(mesh, "/agents/stream", "999999");
    deepEqual((await lost.take(3)).map(({ event }) => event), ["reset", "agent", "agent"]);
  },
);

row("agents stream", "tells who is forgotten, and only within a namespace", async (mesh) => {
  await mesh.register(provider("p", "c", { namespace: "blue" }));
  await mesh.register(provider("other", "c"));
  await using stream = await open(mesh, "/agents/stream?namespace=blue");
  deepEqual((await stream.take(2)).map(({ event }) => event), ["reset", "agent"]);
  await mesh.register(provider("another", "c"));
  await mesh.register(provider("p", "c", { namespace: "green" }));
  deepEqual((await stream.take(1)).map(({ event, data }) => [event, data]), [["gone", {
    id: "p",
  }]]);
});

row("wiring stream", "a provider's goodbye reaches its consumers at once", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.register(consumer("a", "c"));
  await mesh.register(consumer("z", "other"));
  await using stream = await open(mesh, "/heartbeat/a/stream");
  const start = performance.now();
  await mesh.unregister("p");
  deepEqual(await stream.take(1), [{ event: "wiring", data: { reason: "changed" } }]);
  ok(performance.now() - start < 100);
  equal(await mesh.beat("a"), 202);
  await mesh.register(consumer("a", "c"));
  // Changes that are none to it are not told: the next message is about c again.
  await mesh.register(provider("q", "unrelated"));
  await mesh.register(provider("p", "c"));
  await stream.take(1);
  await mesh.register(consumer("a", "c"));
  await mesh.unregister("a");
  deepEqual(await stream.take(1), [{ event: "wiring", data: { reason: "gone" } }]);
});

row("wiring stream", "begins with what is owed", async (mesh) => {
  await mesh.register(consumer("a", "c"));
  await mesh.register(provider("p", "c"));
  await using stream = await open(mesh, "/heartbeat/a/stream");
  deepEqual((await stream.take(1)).map(({ data }) => data.reason), ["changed"]);
});

row("wiring stream", "is one an agent, and 410 for who is none", async (mesh) => {
  await mesh.register(consumer("a", "c"));
  await using first = await open(mesh, "/heartbeat/a/stream");
  await using second = await open(mesh, "/heartbeat/a/stream");
  equal(await first.next(), undefined);
  await mesh.register(provider("p", "c"));
  await second.take(1);
  const refused = await mesh.send("/heartbeat/nobody/stream");
  equal(refused.status, 410);
  match((await refused.json()).error, /"nobody"/);
});

row("streams", "end with the registry", async (mesh) => {
  await mesh.register(consumer("a", "c"));
  await using wiring = await open(mesh, "/heartbeat/a/stream");
  await using events = await open(mesh, "/events/stream");
  await mesh.restart();
  deepEqual([await wiring.next(), await events.next()], [undefined, undefined]);
});

Deno.test("a wiring stream hears of a change through another instance within a second", async () => {
  await using fleet = await Fleet.open(2);
  await fleet.post(0, provider("p", "c"));
  await fleet.post(1, consumer("a", "c"));
  await using stream = new StreamReader(await fleet.send(1, "/heartbeat/a/stream"));
  await using events = new StreamReader(await fleet.send(1, "/events/stream"));
  const start = performance.now();
  await fleet.send(0, "/agents/p", { method: "DELETE" });
  deepEqual((await stream.take(1)).map(({ data }) => data.reason), ["changed"]);
  deepEqual((await events.take(1)).map(({ data }) => data.event_type), ["unregister"]);
  ok(performance.now() - start < 1000);
});
