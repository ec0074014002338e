import { deepEqual, equal } from "node:assert/strict";
import type { RegistrationInput } from "../../runtime/protocol/registration.ts";
import { StoredSchemaListSchema } from "../../runtime/protocol/stored_schema.ts";
import { row, type TestMesh } from "../suites/mesh_fixture.ts";

async function get(mesh: TestMesh, path: string) {
  const response = await mesh.send(path);
  return { status: response.status, body: await response.json() };
}

async function hashes(mesh: TestMesh, query = ""): Promise<string[]> {
  const { body } = await get(mesh, `/schemas${query}`);
  const { schemas, count } = StoredSchemaListSchema.parse(body);
  equal(count, schemas.length);
  return schemas.map(({ hash }) => hash);
}

function publisher(
  agent_id: string,
  hash: string,
  canonical: Record<string, unknown> = { type: "string" },
  facts: Partial<RegistrationInput> = {},
): RegistrationInput {
  const schema = { outputSchemaHash: hash, outputSchemaCanonical: canonical };
  return { agent_id, tools: [{ function_name: "f", capability: "c", ...schema }], ...facts };
}

row("schemas", "are stored with who published them first", async (mesh) => {
  deepEqual((await get(mesh, "/schemas")).body, { schemas: [], count: 0 });
  await mesh.register(publisher("p", "sha256:a", { type: "string" }, { runtime: "deno" }));
  const stored = {
    hash: "sha256:a",
    canonical: { type: "string" },
    runtime_origin: "deno",
    created_at: new Date(mesh.now).toISOString(),
  };
  deepEqual((await get(mesh, "/schemas")).body, { schemas: [stored], count: 1 });
  deepEqual(await get(mesh, "/schemas/sha256:a"), { status: 200, body: stored });
  deepEqual(await get(mesh, "/schemas/sha256%3Aa"), { status: 200, body: stored });
});

row(
  "schemas",
  "are shown as agents declare them, where the canonical form says less",
  async (mesh) => {
    const ticket = (type: string) => ({
      type: "object",
      properties: { id: { type: "string" }, title: { type } },
      required: ["id", "title"],
    });
    const canonical = {
      type: "object",
      properties: { id: { type: "string" } },
      required: ["id", "title"],
    };
    const publish = (id: string, type: string) =>
      mesh.register({
        agent_id: id,
        tools: [{
          function_name: "f",
          capability: "c",
          outputSchema: { ...ticket(type), description: "A ticket" },
          outputSchemaCanonical: canonical,
          outputSchemaHash: "sha256:t",
        }],
      });
    for (const [id, type] of [["a", "string"], ["b", "string"], ["c", "integer"]] as const) {
      await publish(id, type);
    }
    const { body } = await get(mesh, "/schemas/sha256:t");
    deepEqual(body.canonical, canonical);
    deepEqual(body.declared, [ticket("string"), ticket("integer")]);
    deepEqual((await get(mesh, "/schemas")).body.schemas, [body]);
  },
);

row("A25", "an unknown hash is 404", async (mesh) => {
  const { status, body } = await get(mesh, "/schemas/sha256:nope");
  deepEqual([status, body.error], [404, "schema not found: sha256:nope"]);
});

row("A26", "the first to publish a hash decides", async (mesh) => {
  await mesh.register(publisher("p", "sha256:a", { type: "string" }));
  await mesh.register(publisher("j", "sha256:a", { type: "integer" }, { runtime: "java" }));
  const { body } = await get(mesh, "/schemas/sha256:a");
  deepEqual([body.canonical, body.runtime_origin], [{ type: "string" }, "python"]);
  deepEqual(await hashes(mesh), ["sha256:a"]);
});

row("schemas", "need both parts; what a dependency expects is not stored", async (mesh) => {
  await mesh.register({
    agent_id: "p",
    tools: [{
      function_name: "f",
      capability: "c",
      inputSchemaHash: "sha256:only-hash",
      outputSchemaCanonical: { type: "string" },
      dependencies: [{
        capability: "d",
        matchMode: "subset",
        expectedSchemaHash: "sha256:expected",
        expectedSchemaCanonical: { type: "string" },
      }],
    }],
  });
  deepEqual(await hashes(mesh), []);
});

row("schemas", "newest first, limited", async (mesh) => {
  for (const name of ["a", "b", "c"]) await mesh.register(publisher(`p-${name}`, name));
  deepEqual(await hashes(mesh), ["c", "b", "a"]);
  deepEqual(await hashes(mesh, "?limit=2"), ["c", "b"]);
  deepEqual(await hashes(mesh, "?limit=0"), ["c"]);
  deepEqual(await hashes(mesh, "?limit=99999"), ["c", "b", "a"]);
  const { status, body } = await get(mesh, "/schemas?limit=many");
  deepEqual([status, Object.keys(body)], [400, ["msg"]]);
});

row("schemas", "of 60 KB and more work, and any text is a hash", async (mesh) => {
  const canonical = { enum: Array.from({ length: 9_000 }, (_, index) => `value ${index}`) };
  const hash = "h".repeat(5_000);
  await mesh.register(publisher("p", hash, canonical));
  const { status, body } = await get(mesh, `/schemas/${hash}`);
  deepEqual([status, body.canonical], [200, canonical]);
});

row("schemas", "stay as they are when the registry starts again", async (mesh) => {
  await mesh.register(publisher("p", "a"));
  await mesh.restart();
  deepEqual(await hashes(mesh), ["a"]);
});
