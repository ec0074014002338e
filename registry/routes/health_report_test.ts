/** Agents that say how they are: our addition to a registration. */
import { deepEqual, equal, match } from "node:assert/strict";
import type { RegistrationInput } from "../../runtime/protocol/registration.ts";
import { Fleet } from "../suites/fleet_fixture.ts";
import { consumer, provider, row, TestMesh } from "../suites/mesh_fixture.ts";

const UNSET = "OPENAI_API_KEY is not set";
const ILL = { health: { status: "unhealthy" as const, errors: [UNSET] } };
const WELL = { health: { status: "healthy" as const, errors: [] } };

function lead(id: string, facts: Partial<RegistrationInput> = {}): RegistrationInput {
  return provider(id, "llm", { runtime: "deno", ...facts });
}

/** Whom a consumer of the capability is wired to. */
async function chosen(mesh: TestMesh): Promise<string | undefined> {
  const { dependencies_resolved } = await mesh.register(consumer("user", "llm"));
  const [found] = dependencies_resolved?.["use"] ?? [];
  return found?.status === "available" ? found.agent_id : undefined;
}

/** What happened, oldest first. */
async function history(mesh: TestMesh, id: string): Promise<string[]> {
  return (await mesh.events(`?agent_id=${id}`)).reverse()
    .map(({ event_type, data }) => `${event_type} ${data?.["reason"] ?? ""}`.trim());
}

row(
  "health",
  "an agent that says it is unhealthy is listed with its reason, and not wired",
  async (mesh) => {
    const { status } = await mesh.register(lead("p", ILL));
    equal(status, "success");
    const agent = await mesh.agent("p");
    equal(agent.status, "unhealthy");
    deepEqual(agent.health, { status: "unhealthy", errors: [UNSET] });
    equal(agent.capabilities?.[0]?.available, false);
    equal(agent.capabilities?.[0]?.unavailable_reason, "agent unhealthy");
    equal(await chosen(mesh), undefined);
    deepEqual(await history(mesh, "p"), ["register", "unhealthy self_reported"]);
  },
);

row("health", "it stays listed while it beats, however long", async (mesh) => {
  await mesh.register(lead("p", ILL));
  for (let beat = 0; beat < 20; beat++) {
    mesh.now += 15_000;
    equal(await mesh.beat("p"), 200);
  }
  deepEqual((await mesh.agent("p")).health?.errors, [UNSET]);
  deepEqual(await history(mesh, "p"), ["register", "unhealthy self_reported"]);
});

row("health", "once it is silent its word holds no longer", async (mesh) => {
  await mesh.register(lead("p", ILL));
  mesh.now += 30_000;
  const agent = await mesh.agent("p");
  equal(agent.status, "unhealthy");
  equal(agent.health, undefined);
  equal(await mesh.beat("p"), 410);
  deepEqual(await history(mesh, "p"), ["register", "unhealthy self_reported"]);
  await mesh.register(lead("p", ILL));
  deepEqual((await mesh.agent("p")).health?.errors, [UNSET]);
});

row("health", "one that says goodbye has no reason any more", async (mesh) => {
  await mesh.register(lead("p", ILL));
  await mesh.unregister("p");
  equal((await mesh.agent("p")).health, undefined);
  equal(await mesh.beat("p"), 410);
});

row("health", "getting well and ill rewires consumers, who are told", async (mesh) => {
  await mesh.register(lead("p", ILL));
  equal(await chosen(mesh), undefined);
  equal(await mesh.beat("user"), 200);
  await mesh.register(lead("p", WELL));
  equal(await mesh.beat("user"), 202);
  equal(await chosen(mesh), "p");
  equal((await mesh.agent("p")).health, undefined);
  await mesh.register(lead("p", ILL));
  equal(await mesh.beat("user"), 202);
  equal(await chosen(mesh), undefined);
  await mesh.register(lead("p"));
  equal(await chosen(mesh), "p", "who says nothing is well");
  deepEqual(await history(mesh, "p"), [
    "register",
    "unhealthy self_reported",
    "register recovery",
    "unhealthy self_reported",
    "register recovery",
  ]);
});

row("health", "another provider takes over, and the better one comes back", async (mesh) => {
  await mesh.register(lead("a"));
  await mesh.register(lead("b"));
  equal(await chosen(mesh), "a");
  await mesh.register(lead("a", ILL));
  equal(await chosen(mesh), "b");
  await mesh.register(lead("a"));
  equal(await chosen(mesh), "a");
});

row("health", "degraded is wired, and says why", async (mesh) => {
  await mesh.register(lead("p", { health: { status: "degraded", errors: ["slow"] } }));
  const agent = await mesh.agent("p");
  equal(agent.status, "healthy");
  deepEqual(agent.health, { status: "degraded", errors: ["slow"] });
  equal(await chosen(mesh), "p");
  deepEqual(await history(mesh, "p"), ["register"]);
});

row("health", "another reason replaces the one before, and is no event", async (mesh) => {
  await mesh.register(lead("p", ILL));
  await mesh.register(lead("p", { health: { status: "unhealthy", errors: ["no disk"] } }));
  deepEqual((await mesh.agent("p")).health?.errors, ["no disk"]);
  deepEqual(await history(mesh, "p"), ["register", "unhealthy self_reported"]);
});

row("health", "reasons are few and short", async (mesh) => {
  const errors = Array.from({ length: 50 }, () => "x".repeat(5_000));
  await mesh.register(lead("p", { health: { status: "unhealthy", errors } }));
  const kept = (await mesh.agent("p")).health?.errors ?? [];
  deepEqual([kept.length, kept[0]?.length], [10, 300]);
  await mesh.register(lead("p", { health: { status: "unhealthy", errors: ["a\n\u001b[31mb"] } }));
  deepEqual((await mesh.agent("p")).health?.errors, ["a [31mb"]);
});

row("health", "an unhealthy agent still learns where its own dependencies lead", async (mesh) => {
  await mesh.register(provider("dep", "c"));
  const answer = await mesh.register({ ...consumer("p", "c"), runtime: "deno", ...ILL });
  equal(answer.dependencies_resolved?.["use"]?.[0]?.agent_id, "dep");
});

row("health", "it is kept over a restart of the registry", async (mesh) => {
  await mesh.register(lead("p", ILL));
  await mesh.restart();
  const agent = await mesh.agent("p");
  deepEqual([agent.status, agent.health?.errors], ["unhealthy", [UNSET]]);
  equal(await mesh.beat("p"), 200);
});

row("health", "why names the reason", async (mesh) => {
  await mesh.register(lead("p", ILL));
  await mesh.register(consumer("user", "llm"));
  const response = await mesh.send("/why?agent=user&dependency=llm");
  match(
    await response.text(),
    /Help p, which says that it is unhealthy: OPENAI_API_KEY is not set\./,
  );
});

row("health", "the wiring stream of an unhealthy agent stays open", async (mesh) => {
  await mesh.register(lead("p", ILL));
  const response = await mesh.send("/heartbeat/p/stream");
  equal(response.status, 200);
  await response.body?.cancel();
});

row("health", "a report that is none is refused as any malformed field is", async (mesh) => {
  const response = await mesh.post({ ...lead("p"), health: { status: "so-so" } });
  equal(response.status, 400);
});

Deno.test("health: every instance knows, and beats to any of them count", async () => {
  await using fleet = await Fleet.open(2);
  await fleet.post(0, lead("p", ILL));
  fleet.now += 1_000;
  const [agent] = (await (await fleet.send(1, "/agents")).json()).agents;
  deepEqual([agent.status, agent.health], ["unhealthy", ILL.health]);
  for (let round = 0; round < 6; round++) {
    fleet.now += 10_000;
    equal(await fleet.beat(1, "p"), 200);
  }
  const [later] = (await (await fleet.send(0, "/agents")).json()).agents;
  deepEqual(later.health, ILL.health);
});
