import assert from "node:assert/strict";
import { PROPERTY_NAME, takenNames, TOOL_NAME } from "./taken_names.ts";

const rows: [name: string, names: string[], taken: (string | RegExp)[]][] = [
  ["names that are taken", ["a", "b-c", "_d1"], ["a", "b-c", "_d1"]],
  ["a dot and an underscore", ["a.b", "a_b"], [/^a_b_[0-9a-f]{8}$/, "a_b"]],
  ["marks that become one letter", ["a.b", "a/b", "a b"], ["a_b", /^a_b_\w{8}$/, /^a_b_\w{8}$/]],
  ["one name twice", ["a", "a"], ["a", /^a_\w{8}$/]],
  ["a digit first", ["9lives", "-x"], ["_9lives", "_-x"]],
  ["nothing to keep", ["", "日本"], ["_", /^__\w{8}$/]],
  ["names that are alike in their first 64 letters", [`${"x".repeat(64)}1`, `${"x".repeat(64)}2`], [
    /^x{55}_\w{8}$/,
    /^x{55}_\w{8}$/,
  ]],
  ["many alike", Array.from({ length: 300 }, (_, at) => `n${"!".repeat(at + 1)}`), []],
];

for (const [name, names, expected] of rows) {
  Deno.test(`takenNames() of ${name}`, () => {
    const taken = takenNames(names);
    assert.equal(taken.length, names.length);
    assert.equal(new Set(taken).size, names.length, "each its own");
    for (const one of taken) assert.match(one, TOOL_NAME);
    for (const [at, one] of expected.entries()) {
      if (typeof one === "string") assert.equal(taken[at], one);
      else assert.match(taken[at] ?? "", one);
    }
    assert.deepEqual(takenNames(names), taken, "always the same");
  });
}

Deno.test("takenNames() leaves the names of properties that are taken as they are", () => {
  assert.deepEqual(takenNames(["a.b", "-A", "9", "Größe"], PROPERTY_NAME).slice(0, 3), [
    "a.b",
    "-A",
    "9",
  ]);
  assert.match(takenNames(["Größe"], PROPERTY_NAME)[0] ?? "", PROPERTY_NAME);
});
