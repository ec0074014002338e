import assert from "node:assert/strict";
import { jsonIn } from "./json_text.ts";

const cases: [text: string, value: unknown][] = [
  ["3", 3],
  ['"x"', "x"],
  ['{"a": [1, {"b": "}"}]}', { a: [1, { b: "}" }] }],
  ['Sure: {"a": "say \\"}\\" twice"} and more {', { a: 'say "}" twice' }],
  ["```json\n[1]\n```", [1]],
  ["```\n{}\n```\nbye", {}],
  ["First [1, 2] then {}", [1, 2]],
];

for (const [text, value] of cases) {
  Deno.test(`jsonIn(${JSON.stringify(text)})`, () => {
    assert.deepEqual(jsonIn(text), { value });
  });
}

const deep = "[".repeat(5_000) + "]".repeat(5_000);
for (const text of ["", "no", "{", '{"a": ', "{a: 1}", '["', deep]) {
  Deno.test(`jsonIn(${JSON.stringify(text).slice(0, 50)}) finds nothing`, () => {
    assert.equal(jsonIn(text), undefined);
  });
}
