import assert from "node:assert/strict";
import { jsonIn } from "./json_text.ts";

const cases: [text: string, value: unknown][] = [
  ["3", 3],
  ['"x"', "x"],
  ['{"a": [1, {"b": "}"}]}', { a: [1, { b: "}" }] }],
  ['Sure: {"a": "say \\"}\\" twice"} and more {', { a: 'say "}" twice' }],
  ["```json\n[1]\n```", [1]],
  ["```JSON\r\n[1]\r\n```", [1]],
  ["```\n{}\n```\nbye", {}],
  ["```json\n{}", {}],
  ["First [1, 2] then {}", [1, 2]],
  ["<think>maybe {}</think>\n[1]", [1]],
  ["I think {} so.</think>\n\n[1]", [1]],
  ["<Thinking>\n```json\n{}\n```\n</Thinking>```json\n[1]\n```", [1]],
  ["<think>a</think><think>{}</think>[1]", [1]],
  ["<think>only {} here", {}],
  ['{"a": "<think>x</think>"}', { a: "<think>x</think>" }],
  ['So: {"a": "<think>x"}', { a: "<think>x" }],
  ["Of [these] {ways}: [1]", [1]],
  ['Use {name} and {other}, then {"a": 1}', { a: 1 }],
  ["See [1](http://x) {", [1]],
  ['A "quote { and {"a": 1}', { a: 1 }],
];

for (const [text, value] of cases) {
  Deno.test(`jsonIn(${JSON.stringify(text)})`, () => {
    assert.deepEqual(jsonIn(text), { value });
  });
}

Deno.test("jsonIn() gives a long text up that has many brackets and no value", () => {
  const started = performance.now();
  assert.equal(jsonIn("[".repeat(4 * 1024 * 1024)), undefined);
  assert.ok(performance.now() - started < 5_000);
});

const deep = "[".repeat(5_000) + "]".repeat(5_000);
for (const text of ["", "no", "{", '{"a": ', "{a: 1}", '["', "<think>{a}</think>", deep]) {
  Deno.test(`jsonIn(${JSON.stringify(text).slice(0, 50)}) finds nothing`, () => {
    assert.equal(jsonIn(text), undefined);
  });
}

const isFit = (value: unknown) => typeof value === "object" && value !== null && "a" in value;

const fitting: [text: string, value: unknown][] = [
  ['{"b": 1} or {"a": 1}', { a: 1 }],
  ['```json\n{"b": 1}\n```\n```json\n{"a": 1}\n```', { a: 1 }],
  ['[1] {"b": {"a": 2}} {"a": 1}', { a: 1 }],
  ['<think>{"a": 0}</think>{"a": 1}', { a: 1 }],
  ['<think>{"a": 0}</think>none', { a: 0 }],
  ['<think>{"b": 0}</think>{"c": 1} {"d": 2}', { c: 1 }],
];

for (const [text, value] of fitting) {
  Deno.test(`jsonIn(${JSON.stringify(text)}) finds the value that fits`, () => {
    assert.deepEqual(jsonIn(text, isFit), { value });
  });
}

Deno.test("jsonIn() comes to an end with many brackets", () => {
  const started = performance.now();
  assert.equal(jsonIn("[{".repeat(100_000)), undefined);
  assert.ok(performance.now() - started < 2_000);
});
