import { deepEqual, equal } from "node:assert/strict";
import { type ResolutionAudit, ResolutionAuditSchema } from "../../runtime/protocol/audit.ts";
import type { RegistrationInput } from "../../runtime/protocol/registration.ts";
import { consumer, provider, row, type TestMesh } from "../suites/mesh_fixture.ts";

/** What was told of a consumer's dependencies, newest first. */
async function told(
  mesh: TestMesh,
  id: string,
): Promise<{ type: string; data: ResolutionAudit }[]> {
  const events = await mesh.events(`?agent_id=${id}&limit=500`);
  return events.filter(({ event_type }) => event_type.startsWith("dependency_"))
    .map(({ event_type, data }) => ({
      type: event_type.replace("dependency_", ""),
      data: ResolutionAuditSchema.parse(data),
    }));
}

async function types(mesh: TestMesh, id: string): Promise<string[]> {
  return (await told(mesh, id)).map(({ type }) => type);
}

const tagged = (id: string, tags: string[], facts: Partial<RegistrationInput> = {}) => ({
  ...provider(id, "c", facts),
  tools: [{ function_name: "serve", capability: "c", tags }],
});

const wanting = (id: string, ...tags: string[]): RegistrationInput => ({
  agent_id: id,
  tools: [{ function_name: "use", capability: "u", dependencies: [{ capability: "c", tags }] }],
});

row("audit", "a choice is told with every stage", async (mesh) => {
  await mesh.register(tagged("good", ["fast", "gpu"]));
  await mesh.register(tagged("other", ["fast"]));
  await mesh.register(tagged("wrong", ["slow"]));
  await mesh.register(tagged("dead", ["fast"]));
  await mesh.unregister("dead");
  await mesh.register(wanting("me", "fast", "+gpu"));
  const [event] = await mesh.events("?agent_id=me&type=dependency_resolved");
  equal(event?.function_name, "use");
  const everyone = ["good:serve", "other:serve", "wrong:serve"];
  const fast = ["good:serve", "other:serve"];
  const lacking = { id: "wrong:serve", reason: "MissingTag", details: { missing: ["fast"] } };
  const down = { id: "dead:serve", reason: "Unhealthy", details: { status: "unhealthy" } };
  deepEqual(event?.data, {
    consumer: "me",
    dep_index: 0,
    spec: { capability: "c", tags: ["fast", "+gpu"], schema_mode: "none" },
    stages: [
      { stage: "health", kept: everyone, evicted: [down] },
      { stage: "capability_match", kept: everyone, evicted: [] },
      { stage: "tags", kept: fast, evicted: [lacking] },
      { stage: "version", kept: fast, evicted: [] },
      { stage: "schema", kept: fast, evicted: [] },
      {
        stage: "tiebreaker",
        kept: ["good:serve"],
        evicted: [],
        chosen: "good:serve",
        reason: "HighestScoreThenVersion",
      },
    ],
    chosen: { agent_id: "good", endpoint: "http://provider.test:9000", function_name: "serve" },
  });
});

row("audit", "spec names the version and the schema mode that were asked for", async (mesh) => {
  await mesh.register(provider("p", "c"));
  const wanted = { capability: "c", version: ">=2", matchMode: "strict" };
  const tools = [{ function_name: "use", capability: "u", dependencies: [wanted] }];
  await mesh.register({ agent_id: "me", tools });
  const [audit] = await told(mesh, "me");
  deepEqual(audit?.data.spec, {
    capability: "c",
    version_constraint: ">=2",
    schema_mode: "strict",
  });
  deepEqual(audit?.data.stages[3]?.evicted, [{
    id: "p:c",
    reason: "VersionConstraintFailed",
    details: { version: "1.0.0", constraint: ">=2" },
  }]);
});

row("A18", "the newest event names the winner before", async (mesh) => {
  await mesh.register(provider("p-good", "c"));
  await mesh.register(provider("p-rival", "c"));
  await mesh.register(consumer("me", "c"));
  await mesh.unregister("p-good");
  await mesh.unregister("p-rival");
  await mesh.register(provider("p-better", "c"));
  await mesh.register(consumer("me", "c"));
  const [newest, first] = await told(mesh, "me");
  deepEqual([newest?.data.chosen?.agent_id, newest?.data.prior_chosen], ["p-better", "p-good"]);
  deepEqual([first?.data.chosen?.agent_id, first?.data.prior_chosen], ["p-good", undefined]);
});

row("A19", "a single candidate, resolved the first time, is not told", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.register(consumer("me", "c"));
  deepEqual(await types(mesh, "me"), []);
});

row("A20", "a single candidate turned away is told, with the reason", async (mesh) => {
  await mesh.register(tagged("p", ["slow"]));
  await mesh.register(wanting("me", "fast"));
  const [audit, ...others] = await told(mesh, "me");
  deepEqual([audit?.type, others.length], ["unresolved", 0]);
  deepEqual(audit?.data.stages[2]?.evicted, [
    { id: "p:serve", reason: "MissingTag", details: { missing: ["fast"] } },
  ]);
  equal(audit?.data.chosen, undefined);
});

row("A21", "no candidate and no history is not told", async (mesh) => {
  await mesh.register(consumer("me", "c"));
  await mesh.register(consumer("me", "c", "d"));
  deepEqual(await types(mesh, "me"), []);
});

row("A22", "the same outcome is told once, over a restart too", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.register(provider("q", "c"));
  await mesh.register(consumer("me", "c"));
  await mesh.register(consumer("me", "c"));
  await mesh.register({ ...consumer("me", "c"), version: "2" });
  await mesh.restart();
  await mesh.register({ ...consumer("me", "c"), version: "3" });
  deepEqual(await types(mesh, "me"), ["resolved"]);
});

row("A23", "unresolved before, then a single candidate resolves", async (mesh) => {
  await mesh.register(tagged("p", ["slow"]));
  await mesh.register(wanting("me", "fast"));
  await mesh.register(tagged("p", ["fast"]));
  await mesh.register(wanting("me", "fast"));
  deepEqual(await types(mesh, "me"), ["resolved", "unresolved"]);
});

row("audit", "resolved before, then lost, is told", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.register(provider("q", "c"));
  await mesh.register(consumer("me", "c"));
  await mesh.unregister("p");
  await mesh.unregister("q");
  await mesh.register(consumer("me", "c"));
  deepEqual(await types(mesh, "me"), ["unresolved", "resolved"]);
});

row("audit", "each dependency by its position in its function", async (mesh) => {
  await mesh.register(tagged("p", ["slow"]));
  const fast = { capability: "c", tags: ["fast"] };
  const use = { function_name: "use", capability: "u" };
  await mesh.register({
    agent_id: "me",
    tools: [
      { ...use, dependencies: [{ capability: "c" }, fast] },
      { ...use, dependencies: [fast] },
      { function_name: "__proto__", capability: "u", dependencies: [fast] },
    ],
  });
  const events = await mesh.events("?agent_id=me&type=dependency_unresolved");
  deepEqual(events.map(({ function_name, data }) => [function_name, data?.["dep_index"]]), [
    ["__proto__", 0],
    ["use", 2],
    ["use", 1],
  ]);
  equal((await mesh.events("?function_name=__proto__")).length, 1);
});

row("audit", "a beat tells nothing, however much has changed", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.register(provider("q", "c"));
  await mesh.register(consumer("me", "c"));
  await mesh.unregister("p");
  equal(await mesh.beat("me"), 202);
  equal(await mesh.beat("me"), 202);
  deepEqual(await types(mesh, "me"), ["resolved"]);
});

for (const agent_type of ["api", "a2a"]) {
  row("audit", `the routes of an ${agent_type} agent have an audit trail`, async (mesh) => {
    await mesh.register(provider("p", "c"));
    await mesh.register(provider("q", "c"));
    const tools = [{
      function_name: "POST:/use",
      capability: "",
      dependencies: [{ capability: "c" }],
    }];
    const route = { agent_id: "me", agent_type, tools };
    await mesh.register(route);
    deepEqual(await types(mesh, "me"), ["resolved"]);
    const [event] = await mesh.events("?agent_id=me&type=dependency_resolved");
    deepEqual([event?.function_name, event?.data?.["consumer"]], ["POST:/use", "me"]);
    await mesh.unregister("p");
    await mesh.unregister("q");
    await mesh.register(route);
    deepEqual(await types(mesh, "me"), ["unresolved", "resolved"]);
  });
}

row("audit", "hundreds of candidates fit an event, the winner among them", async (mesh) => {
  for (let index = 0; index < 300; index++) {
    await mesh.register(tagged(`provider-with-a-rather-long-name-${index}`, ["slow"]));
  }
  await mesh.register(tagged("winner", ["fast"]));
  await mesh.register(wanting("me", "fast"));
  const [event] = await mesh.events("?agent_id=me&type=dependency_resolved");
  const [health] = event?.data?.["stages"] as { kept: string[]; kept_count: number }[];
  deepEqual([health?.kept.length, health?.kept_count], [100, 301]);
  const [audit] = await told(mesh, "me");
  equal(audit?.data.chosen?.agent_id, "winner");
});

row("audit", "three hundred contested dependencies are all told", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.register(provider("q", "c"));
  const tools = Array.from({ length: 300 }, (_, index) => ({
    function_name: `use_${index}`,
    capability: "u",
    dependencies: [{ capability: "c" }],
  }));
  await mesh.register({ agent_id: "me", tools });
  await mesh.register({ agent_id: "me", tools, version: "2" });
  equal((await types(mesh, "me")).length, 300);
});
