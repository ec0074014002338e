import { deepEqual, equal, ok } from "node:assert/strict";
import type { RegistrationInput } from "../../runtime/protocol/registration.ts";
import { SUSPECT_MS } from "../directory/failures.ts";
import { consumer, provider, row, type TestMesh } from "../suites/mesh_fixture.ts";

/** Two equal replicas and a consumer of them. */
async function replicas(mesh: TestMesh): Promise<void> {
  await mesh.register(provider("p-1", "c"));
  await mesh.register(provider("p-2", "c"));
  equal(await chosen(mesh, consumer("a", "c")), "p-1");
}

async function chosen(mesh: TestMesh, agent: RegistrationInput): Promise<string | undefined> {
  const { dependencies_resolved } = await mesh.register(agent);
  return dependencies_resolved?.["use"]?.[0]?.agent_id;
}

function reporting(agent: RegistrationInput, ...ids: string[]): RegistrationInput {
  return { ...agent, observed_failures: ids.map((agent_id) => ({ agent_id, failures: 3 })) };
}

const uses = consumer("a", "c");

row("failures", "a reported provider comes last, for everyone, for 30 s", async (mesh) => {
  await replicas(mesh);
  await mesh.register(consumer("b", "c"));
  equal(await chosen(mesh, reporting(uses, "p-1")), "p-2");
  equal(await mesh.beat("b"), 202);
  equal(await chosen(mesh, consumer("b", "c")), "p-2");
  equal((await mesh.agent("p-1")).status, "healthy");
  mesh.now += SUSPECT_MS / 2;
  for (const id of ["p-1", "p-2", "a", "b"]) await mesh.beat(id);
  equal(await chosen(mesh, consumer("b", "c")), "p-2");
  mesh.now += SUSPECT_MS / 2;
  for (const id of ["p-1", "p-2", "a"]) await mesh.beat(id);
  equal(await mesh.beat("b"), 202);
  equal(await chosen(mesh, consumer("b", "c")), "p-1");
});

row("failures", "a full heartbeat of its own ends the suspicion", async (mesh) => {
  await replicas(mesh);
  await mesh.register(reporting(uses, "p-1"));
  equal(await mesh.beat("p-1"), 200, "a beat alone does not");
  equal(await mesh.beat("a"), 200);
  await mesh.register(provider("p-1", "c"));
  equal(await mesh.beat("a"), 202);
  equal(await chosen(mesh, uses), "p-1");
});

row("failures", "suspicion survives a restart", async (mesh) => {
  await replicas(mesh);
  await mesh.register(reporting(uses, "p-1"));
  await mesh.restart();
  equal(await chosen(mesh, uses), "p-2");
});

row("failures", "one event for many reports", async (mesh) => {
  await replicas(mesh);
  await mesh.register(consumer("b", "c"));
  await mesh.register(reporting(uses, "p-1"));
  await mesh.register(reporting(consumer("b", "c"), "p-1"));
  const [event, ...more] = await mesh.events("?type=update");
  deepEqual(more, []);
  equal(event?.agent_id, "p-1");
  deepEqual(event?.data, {
    reason: "observed_failure",
    reported_by: "a",
    failures: 3,
    suspect_until: event?.data?.["suspect_until"],
  });
});

row("failures", "of the only provider still leave it chosen", async (mesh) => {
  await mesh.register(provider("p-1", "c"));
  equal(await chosen(mesh, reporting(uses, "p-1")), "p-1");
  equal(await mesh.beat("a"), 200);
});

row("failures", "count only of providers the reporter is wired to", async (mesh) => {
  await replicas(mesh);
  await mesh.register(provider("x-1", "other"));
  await mesh.register(provider("t-1", "c", { namespace: "blue" }));
  await mesh.register(reporting(uses, "x-1", "t-1", "nobody", "a"));
  await mesh.register(reporting(consumer("stranger", "nothing"), "p-1"));
  await mesh.register({ ...reporting(consumer("new", "c"), "p-1") });
  deepEqual(await mesh.events("?type=update"), []);
  equal(await chosen(mesh, uses), "p-1");
});

row("failures", "are no part of what an agent has registered", async (mesh) => {
  await replicas(mesh);
  await mesh.register(reporting(uses, "p-1"));
  const commits = mesh.database.commits;
  await mesh.register(uses);
  await mesh.register(reporting(uses, "p-1"));
  // Beats are written by a timer and may come in between.
  ok(mesh.database.commits - commits <= 1);
});
