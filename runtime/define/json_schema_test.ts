import assert from "node:assert/strict";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import * as z from "zod";
import { jsonSchema } from "./json_schema.ts";

const Named = z.object({ name: z.string() });
const Address = z.object({ street: z.string() }).meta({ id: "Address" });
const Tree: z.ZodType = z.intersection(
  Named,
  z.object({
    get kids() {
      return z.array(Tree);
    },
  }),
);

const outputs: [what: string, schema: z.ZodType, good: unknown[], bad: unknown[]][] = [
  ["an object", Named, [{ name: "x" }], [{}, { name: "x", more: 1 }]],
  ["an object that may be absent", Named.optional(), [{ name: "x" }, null], [{}]],
  ["an object that may be null", Named.nullable(), [{ name: "x" }, null], [{}]],
  ["an object with a default", Named.default({ name: "x" }), [{ name: "x" }], [null]],
  [
    "two objects in one",
    Named.and(z.object({ age: z.number() })),
    [{ name: "x", age: 1 }],
    [{ name: "x" }, { age: 1 }],
  ],
  [
    "a named object and one of two",
    Address.and(z.union([z.object({ zip: z.string() }), z.object({ box: z.number() })])),
    [{ street: "x", zip: "y" }, { street: "x", box: 1 }],
    [{ street: "x" }, { zip: "y" }],
  ],
  [
    "a list of three objects in one",
    z.array(Address.and(Named).and(z.object({ age: z.number() }))),
    [[{ street: "x", name: "y", age: 1 }]],
    [[{ street: "x", name: "y" }]],
  ],
  [
    "an object with further members, and another",
    z.record(z.string(), z.number()).and(z.object({ age: z.number() })),
    [{ age: 1, more: 2 }],
    [{ age: 1, more: "x" }],
  ],
  ["a pattern whose case does not count", z.string().regex(/^a-\w$/i), ["a-b", "A-b"], [1]],
  ["a pattern", z.string().regex(/^a-\w$/), ["a-b"], ["A-b"]],
  ["multiples of a fraction", z.number().multipleOf(0.1), [0.3], ["x"]],
  ["multiples of a number", z.number().multipleOf(2), [4], [3]],
  [
    "two objects in one, which hold others of their kind",
    Tree,
    [{ name: "x", kids: [{ name: "y", kids: [] }] }],
    [{ name: "x", kids: [{ name: "y" }] }],
  ],
];
for (const [what, schema, good, bad] of outputs) {
  Deno.test(`the JSON Schema of ${what} allows what is answered`, () => {
    const isValid: (value: unknown) => { valid: boolean } = new AjvJsonSchemaValidator()
      .getValidator(jsonSchema(schema, "output", "output"));
    for (const value of good) assert.ok(isValid(value).valid, JSON.stringify(value));
    for (const value of bad) assert.ok(!isValid(value).valid, JSON.stringify(value));
  });
}
