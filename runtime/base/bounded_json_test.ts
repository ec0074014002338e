import assert from "node:assert/strict";
import * as fc from "fast-check";
import { boundedJson, DEPTH_MAX, isDeep } from "./bounded_json.ts";
import { binaryText } from "./hostile_fixture.ts";

const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
const mixed = (depth: number) => {
  const [first, last] = [Math.ceil(depth / 2), Math.floor(depth / 2)];
  const half = "[".repeat(depth % 2);
  return '[{"a":'.repeat(last) + half + "1" + "]".repeat(first - last) + "}]".repeat(last);
};

const cases: [name: string, text: string, deep: boolean][] = [
  ...([["lists", lists], ["objects", objects], ["both", mixed]] as const).flatMap(
    ([name, nested]): [string, string, boolean][] => [
      [`200 ${name}`, nested(200), false],
      [`201 ${name}`, nested(201), true],
      [`5,000 ${name}`, nested(5_000), true],
      [`100,000 ${name}`, nested(100_000), true],
    ],
  ),
  ["many beside each other", `[${Array(50_000).fill("[]").join(",")}]`, false],
  ["depth that comes late", `[${"[],".repeat(5_000)}${lists(200)}]`, true],
  ["depth within a string", JSON.stringify({ text: lists(5_000) }), false],
  ["depth after a string", `["${"x".repeat(500)}",${lists(200)}]`, true],
  ["brackets after an escaped quote", JSON.stringify(`" ${lists(5_000)}`), false],
  ["brackets after an escaped backslash", JSON.stringify(["\\", lists(5_000)]), false],
  ["depth after a backslash that ends a string", `["\\\\",${lists(200)}]`, true],
  ["depth after many backslashes", `["${"\\".repeat(1_000)}",${lists(200)}]`, true],
  ["depth in a key's value", `{"${"[".repeat(300)}":${lists(200)}}`, true],
  ["a string without an end", `"${"[".repeat(5_000)}`, false],
  ["brackets that are never closed", "[".repeat(5_000), true],
];
for (const [name, text, deep] of cases) {
  Deno.test(`isDeep() ${deep ? "finds" : "lets through"} ${name}`, () => {
    assert.equal(isDeep(text), deep);
  });
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

Deno.test("isDeep() finds what a look at the value finds", () => {
  const value = fc.tuple(fc.integer({ min: 190, max: 210 }), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(value, binaryText, ([levels, inner], key) => {
      let value: unknown = inner;
      // As a prototype it would be no member.
      const name = key === "__proto__" ? "" : key;
      for (let level = 0; level < levels; level++) {
        value = level % 3 ? [name, value] : { [name]: value };
      }
      assert.equal(isDeep(JSON.stringify(value)), depthOf(value) > DEPTH_MAX);
    }),
  );
});

Deno.test("boundedJson() reads what is not too deep, and says which of the two is wrong", () => {
  assert.deepEqual(boundedJson('{"a":[1]}'), { a: [1] });
  assert.throws(() => boundedJson(lists(201)), {
    name: "RangeError",
    message: /deeper than 200 levels/,
  });
  assert.throws(() => boundedJson("{"), SyntaxError);
});
