import assert from "node:assert/strict";
import * as z from "zod";
import { openApiSchema } from "./tool_schema.ts";

const rows: [name: string, schema: z.ZodType, expected: unknown][] = [
  ["an object", z.object({ a: z.string().describe("A"), b: z.int().optional() }), {
    type: "object",
    properties: {
      a: { type: "string", description: "A" },
      b: { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
    },
    required: ["a"],
  }],
  ["a choice of texts", z.enum(["x", "y"]), { type: "string", enum: ["x", "y"] }],
  ["one text", z.literal("x"), { type: "string", enum: ["x"] }],
  ["one number", z.literal(3), { type: "number" }],
  ["something or nothing", z.string().nullable(), { type: "string", nullable: true }],
  ["one thing or another", z.union([z.string(), z.number()]), {
    anyOf: [{ type: "string" }, { type: "number" }],
  }],
  ["a list", z.array(z.object({ a: z.string() })), {
    type: "array",
    items: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
  }],
  ["a record", z.record(z.string(), z.number()), { type: "object" }],
  ["anything", z.unknown(), {}],
];

for (const [name, schema, expected] of rows) {
  Deno.test(`openApiSchema() of ${name}`, () => {
    assert.deepEqual(openApiSchema(z.toJSONSchema(schema)), expected);
  });
}

Deno.test("openApiSchema() follows references, and not for ever", () => {
  const Node: z.ZodType = z.object({
    name: z.string(),
    get children() {
      return z.array(Node);
    },
  });
  const text = JSON.stringify(openApiSchema(z.toJSONSchema(Node)));
  assert.doesNotMatch(text, /\$ref/);
  assert.match(text, /"children":\{"type":"array","items":\{"type":"object"/);
  const shared = z.object({ a: z.string() }).meta({ id: "Shared" });
  assert.deepEqual(openApiSchema(z.toJSONSchema(z.object({ x: shared, y: shared }))), {
    type: "object",
    properties: {
      x: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
      y: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
    },
    required: ["x", "y"],
  });
});
