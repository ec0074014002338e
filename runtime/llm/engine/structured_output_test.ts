import assert from "node:assert/strict";
import * as z from "zod";
import { strictForm } from "./structured_output.ts";

const rows: [name: string, schema: z.ZodType, strict: boolean][] = [
  ["an object", z.object({ a: z.string(), b: z.array(z.object({ c: z.int() })) }), true],
  ["an optional property", z.object({ a: z.string().optional() }), false],
  ["one deep down", z.object({ a: z.array(z.object({ c: z.int().optional() })) }), false],
  ["a property that may be null", z.object({ a: z.string().nullable() }), true],
  ["a choice", z.object({ a: z.union([z.string(), z.object({ b: z.int() })]) }), true],
  ["a choice of which one is open", z.object({ a: z.union([z.int(), z.looseObject({})]) }), false],
  ["an open object", z.looseObject({ a: z.string() }), false],
  ["a record", z.object({ a: z.record(z.string(), z.int()) }), false],
  ["a tuple", z.object({ a: z.tuple([z.string(), z.int()]) }), false],
  ["an intersection", z.object({ a: z.intersection(z.string(), z.string()) }), false],
];

for (const io of ["input", "output"] as const) {
  for (const [name, schema, isStrict] of rows) {
    Deno.test(`strictForm() of ${name}, as ${io}`, () => {
      const strict = strictForm(z.toJSONSchema(schema, { io }));
      assert.equal(strict !== undefined, isStrict);
      if (isStrict) assert.deepEqual(strict, z.toJSONSchema(schema, { io: "output" }));
    });
  }
}

Deno.test("strictForm() closes what is referred to as well", () => {
  const Part = z.object({ n: z.int() }).meta({ id: "Part" });
  const schema = z.object({ a: Part, b: Part });
  assert.deepEqual(
    strictForm(z.toJSONSchema(schema, { io: "input" })),
    z.toJSONSchema(schema, { io: "output" }),
  );
});
