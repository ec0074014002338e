import assert from "node:assert/strict";
import { jsonSchema, SCHEMA_RULES, type SchemaRule } from "./json_schema_rules.ts";
import { STANDARD } from "./vendors.ts";
import { wireRules } from "./wire_rules.ts";

const ALL: readonly SchemaRule[] = SCHEMA_RULES;
const { schemas } = wireRules(STANDARD);

for (const rule of ALL) {
  Deno.test(`jsonSchema() mends what ${rule.vendor} refuses by the rule ${rule.name}`, () => {
    const others = ALL.filter(({ name }) => name !== rule.name);
    assert.notDeepEqual(jsonSchema(rule.refused, ALL), jsonSchema(rule.refused, others));
    const mended = jsonSchema(rule.refused, ALL);
    assert.deepEqual(jsonSchema(mended, ALL), mended, "nothing is left to mend");
    assert.equal(mended["type"], "object");
  });
}

const A = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
const B = { type: "object", properties: { b: { type: "integer" } }, required: ["b"] };

const rows: [name: string, schema: unknown, expected: unknown][] = [
  ["nothing", undefined, { type: "object", properties: {} }],
  ["true", true, { type: "object", properties: {} }],
  ["a list", [], { type: "object", properties: {} }],
  ["a good schema", { ...A, additionalProperties: false }, { ...A, additionalProperties: false }],
  ["words about the text", { $schema: "s", $id: "i", $comment: "c", ...A }, A],
  ["a choice of what is required", {
    type: "object",
    properties: { index: { type: "integer" }, x: { type: "integer" } },
    oneOf: [{ required: ["index"] }, { required: ["x"] }],
  }, { type: "object", properties: { index: { type: "integer" }, x: { type: "integer" } } }],
  ["a choice of objects", { anyOf: [A, B] }, {
    type: "object",
    properties: { a: { type: "string" }, b: { type: "integer" } },
  }],
  ["a choice of objects with something in common", {
    oneOf: [
      { properties: { kind: { const: "a" }, n: { type: "integer" } }, required: ["kind", "n"] },
      { properties: { kind: { const: "b" } }, required: ["kind"] },
      { properties: { kind: { const: "a" } }, required: ["kind"] },
    ],
  }, {
    type: "object",
    properties: { kind: { anyOf: [{ const: "a" }, { const: "b" }] }, n: { type: "integer" } },
    required: ["kind"],
  }],
  ["all of several, by reference", { allOf: [{ $ref: "#/$defs/A" }, B], $defs: { A } }, {
    $defs: { A },
    type: "object",
    properties: { a: { type: "string" }, b: { type: "integer" } },
    required: ["a", "b"],
  }],
  ["all of what is a choice", { allOf: [{ anyOf: [A, { ...B, required: ["b", "a"] }] }] }, {
    type: "object",
    properties: { a: { type: "string" }, b: { type: "integer" } },
    required: ["a"],
  }],
  ["conditions", { ...A, if: { required: ["a"] }, then: B, else: { properties: { c: {} } } }, {
    type: "object",
    properties: { a: { type: "string" }, b: { type: "integer" }, c: {} },
    required: ["a"],
  }],
  [
    "a choice of itself",
    { $ref: "#/$defs/N", $defs: { N: { anyOf: [{ $ref: "#/$defs/N" }, A] } } },
    {
      $defs: { N: { anyOf: [{ $ref: "#/$defs/N" }, A] } },
      type: "object",
      properties: { a: { type: "string" } },
    },
  ],
  ["values at the top", { type: "object", enum: [{}], not: {}, const: {} }, {
    type: "object",
    properties: {},
  }],
  ["combinators below the top", { type: "object", properties: { x: { anyOf: [A, B] } } }, {
    type: "object",
    properties: { x: { anyOf: [A, B] } },
  }],
  ["lists at any depth", {
    type: "object",
    properties: {
      a: { type: "array" },
      b: { type: ["array", "null"] },
      c: { anyOf: [{ type: "array", items: { type: "array" } }] },
      d: { type: "array", items: [{ type: "string" }, { type: "array" }] },
      e: { type: "array", items: [] },
      f: { type: "array", prefixItems: [{ type: "string" }], items: false },
    },
    $defs: { L: { type: "array" } },
  }, {
    type: "object",
    properties: {
      a: { type: "array", items: {} },
      b: { type: ["array", "null"], items: {} },
      c: { anyOf: [{ type: "array", items: { type: "array", items: {} } }] },
      d: { type: "array", items: { anyOf: [{ type: "string" }, { type: "array", items: {} }] } },
      e: { type: "array", items: {} },
      f: { type: "array", prefixItems: [{ type: "string" }], items: false },
    },
    $defs: { L: { type: "array", items: {} } },
  }],
  ["nulls, but not those that are values", {
    type: "object",
    title: null,
    properties: {
      a: { type: "string", description: null, default: null, enum: ["x", null] },
      b: null,
    },
    required: null,
  }, {
    type: "object",
    properties: { a: { type: "string", default: null, enum: ["x", null] } },
  }],
  ["types of other languages", {
    type: "dict",
    properties: {
      a: { type: "STRING" },
      b: { type: "int" },
      c: { type: "any" },
      d: { type: ["str", "None"] },
      e: { type: "list", items: { type: "float" } },
      f: { type: {} },
    },
  }, {
    type: "object",
    properties: {
      a: { type: "string" },
      b: { type: "integer" },
      c: {},
      d: { type: ["string", "null"] },
      e: { type: "array", items: { type: "number" } },
      f: {},
    },
  }],
  ["required where a list is not", {
    type: "object",
    properties: { a: { type: "string", required: true }, required: { type: "boolean" } },
    required: ["a", 1],
  }, {
    type: "object",
    properties: { a: { type: "string" }, required: { type: "boolean" } },
    required: ["a"],
  }],
  ["a type that is no object's", { type: "string" }, { type: "object", properties: {} }],
];

for (const [name, schema, expected] of rows) {
  Deno.test(`jsonSchema() of ${name}`, () =>
    assert.deepEqual(jsonSchema(schema, schemas), expected));
}

Deno.test("jsonSchema() leaves patterns to endpoints that know them", () => {
  const schema = { type: "object", properties: { a: { type: "string", pattern: "^a$" } } };
  assert.deepEqual(jsonSchema(schema, schemas), schema);
  assert.deepEqual(jsonSchema(schema, wireRules({ ...STANDARD, toolPatterns: false }).schemas), {
    type: "object",
    properties: { a: { type: "string" } },
  });
});

Deno.test("jsonSchema() comes to an end with definitions that combine each other", () => {
  const names = Array.from({ length: 40 }, (_, at) => `D${at}`);
  const definitions = Object.fromEntries(names.map((name) => [name, {
    properties: { [name]: { type: "string" } },
    anyOf: names.map((other) => ({ $ref: `#/$defs/${other}` })),
    allOf: names.map((other) => ({ $ref: `#/$defs/${other}` })),
  }]));
  const { properties } = jsonSchema({ $ref: "#/$defs/D0", $defs: definitions }, schemas);
  assert.deepEqual(Object.keys(properties ?? {}).toSorted(), names.toSorted());
});
