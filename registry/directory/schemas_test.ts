import { deepEqual } from "node:assert/strict";
import { RegistrationSchema } from "../../runtime/protocol/registration.ts";
import { acceptRegistration, type AgentRecord } from "./record.ts";
import { Schemas } from "./schemas.ts";

function published(...hashes: string[]): AgentRecord {
  const accepted = acceptRegistration(
    undefined,
    RegistrationSchema.parse({
      agent_id: "p",
      tools: hashes.map((hash, index) => ({
        function_name: `f${index}`,
        capability: "c",
        [index % 2 === 0 ? "inputSchemaHash" : "outputSchemaHash"]: hash,
        [index % 2 === 0 ? "inputSchemaCanonical" : "outputSchemaCanonical"]: { hash },
      })),
    }),
    0,
  );
  if ("refused" in accepted) throw new Error(accepted.refused);
  return accepted.record;
}

async function hashes(schemas: Schemas): Promise<string[]> {
  return (await schemas.list(100)).map(({ hash }) => hash).sort();
}

Deno.test("M19: sweep() forgets what nobody refers to, by input or output", async () => {
  using kv = await Deno.openKv(":memory:");
  const schemas = new Schemas(kv);
  await schemas.keep(published("gone", "in", "out", "gone too"), 0);
  const left = [{ record: published("in", "out") }];
  // Another instance's agents may not be known here when a sweep first looks: it looks twice.
  await schemas.sweep(left);
  deepEqual(await hashes(schemas), ["gone", "gone too", "in", "out"]);
  await schemas.sweep(left);
  deepEqual(await hashes(schemas), ["in", "out"]);
  deepEqual((await Array.fromAsync(kv.list({ prefix: ["schema_body"] }))).length, 2);
});

Deno.test("sweep() leaves what somebody has come to refer to meanwhile", async () => {
  using kv = await Deno.openKv(":memory:");
  const schemas = new Schemas(kv);
  await schemas.keep(published("a"), 0);
  await schemas.sweep([]);
  await schemas.sweep([{ record: published("a") }]);
  await schemas.sweep([]);
  deepEqual(await hashes(schemas), ["a"]);
});

Deno.test("keep() stores more schemas than one read looks for", async () => {
  using kv = await Deno.openKv(":memory:");
  const schemas = new Schemas(kv);
  const many = Array.from({ length: 25 }, (_, index) => `h${index}`);
  await schemas.keep(published(...many), 0);
  deepEqual(await hashes(schemas), many.sort());
});
