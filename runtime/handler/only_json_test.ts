import assert from "node:assert/strict";
import * as z from "zod";
import { givesOnlyJson } from "./only_json.ts";

const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});
const Maybe: z.ZodType = z.object({
  get next() {
    return z.array(Maybe);
  },
}).nullable().optional();
const endless = (): z.ZodType => z.lazy(() => z.object({ next: endless() }));

const schemas: [what: string, schema: z.ZodType, gives: boolean][] = [
  ["text", z.string().min(1).max(9), true],
  ["an address", z.email(), true],
  ["a number, which is never NaN", z.int().positive(), true],
  ["an object", z.object({ a: z.string(), b: z.array(z.number()).optional() }), true],
  ["a strict object", z.strictObject({ a: z.boolean().nullable() }), true],
  ["an open object", z.looseObject({ a: z.string() }), false],
  ["an object with a catchall", z.object({}).catchall(z.number()), true],
  ["a record", z.record(z.string(), z.union([z.string(), z.null()])), true],
  ["a discriminated union", z.discriminatedUnion("t", [z.object({ t: z.literal("a") })]), true],
  ["a tuple", z.tuple([z.string(), z.number()], z.boolean()), true],
  ["a list of what may be undefined", z.array(z.string().optional()), false],
  [
    "a list of what may be undefined further down",
    z.array(z.string().optional().nullable()),
    false,
  ],
  ["a tuple of what may be undefined", z.tuple([z.string().optional()]), false],
  [
    "an object in a list, with an optional member",
    z.array(z.object({ a: z.string().optional() })),
    true,
  ],
  ["a list of a union with undefined", z.array(z.union([z.string(), z.undefined()])), false],
  ["an enumeration", z.enum(["a", "b"]), true],
  ["a literal that is a BigInt", z.literal(1n), false],
  ["a date, which is never invalid", z.object({ at: z.date() }), true],
  ["anything", z.object({ a: z.unknown() }), false],
  ["any", z.any(), false],
  ["a BigInt", z.bigint(), false],
  ["NaN", z.nan(), false],
  ["a Map", z.map(z.string(), z.string()), false],
  ["a Set", z.set(z.string()), false],
  ["a class", z.instanceof(Uint8Array), false],
  ["a file", z.file(), false],
  ["a transform", z.string().transform(() => new Map()), false],
  ["a transform that is checked", z.string().transform(Number).pipe(z.number()), true],
  ["a preprocessed value", z.preprocess(String, z.string()), true],
  ["what is rewritten", z.number().overwrite((n) => 1 / n), false],
  ["what code may rewrite", z.number().check((payload) => void (payload.value = NaN)), false],
  ["a default that is not looked at", z.number().default(NaN), false],
  ["what it falls back to", z.number().catch(NaN), false],
  ["a brand, read only", z.object({ a: z.string() }).brand("x").readonly(), true],
  ["a recursive schema", Tree, true],
  ["a recursive schema that may be undefined in its own list", Maybe, false],
  ["a schema whose parts are shared", z.tuple([Tree, Tree, z.record(z.string(), Tree)]), true],
  ["a lazy schema", z.lazy(() => z.string()), true],
  ["a schema without an end", endless(), false],
  ["a promise", z.promise(z.string()), false],
];
for (const [what, schema, gives] of schemas) {
  Deno.test(`givesOnlyJson() says ${gives ? "yes" : "no"} to ${what}`, () => {
    assert.equal(givesOnlyJson(schema), gives);
  });
}
