import { deepEqual } from "node:assert/strict";
import { createPalette } from "../output/colour.ts";
import { diffLines, schemaDiff } from "./schema_diff.ts";

const lines = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  diffLines(schemaDiff(a, b), createPalette(false));

const string = { type: "string" };

Deno.test("schemaDiff() finds what was added, removed and changed at every depth", () => {
  const leg = (properties: object, required: string[]) => ({
    type: "object",
    properties: {
      legs: { type: "array", items: { type: "object", properties, required } },
    },
    required: ["legs"],
  });
  deepEqual(
    lines(
      leg({ from: string, to: string, seats: { type: "integer" } }, ["from", "to"]),
      leg({ from: string, seats: { type: ["integer", "null"] }, via: string }, ["via"]),
    ),
    [
      "- legs[].to: string, required",
      "+ legs[].via: string, required",
      "~ legs[].seats: integer → integer|null",
      "~ legs[].from: required → optional",
    ],
  );
});

const rows: [string, Record<string, unknown>, Record<string, unknown>, string[]][] = [
  ["equal schemas", { type: "object", properties: { a: string } }, {
    type: "object",
    properties: { a: string },
  }, []],
  [
    "keywords whose keys stand in another order",
    { anyOf: [{ type: "string", format: "date" }] },
    { anyOf: [{ format: "date", type: "string" }] },
    [],
  ],
  ["a type at the root", string, { type: "integer" }, ["~ (root): string → integer"]],
  ["no type at all", string, {}, ["~ (root): string → any"]],
  [
    "other keywords",
    { type: "string", enum: ["a"] },
    { type: "string", enum: ["a", "b"], format: "date" },
    ['~ (root): enum ["a"] → ["a","b"]', '~ (root): format null → "date"'],
  ],
  [
    "items that one side lacks",
    { type: "array", items: string },
    { type: "array" },
    ['~ (root): items {"type":"string"} → null'],
  ],
  [
    "alternatives",
    { anyOf: [string, { type: "integer" }] },
    { anyOf: [string] },
    ['~ (root): anyOf [{"type":"string"},{"type":"integer"}] → [{"type":"string"}]'],
  ],
  [
    "required fields that are not properties",
    { type: "object", properties: {}, required: ["title"] },
    { type: "object", properties: {} },
    ["~ title: required → optional"],
  ],
  [
    "a whole object that is new, once",
    { type: "object", properties: {} },
    {
      type: "object",
      properties: { o: { type: "object", properties: { x: string }, required: ["x"] } },
    },
    ["+ o: object"],
  ],
  [
    "names of the prototype",
    { type: "object", properties: { constructor: string } },
    { type: "object", properties: { toString: string } },
    ["- constructor: string", "+ toString: string"],
  ],
];
for (const [name, a, b, expected] of rows) {
  Deno.test(`schemaDiff() of ${name}`, () => deepEqual(lines(a, b), expected));
}

Deno.test("schemaDiff() follows recursive definitions once, whatever they are called", () => {
  const tree = (name: string, value: object) => ({
    type: "object",
    properties: { root: { $ref: `#/$defs/${name}` } },
    $defs: {
      [name]: {
        type: "object",
        properties: { value, next: { $ref: `#/$defs/${name}` } },
        required: ["value"],
      },
    },
  });
  deepEqual(lines(tree("Recursive_a", string), tree("Recursive_b", string)), []);
  const diff = schemaDiff(tree("Recursive_a", string), tree("Recursive_b", { type: "integer" }));
  deepEqual(diff.type_changed, [
    { path: "root.value", name: "value", type_a: "string", type_b: "integer" },
  ]);
  deepEqual(diff.required_a, ["root.value"]);
});
