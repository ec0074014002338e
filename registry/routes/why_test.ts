import { deepEqual, equal, match } from "node:assert/strict";
import type { RegistrationInput } from "../../runtime/protocol/registration.ts";
import { type Explanation, ExplanationSchema } from "../../runtime/protocol/why.ts";
import { consumer, provider, row, type TestMesh } from "../suites/mesh_fixture.ts";

async function why(mesh: TestMesh, query: Record<string, string>): Promise<Explanation> {
  const response = await mesh.send(`/why?${new URLSearchParams(query)}`);
  equal(response.status, 200);
  return ExplanationSchema.parse(await response.json());
}

type Wanted = NonNullable<NonNullable<RegistrationInput["tools"]>[number]["dependencies"]>[number];

const asking = (id: string, ...dependencies: Wanted[]): RegistrationInput => ({
  agent_id: id,
  tools: [{ function_name: "use", capability: "u", dependencies }],
});
const serving = (
  id: string,
  facts: NonNullable<RegistrationInput["tools"]>[number],
): RegistrationInput => ({
  ...provider(id, []),
  tools: [{ function_name: "serve", capability: "c", ...facts }],
});
const fields = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
  required: names,
});

const ASKED = { agent: "me", dependency: "c" };

row("why", "a dependency with one provider is resolved, and says where to", async (mesh) => {
  await mesh.register(provider("p", "c"));
  await mesh.register(consumer("me", "c"));
  const { resolved, chosen, sentences, fix, stages } = await why(mesh, ASKED);
  deepEqual([resolved, fix], [true, undefined]);
  deepEqual(chosen, { agent_id: "p", endpoint: "http://provider.test:9000", function_name: "c" });
  deepEqual(sentences, [
    'use of me asks for "c", in the namespace default.',
    "It leads to c of p at http://provider.test:9000, the only candidate that fits.",
  ]);
  equal(stages.length, 6);
});

row("why", "a choice says how it was made, and who was turned away", async (mesh) => {
  await mesh.register(serving("p1", { tags: ["x"] }));
  await mesh.register(serving("p2", { tags: ["x"] }));
  await mesh.register(serving("p3", { tags: [] }));
  await mesh.register(asking("me", { capability: "c", tags: ["x"] }));
  const { sentences } = await why(mesh, ASKED);
  match(sentences[0] ?? "", /asks for "c" with the tags "x", in/);
  match(
    sentences[1] ?? "",
    /serve of p1 .*: 2 candidates fit; .*\(1\.0\.0\), .* 2 such candidates/,
  );
  equal(sentences[2], 'p3:serve does not have the tag "x".');
});

const ranked: [name: string, registrations: RegistrationInput[], says: RegExp][] = [
  [
    "replicas",
    ["p1", "p2"].map((id) => ({ ...serving(id, {}), name: "prov" })),
    /is the first by name of 2 such replicas\.$/,
  ],
  [
    "tools of one agent",
    [{
      ...provider("p1", []),
      tools: ["get", "save"].map((function_name) => ({ function_name, capability: "c" })),
    }],
    /is the first of 2 such tools of that agent\.$/,
  ],
  [
    "different agents",
    [serving("p1", {}), serving("p2", {})],
    /is the first by name of 2 such candidates\.$/,
  ],
];
for (const [name, registrations, says] of ranked) {
  row("why", `a choice among ${name} is told as one`, async (mesh) => {
    for (const registration of registrations) await mesh.register(registration);
    await mesh.register(asking("me", { capability: "c" }));
    match((await why(mesh, ASKED)).sentences[1] ?? "", says);
  });
}

row("why", "what the agent has not been told yet is said", async (mesh) => {
  await mesh.register(consumer("me", "c"));
  await mesh.register(provider("p", "c"));
  match((await why(mesh, ASKED)).sentences.at(-1) ?? "", /^me is told with its next heartbeat/);
  await mesh.unregister("me");
  match((await why(mesh, ASKED)).sentences.at(-1) ?? "", /^me itself is unhealthy/);
});

type Case = [
  name: string,
  prepare: (mesh: TestMesh) => Promise<unknown>,
  dependency: Wanted,
  sentence: RegExp,
  fix: RegExp,
];
const unresolved: Case[] = [
  [
    "nobody",
    () => Promise.resolve(),
    { capability: "c" },
    /No agent .*default offers "c"/,
    /^Start an agent that offers "c"\.$/,
  ],
  [
    "another spelling",
    (mesh) => mesh.register(provider("p", "Weather_Service")),
    { capability: "weather-service" },
    /No agent/,
    /or ask for "Weather_Service", which there is/,
  ],
  [
    "another namespace, which is not given away",
    (mesh) => mesh.register(provider("p", "c", { namespace: "secret" })),
    { capability: "c" },
    /No agent .*default/,
    /^Start an agent that offers "c"\.$/,
  ],
  [
    "dead",
    async (mesh) => {
      await mesh.register(provider("p", "c", { name: "prov" }));
      await mesh.unregister("p");
    },
    { capability: "c" },
    /^p:c would do, but its agent is unhealthy/,
    /^Start prov again/,
  ],
  [
    "unavailable",
    (mesh) => mesh.register(serving("p", { dependencies: [{ capability: "z", required: true }] })),
    { capability: "c" },
    /^p:serve cannot be used: required dep 'z' unresolved\.$/,
    /serve of p lacks: required dep 'z' unresolved/,
  ],
  [
    "a tag",
    (mesh) => mesh.register(serving("p", { tags: ["y"] })),
    { capability: "c", tags: ["x"] },
    /^p:serve does not have the tag "x"\.$/,
    /^Add the tag "x" to p:serve/,
  ],
  [
    "several tags",
    (mesh) => mesh.register(serving("p", { tags: ["y"] })),
    { capability: "c", tags: ["x", "y", "z"] },
    /^p:serve does not have the tags "x" and "z"\.$/,
    /^Add the tags "x" and "z" to p:serve, or do not ask for them\.$/,
  ],
  [
    "one of some tags",
    (mesh) => mesh.register(serving("p", { tags: ["y"] })),
    { capability: "c", tags: [["a", "b"]] },
    /does not have one of the tags "a", "b"/,
    /^Add one of the tags "a", "b" to p:serve/,
  ],
  [
    "an excluded tag",
    (mesh) => mesh.register(serving("p", { tags: ["y"] })),
    { capability: "c", tags: ["-y"] },
    /has the tag "y", which is excluded/,
    /^Take the tag "y" from p:serve/,
  ],
  [
    "several excluded tags",
    (mesh) => mesh.register(serving("p", { tags: ["y", "z"] })),
    { capability: "c", tags: ["-y", "-z"] },
    /has the tags "y" and "z", which are excluded/,
    /^Take the tags "y" and "z" from p:serve, or do not exclude them/,
  ],
  [
    "a version",
    (mesh) => mesh.register(serving("p", { version: "1.4.0" })),
    { capability: "c", version: ">=2" },
    /has version 1\.4\.0, which >=2 does not allow/,
    /that >=2 allows, or ask for 1\.4\.0/,
  ],
  [
    "a schema",
    (mesh) =>
      mesh.register(serving("p", {
        outputSchemaHash: "a",
        outputSchemaCanonical: { type: "object", properties: { id: { type: "integer" } } },
      })),
    {
      capability: "c",
      matchMode: "subset",
      expectedSchemaHash: "b",
      expectedSchemaCanonical: fields("id", "email"),
    },
    /id is integer, expected string; email is missing/,
    /^Let the output of p:serve have what is expected/,
  ],
  [
    "a field whose name canonical forms lose, of another type",
    (mesh) =>
      mesh.register(serving("p", {
        outputSchema: { title: "T", ...fields("id", "title", "description"), required: ["id"] },
        outputSchemaHash: "a",
        outputSchemaCanonical: { ...fields("id"), required: ["id"] },
      })),
    {
      capability: "c",
      matchMode: "strict",
      expectedSchemaHash: "a",
      expectedSchema: {
        ...fields("id", "title", "examples"),
        properties: { title: { type: "number" }, examples: {}, id: { type: "string" } },
      },
      expectedSchemaCanonical: fields("id"),
    },
    /than is expected: examples is missing; title is string, expected number\.$/,
    /^Let the output of p:serve have what is expected/,
  ],
  [
    "a schema nobody published",
    (mesh) => mesh.register(serving("p", {})),
    { capability: "c", matchMode: "strict", expectedSchemaHash: "b" },
    /it does not say what it answers/,
    /or ask for a subset/,
  ],
];
for (const [name, prepare, dependency, sentence, fix] of unresolved) {
  row("why", `unresolved: ${name}`, async (mesh) => {
    await prepare(mesh);
    await mesh.register(asking("me", dependency));
    const found = await why(mesh, { agent: "me", dependency: dependency.capability ?? "" });
    deepEqual([found.resolved, found.chosen], [false, undefined]);
    match(found.sentences.at(-1) ?? "", sentence);
    match(found.fix ?? "", fix);
    equal(JSON.stringify(found).includes("secret"), false);
  });
}

row(
  "why",
  "an agent of the reference with a field called title is found by one of ours",
  async (mesh) => {
    const ticket = fields("id", "title", "priority");
    const { title: _, ...lost } = ticket.properties;
    await mesh.register(serving("p", {
      outputSchema: { title: "Ticket", ...ticket },
      outputSchemaHash: "a",
      outputSchemaCanonical: { ...ticket, properties: lost },
    }));
    const wanted = fields("id", "title");
    await mesh.register(asking("me", {
      capability: "c",
      matchMode: "subset",
      expectedSchemaHash: "b",
      expectedSchema: wanted,
      expectedSchemaCanonical: fields("id"),
    }));
    equal((await why(mesh, ASKED)).resolved, true);
  },
);

row("why", "who came furthest is who is to be helped", async (mesh) => {
  await mesh.register(serving("p1", { tags: ["y"], version: "9.0.0" }));
  await mesh.register(serving("p2", { tags: ["x"], version: "1.0.0" }));
  await mesh.register(asking("me", { capability: "c", tags: ["x"], version: ">=2" }));
  match((await why(mesh, ASKED)).fix ?? "", /^Start a version of p2:serve/);
});

row("why", "hundreds of candidates are counted, not listed", async (mesh) => {
  for (let index = 0; index < 50; index++) await mesh.register(serving(`p${index}`, {}));
  await mesh.register(asking("me", { capability: "c", tags: ["x"] }));
  const { sentences } = await why(mesh, ASKED);
  deepEqual([sentences.length, sentences.at(-1)], [
    22,
    "30 more were turned away for reasons like these.",
  ]);
});

row("why", "the dependency in trouble, of several on one capability", async (mesh) => {
  await mesh.register(serving("p", {}));
  await mesh.register(asking("me", { capability: "c" }, { capability: "c", tags: ["x"] }));
  equal((await why(mesh, ASKED)).resolved, false);
});

const references: [query: Record<string, string>, status: number, error?: RegExp][] = [
  [{ agent: "geo-1", dependency: "c" }, 200],
  [{ agent: "geo", dependency: "c" }, 200],
  [{ agent: "ge", dependency: "weat", function: "use" }, 200],
  [{ agent: "geo", dependency: "c", namespace: "default" }, 200],
  [{ agent: "geo", dependency: "c", namespace: "other" }, 404, /no agent/],
  [{ agent: "g", dependency: "c" }, 404, /"g" may mean geo, gps; give more/],
  [{ agent: "x", dependency: "c" }, 404, /no agent has the id or name "x"/],
  [
    { agent: "geo", dependency: "z" },
    404,
    /geo-1 does not depend on "z"; it depends on c, weather/,
  ],
  [{ agent: "geo", dependency: "c", function: "f" }, 404, /f of geo-1 .*; it has no dependencies/],
  [{ dependency: "c" }, 400, /agent is required/],
  [{ agent: "geo" }, 400, /dependency is required/],
];
for (const [query, status, error] of references) {
  row("why", `${new URLSearchParams(query)} is ${status}`, async (mesh) => {
    await mesh.register({ ...consumer("geo-1", "c", "weather"), name: "geo" });
    await mesh.register({ ...consumer("gps-1", "c"), name: "gps" });
    const response = await mesh.send(`/why?${new URLSearchParams(query)}`);
    equal(response.status, status);
    const body = await response.json();
    if (error !== undefined) match(body.error, error);
  });
}
