import { deepEqual } from "node:assert/strict";
import { KnownSchemas } from "./known_schemas.ts";
import { dependencyOf, toolOf } from "./mesh_fixture.ts";

const declared = {
  title: "Ticket",
  type: "object",
  properties: { id: { type: "string" }, title: { type: "string" } },
  required: ["id", "title"],
};
const canonical = {
  type: "object",
  properties: { id: { type: "string" } },
  required: ["id", "title"],
};
const exact = {
  type: "object",
  properties: { id: { type: "string" }, title: { type: "string" } },
  required: ["id", "title"],
};

Deno.test("output() is exact where the schema is published that the canonical form is made of", () => {
  const tool = toolOf({
    capability: "c",
    outputSchema: declared,
    outputSchemaCanonical: canonical,
    outputSchemaHash: "h",
  });
  deepEqual(new KnownSchemas().output(tool), { schema: exact, isExact: true });
});

const unknown: [what: string, outputSchema: Record<string, unknown> | undefined][] = [
  ["published alone", undefined],
  ["beside another schema, such as one wrapped for MCP", {
    type: "object",
    properties: { result: declared },
  }],
  ["beside a schema too large to look at", {
    ...declared,
    examples: Array.from({ length: 30_000 }, () => 0),
  }],
];
for (const [what, outputSchema] of unknown) {
  Deno.test(`output() is the canonical form ${what}`, () => {
    const tool = toolOf({ capability: "c", outputSchemaCanonical: canonical, outputSchema });
    deepEqual(new KnownSchemas().output(tool), { schema: canonical, isExact: false });
  });
}

Deno.test("input() and expected() are exact likewise", () => {
  const known = new KnownSchemas();
  const tool = toolOf({
    capability: "c",
    inputSchema: declared,
    inputSchemaCanonical: canonical,
  });
  deepEqual(known.input(tool), { schema: exact, isExact: true });
  const dependency = dependencyOf({
    expectedSchema: declared,
    expectedSchemaCanonical: { ...canonical, required: ["id"] },
  });
  deepEqual(known.expected(dependency), { schema: exact, isExact: true });
  const foreign = dependencyOf({ expectedSchemaCanonical: canonical });
  deepEqual(known.expected(foreign), { schema: canonical, isExact: false });
});

Deno.test("a tool that says nothing has no schema", () => {
  const known = new KnownSchemas();
  deepEqual([known.output(toolOf({})), known.input(toolOf({})), known.expected(dependencyOf({}))], [
    undefined,
    undefined,
    undefined,
  ]);
});
