import assert from "node:assert/strict";
import { dependencyOf, toolOf } from "./mesh_fixture.ts";
import { KnownSchemas } from "./known_schemas.ts";
import { schemaDemand, schemaFits, type SchemaViolation, schemaViolations } from "./schema.ts";

type Json = Record<string, unknown>;
const HASH = "sha256:producer";
const OTHER = "sha256:consumer";

const producer: Json = {
  type: "object",
  properties: { id: { type: "integer" }, name: { type: "string" } },
  required: ["id", "name"],
};
const requires = (properties: Json): Json => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});
const offers = (properties: Json): Json => ({ type: "object", properties });

interface Row {
  id: string;
  mode?: string;
  wants?: Json | null;
  hash?: string;
  /** `null`: publishes no schema and no hash. */
  offers?: Json | null;
  /** Publishes a hash without a canonical schema. */
  hashOnly?: true;
  /** `kind path` of each violation; empty when the schemas fit. */
  violations: string[];
}

const deep = (levels: number): Json => {
  let node: Json = { type: "array" };
  for (let level = 0; level < levels; level++) node = { type: "array", items: node };
  return node;
};

const rows: Row[] = [
  { id: "S1 no mode", mode: "", wants: requires({ email: { type: "string" } }), violations: [] },
  { id: "S2 subset", wants: requires({ name: { type: "string" } }), violations: [] },
  {
    id: "S3 missing field",
    wants: requires({ email: { type: "string" } }),
    violations: ["missing_field email"],
  },
  {
    id: "S4 type mismatch",
    wants: requires({ id: { type: "string" } }),
    violations: ["type_mismatch id"],
  },
  { id: "S5 integer for number", wants: requires({ id: { type: "number" } }), violations: [] },
  {
    id: "S5 number for integer",
    wants: requires({ n: { type: "integer" } }),
    offers: offers({ n: { type: "number" } }),
    violations: ["type_mismatch n"],
  },
  { id: "S6 optional field", wants: offers({ email: { type: "string" } }), violations: [] },
  {
    id: "S7 strict, other hash",
    mode: "strict",
    wants: requires({ name: { type: "string" } }),
    violations: ["hash_mismatch "],
  },
  {
    id: "S8 strict, same hash",
    mode: "strict",
    wants: requires({ other: {} }),
    hash: HASH,
    violations: [],
  },
  {
    id: "S9 the hash is trusted",
    wants: requires({ email: { type: "string" } }),
    hash: HASH,
    violations: [],
  },
  {
    id: "S10 nothing published, subset",
    wants: requires({ email: { type: "string" } }),
    offers: null,
    violations: [],
  },
  {
    id: "S11 nothing published, strict",
    mode: "strict",
    wants: producer,
    offers: null,
    violations: ["no_published_hash "],
  },
  { id: "S12 consumer sends no schema", wants: null, violations: [] },
  {
    id: "S12 consumer sends no schema, strict",
    mode: "strict",
    wants: null,
    violations: ["hash_mismatch "],
  },
  {
    id: "S13 unknown mode is subset",
    mode: "fuzzy",
    wants: requires({ email: { type: "string" } }),
    violations: ["missing_field email"],
  },
  {
    id: "S13 STRICT is subset",
    mode: "STRICT",
    wants: requires({ name: { type: "string" } }),
    violations: [],
  },
  {
    id: "S14 nullable wanted, plain offered",
    wants: requires({ name: { type: ["string", "null"] } }),
    violations: ["type_mismatch name"],
  },
  {
    id: "S15 plain wanted, nullable offered",
    wants: requires({ name: { type: "string" } }),
    offers: offers({ name: { type: ["string", "null"] } }),
    violations: [],
  },
  {
    id: "S16 all violations",
    wants: requires({ email: {}, id: { type: "string" }, phone: {} }),
    violations: ["missing_field email", "type_mismatch id", "missing_field phone"],
  },
  {
    id: "S17 items wanted, none offered",
    wants: requires({ list: { type: "array", items: { type: "string" } } }),
    offers: offers({ list: { type: "array" } }),
    violations: ["missing_items_schema list"],
  },
  {
    id: "S18 enum is not compared",
    wants: requires({ name: { type: "string", enum: ["a"] } }),
    offers: offers({ name: { type: "string", enum: ["b"] } }),
    violations: [],
  },
  {
    id: "S19 anyOf is not examined",
    wants: requires({ name: { anyOf: [{ type: "integer" }] } }),
    violations: [],
  },
  {
    id: "S20 optional of another type",
    wants: offers({ name: { type: "integer" } }),
    violations: [],
  },
  {
    id: "S21 offered but not required by the producer",
    wants: requires({ name: { type: "string" } }),
    offers: offers({ name: { type: "string" } }),
    violations: [],
  },
  {
    id: "S22 items of a root array",
    wants: { type: "array", items: requires({ price: {} }) },
    offers: { type: "array", items: offers({ name: {} }) },
    violations: ["missing_field [].price"],
  },
  {
    id: "S23 a property the canonical form has lost, required by both",
    wants: { type: "object", properties: {}, required: ["description"] },
    offers: { type: "object", properties: {}, required: ["description"] },
    violations: [],
  },
  {
    id: "S23 a property the canonical form has lost, which the producer does not require",
    wants: { type: "object", properties: {}, required: ["description"] },
    offers: { type: "object", properties: {} },
    violations: ["missing_field description"],
  },
  {
    id: "E1 nested paths",
    wants: requires({
      trips: { type: "array", items: requires({ from: requires({ city: {} }) }) },
    }),
    offers: offers({ trips: { type: "array", items: offers({ from: offers({}) }) } }),
    violations: ["missing_field trips[].from.city"],
  },
  {
    id: "E2 hash without canonical schema, subset",
    wants: requires({ name: {} }),
    hashOnly: true,
    violations: ["no_published_schema "],
  },
  {
    id: "E3 consumer's type list within the producer's",
    wants: requires({ n: { type: ["number", "null"] } }),
    offers: offers({ n: { type: ["integer", "null", "string"] } }),
    violations: [],
  },
  { id: "E4 root types differ", wants: { type: "array" }, violations: ["type_mismatch "] },
  {
    id: "E5 names of built-in properties are not inherited",
    wants: { type: "object", required: ["toString", "constructor"] },
    violations: ["missing_field toString", "missing_field constructor"],
  },
  { id: "E6 malformed required", wants: { type: "object", required: [1, null] }, violations: [] },
  { id: "E7 boolean property schemas", wants: { ...requires({ name: true }) }, violations: [] },
  { id: "E8 as deep as allowed", wants: deep(64), offers: deep(64), violations: [] },
  {
    id: "E9 deeper than allowed",
    wants: deep(10_000),
    offers: deep(10_000),
    violations: [`too_deep ${"[]".repeat(65)}`],
  },
  {
    id: "E10 no hash from the consumer, subset",
    hash: "",
    wants: requires({ name: {} }),
    violations: [],
  },
  {
    id: "E11 no hash on either side, strict",
    mode: "strict",
    hash: "",
    offers: null,
    violations: ["no_published_hash "],
  },
];

const named = (violation: SchemaViolation) => `${violation.kind} ${violation.path}`;

for (const row of rows) {
  Deno.test(`schemaFits() ${row.id}`, () => {
    const published = row.offers === undefined ? producer : row.offers;
    const tool = toolOf({
      capability: "c",
      ...(published === null ? {} : { outputSchemaHash: HASH }),
      ...(published === null || row.hashOnly ? {} : { outputSchemaCanonical: published }),
    });
    const demand = schemaDemand(
      new KnownSchemas(),
      dependencyOf({
        matchMode: row.mode ?? "subset",
        expectedSchemaHash: row.hash ?? OTHER,
        expectedSchemaCanonical: row.wants ?? null,
      }),
    );
    if (demand === undefined) {
      assert.equal(row.mode, "");
      return;
    }
    assert.deepEqual(schemaViolations(demand, tool).map(named), row.violations);
    assert.equal(schemaFits(demand, tool), row.violations.length === 0);
  });
}

Deno.test("schemaViolations() gives both types of a mismatch", () => {
  const demand = schemaDemand(
    new KnownSchemas(),
    dependencyOf({
      matchMode: "subset",
      expectedSchemaCanonical: requires({ id: { type: "string" } }),
    }),
  );
  assert.ok(demand);
  const tool = toolOf({
    capability: "c",
    outputSchemaHash: HASH,
    outputSchemaCanonical: producer,
  });
  assert.deepEqual(schemaViolations(demand, tool), [
    { kind: "type_mismatch", path: "id", consumer_type: "string", producer_type: "integer" },
  ]);
});
