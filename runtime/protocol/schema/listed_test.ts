import assert from "node:assert/strict";
import { AjvJsonSchemaValidator as Ajv2020 } from "@modelcontextprotocol/client/validators/ajv";
import { AjvJsonSchemaValidator as Ajv7 } from "@modelcontextprotocol/sdk/validation/ajv";
import { ToolSchema } from "@modelcontextprotocol/sdk/types.js";
import { listedInput, listedOutput, wrappedSchema } from "./listed.ts";
import { pointedAt, resolved } from "./subschemas.ts";

type Json = Record<string, unknown>;

const ADDRESS = {
  type: "object",
  properties: { street: { type: "string" } },
  required: ["street"],
};
const NODE = {
  type: "object",
  properties: { kids: { type: "array", items: { $ref: "#/$defs/Node" } } },
};

/** Schemas, what becomes of them, values they allow and values they do not. */
const outputs: [
  what: string,
  schema: Json,
  becomes: "object" | "wrapped" | "absent",
  good: unknown[],
  bad: unknown[],
][] = [
  ["an object", ADDRESS, "object", [{ street: "x" }], [{}]],
  ["a type in a list", { ...ADDRESS, type: ["object"] }, "object", [{ street: "x" }], [{}]],
  [
    "a union of objects",
    {
      anyOf: [ADDRESS, { type: "object", properties: { n: { type: "number" } }, required: ["n"] }],
    },
    "object",
    [{ street: "x" }, { n: 1 }],
    [{}],
  ],
  [
    "one of two objects",
    { oneOf: [{ type: "object", required: ["a"] }, { type: "object", required: ["b"] }] },
    "object",
    [{ a: 1 }],
    [{}, { a: 1, b: 1 }],
  ],
  [
    "an object that meets two schemas",
    { allOf: [ADDRESS, { required: ["zip"] }] },
    "object",
    [{ street: "x", zip: 1 }],
    [{ street: "x" }],
  ],
  [
    "a reference to an object",
    { $ref: "#/$defs/Address", $defs: { Address: ADDRESS } },
    "object",
    [{ street: "x" }],
    [{}],
  ],
  [
    "a chain of references",
    {
      $ref: "#/definitions/One",
      definitions: { One: { $ref: "#/definitions/Two" }, Two: ADDRESS },
    },
    "object",
    [{ street: "x" }],
    [{}],
  ],
  [
    "a union of references",
    {
      anyOf: [{ $ref: "#/$defs/Address" }, { $ref: "#/$defs/Node" }],
      $defs: { Address: ADDRESS, Node: { ...NODE, required: ["kids"] } },
    },
    "object",
    [{ street: "x" }, { kids: [{ kids: [] }] }],
    [{}],
  ],
  ["a constant object", { const: { a: 1 } }, "object", [{ a: 1 }], [{}]],
  ["some objects", { enum: [{ a: 1 }, { b: 1 }] }, "object", [{ b: 1 }], [{}]],
  [
    "an object that holds itself",
    { type: "object", properties: { next: { $ref: "#" } }, additionalProperties: false },
    "object",
    [{ next: { next: {} } }],
    [{ next: { other: 1 } }],
  ],
  [
    "a list of a definition",
    { type: "array", items: { $ref: "#/$defs/Address" }, $defs: { Address: ADDRESS } },
    "wrapped",
    [[], [{ street: "x" }]],
    [[{}], {}],
  ],
  [
    "a list of a definition that holds itself",
    { type: "array", items: { $ref: "#/$defs/Node" }, $defs: { Node: NODE } },
    "wrapped",
    [[{ kids: [{ kids: [] }] }]],
    [[{ kids: [1] }]],
  ],
  [
    "a list of an older definition",
    { type: "array", items: { $ref: "#/definitions/A" }, definitions: { A: ADDRESS } },
    "wrapped",
    [[{ street: "x" }]],
    [[{}]],
  ],
  [
    "a tree, whose root holds itself",
    { anyOf: [{ type: "string" }, { type: "array", items: { $ref: "#" } }] },
    "wrapped",
    ["x", ["x", ["y"]]],
    [1, [[1]]],
  ],
  [
    "a part of itself by path",
    {
      type: "array",
      prefixItems: [{ type: "string" }],
      items: { $ref: "#/prefixItems/0" },
      $defs: { Result: { type: "number" } },
    },
    "wrapped",
    [["x", "y"]],
    [],
  ],
  [
    "an object or null",
    { anyOf: [{ $ref: "#/$defs/Address" }, { type: "null" }], $defs: { Address: ADDRESS } },
    "wrapped",
    [null, { street: "x" }],
    [{}],
  ],
  ["an object or null, as types", { ...ADDRESS, type: ["object", "null"] }, "wrapped", [null], [1]],
  ["text", { type: "string" }, "wrapped", ["", "x"], [1]],
  ["some values", { enum: ["a", { b: 1 }] }, "wrapped", ["a", { b: 1 }], [{}]],
  [
    "a schema with a name of its own",
    {
      $id: "https://example.com/list",
      type: "array",
      items: { $ref: "#/$defs/A" },
      $defs: { A: ADDRESS },
    },
    "wrapped",
    [[{ street: "x" }]],
    [[{}]],
  ],
  [
    "a property that is called $ref, and values that look like references",
    {
      type: "array",
      items: {
        type: "object",
        properties: { $ref: { type: "string" }, like: { const: { $ref: "#" } } },
      },
    },
    "wrapped",
    [[{ $ref: "#", like: { $ref: "#" } }]],
    [[{ like: { $ref: "x" } }]],
  ],
  [
    "a list of two",
    {
      type: "array",
      prefixItems: [{ type: "string" }, { type: "number" }],
      items: false,
      minItems: 2,
    },
    "wrapped",
    [["x", 1]],
    [["x"], ["x", 1, 2]],
  ],
  [
    "a list of text and then numbers",
    { type: "array", prefixItems: [{ type: "string" }], items: { type: "number" } },
    "wrapped",
    [["x"], ["x", 1, 2]],
    [1],
  ],
  [
    "a list of two as draft 7 writes it",
    { type: "array", items: [{ type: "string" }, { type: "number" }], additionalItems: false },
    "wrapped",
    [["x"], ["x", 1]],
    [["x", 1, 2]],
  ],
  ["a circle of references", { $ref: "#" }, "wrapped", [], []],
  ["anything", {}, "absent", [], []],
  [
    "anything, described",
    { $schema: "https://json-schema.org/draft/2020-12/schema", description: "x", default: 1 },
    "absent",
    [],
    [],
  ],
];
for (const [what, schema, becomes, good, bad] of outputs) {
  Deno.test(`listedOutput() of ${what} is ${becomes}`, () => {
    const { schema: listed, wraps } = listedOutput(schema);
    assert.equal(wraps, becomes === "wrapped");
    assert.equal(listed === undefined, becomes === "absent");
    if (listed === undefined) return;
    assert.equal(listed["x-fastmcp-wrap-result"], wraps ? true : undefined);
    const form = (value: unknown) => wraps ? { result: value } : value;
    const tool = { name: "t", inputSchema: { type: "object" }, outputSchema: listed };
    assert.ok(ToolSchema.safeParse(tool).success);
    if (good.length + bad.length === 0) return;
    // Of the two drafts the older is what clients of 2025 read by.
    for (const draft of [new Ajv7(), new Ajv2020()]) {
      const isValid: (value: unknown) => { valid: boolean } = draft.getValidator(listed);
      for (const value of good) assert.ok(isValid(form(value)).valid, JSON.stringify(value));
      for (const value of bad) assert.ok(!isValid(form(value)).valid, JSON.stringify(value));
    }
  });
}

Deno.test("wrappedSchema() has every definition at the top, and the root under a free name", () => {
  const tree = { anyOf: [{ $ref: "#/$defs/Result" }, { type: "array", items: { $ref: "#" } }] };
  const leaf = { type: "string" };
  assert.deepEqual(wrappedSchema({ ...tree, $defs: { Result: leaf } }), {
    type: "object",
    properties: { result: { $ref: "#/$defs/Result_" } },
    required: ["result"],
    $defs: {
      Result: leaf,
      Result_: {
        anyOf: [{ $ref: "#/$defs/Result" }, { type: "array", items: { $ref: "#/$defs/Result_" } }],
      },
    },
  });
});

const inputs: [what: string, schema: Json, listed: Json][] = [
  ["a plain object", ADDRESS, ADDRESS],
  ["no type", { properties: { a: {} } }, { type: "object", properties: { a: {} } }],
  ["nothing", {}, { type: "object" }],
  ["a list of types", { type: ["object", "null"] }, { type: "object" }],
  [
    "a union",
    { anyOf: [{ type: "object", required: ["a"] }, { type: "object", required: ["b"] }] },
    {
      type: "object",
      anyOf: [{ type: "object", required: ["a"] }, { type: "object", required: ["b"] }],
    },
  ],
  [
    "a reference",
    { $ref: "#/$defs/A", $defs: { A: ADDRESS }, description: "x" },
    { ...ADDRESS, $defs: { A: ADDRESS }, description: "x" },
  ],
  ["null members", { type: "object", properties: null, required: null }, { type: "object" }],
  [
    "null members further down",
    {
      type: "object",
      properties: { a: { type: "array", items: null, default: null, enum: [null] }, b: null },
    },
    { type: "object", properties: { a: { type: "array", default: null, enum: [null] }, b: {} } },
  ],
  ["the maps of PHP", { type: "object", properties: [], required: [] }, {
    type: "object",
    required: [],
  }],
  [
    "required as a flag",
    { type: "object", properties: { a: { type: "string", required: true } } },
    { type: "object", properties: { a: { type: "string" } } },
  ],
  [
    "properties that are booleans",
    { type: "object", properties: { a: true, b: false } },
    { type: "object", properties: { a: {}, b: { not: {} } } },
  ],
  [
    "types that do not exist",
    { type: "object", properties: { a: { type: "any" }, b: { type: ["text", "string"] } } },
    { type: "object", properties: { a: {}, b: { type: ["string"] } } },
  ],
  [
    "properties that are called like keywords",
    { type: "object", properties: { type: { type: "string" }, required: { type: "null" } } },
    { type: "object", properties: { type: { type: "string" }, required: { type: "null" } } },
  ],
  ["words of its own", { type: "object", "x-own": null }, { type: "object", "x-own": null }],
];
for (const [what, schema, listed] of inputs) {
  Deno.test(`listedInput() of ${what}`, () => {
    assert.deepEqual(listedInput(schema), listed);
    assert.ok(ToolSchema.safeParse({ name: "t", inputSchema: listedInput(schema) }).success);
  });
}

const ROOT = { "a/b": { "c~d": [1, { e: 2 }] }, "%": 3 };
const pointers: [reference: string, value: unknown][] = [
  ["#", ROOT],
  ["#/a~1b/c~0d/1/e", 2],
  ["#/a~1b/c~0d/0", 1],
  ["#/%25", 3],
  ["#/%", 3],
  ["#/toString", undefined],
  ["#/a~1b/x/y", undefined],
  ["#anchor", undefined],
  ["other.json#/a", undefined],
];
for (const [reference, value] of pointers) {
  Deno.test(`pointedAt() of ${reference}`, () => {
    assert.deepEqual(pointedAt(reference, ROOT), value);
  });
}

Deno.test("resolved() stays where a reference leads nowhere, and ends a circle", () => {
  const nowhere = { $ref: "#/$defs/None", title: "x" };
  assert.deepEqual(resolved(nowhere, nowhere), nowhere);
  const circle = { $ref: "#/a", a: { $ref: "#/b" }, b: { $ref: "#/a" } };
  assert.equal(typeof resolved(circle, circle)["$ref"], "string");
});
