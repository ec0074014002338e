import assert from "node:assert/strict";
import { mirroringFault, mirrorsArguments } from "./mirrored_arguments.ts";

const named = (name: unknown, type: unknown = "string") => ({ type, "x-mcp-header": name });
const of = (properties: Record<string, unknown>) => ({ type: "object", properties });
const within = (keyword: string, value: unknown) => ({ ...of({}), [keyword]: value });

const rows: [schema: Record<string, unknown>, fault: RegExp | undefined][] = [
  [of({ a: { type: "string" } }), undefined],
  [of({ a: named("A"), b: named("B", "integer"), c: named("C", "boolean") }), undefined],
  [of({ a: of({ b: named("Deep") }) }), undefined],
  // A property of that name, and values that look like schemas.
  [of({ "x-mcp-header": { type: "string" } }), undefined],
  [of({ a: { default: named("A"), enum: [named("")] } }), undefined],
  [of({ a: named("") }), /^x-mcp-header "" is no name of a header$/],
  [of({ a: named(1) }), /^x-mcp-header 1 is no name/],
  ...["My Region", "Region:Primary", "Région", "Region\t1"].map((
    name,
  ): typeof rows[number] => [of({ a: named(name) }), /is no name of a header/]),
  ...["number", "object", "array", "null", undefined, ["string", "null"]].map((
    type,
  ): typeof rows[number] => [of({ a: { ...named("A"), type } }), /stands on a property of type/]),
  [of({ a: named("Same"), b: named("Same") }), /"Same" stands on two properties/],
  [of({ a: named("MyField"), b: of({ c: named("myfield") }) }), /"myfield" stands on two/],
  [{ ...of({}), "x-mcp-header": "Root" }, /stands on no property/],
  ...([
    ["items", named("A")],
    ["anyOf", [named("A")]],
    ["then", of({ a: named("A") })],
    ["$defs", { a: of({ b: named("A") }) }],
    ["additionalProperties", named("A")],
  ] as const).map(([keyword, value]): typeof rows[number] => [
    of({ a: within(keyword, value) }),
    /stands on no property/,
  ]),
];
for (const [schema, fault] of rows) {
  Deno.test(`mirroringFault(${JSON.stringify(schema)})`, () => {
    const found = mirroringFault(schema);
    if (fault === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "none", fault);
  });
}

Deno.test("mirrorsArguments() is true of a schema that has the keyword anywhere", () => {
  assert.equal(mirrorsArguments(of({ a: of({ b: named("A") }) })), true);
  assert.equal(mirrorsArguments(of({ a: { type: "string" } })), false);
});
