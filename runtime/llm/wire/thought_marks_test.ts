import assert from "node:assert/strict";
import { jsonIn } from "./json_text.ts";
import { THOUGHT_MARKS, withoutThoughts } from "./thought_marks.ts";

const fits = (value: unknown) => typeof value === "object" && value !== null && "a" in value;

for (const { name, written, vendor } of THOUGHT_MARKS) {
  Deno.test(`withoutThoughts() takes out thoughts in ${name} of ${vendor}, and jsonIn() the draft`, () => {
    assert.doesNotMatch(withoutThoughts(written).answer, /maybe/);
    assert.deepEqual(jsonIn(written, fits), { value: { a: 1 } });
  });
}

const texts: [text: string, answer: string, thoughts: string][] = [
  ["no thoughts", "no thoughts", ""],
  ["<mm:think>a</mm:think>b", "b", "<mm:think>a</mm:think>"],
  ['<think duration="3">a</think>b', "b", '<think duration="3">a</think>'],
  ["a</seed:think>b", "b", "a</seed:think>"],
  ["a[/THINK]b", "b", "a[/THINK]"],
  ["<Thought>a", "", "<Thought>a"],
  ["<thinker>a</thinker>", "<thinker>a</thinker>", ""],
];

for (const [text, answer, thoughts] of texts) {
  Deno.test(`withoutThoughts(${text})`, () => {
    assert.deepEqual(withoutThoughts(text), { answer, thoughts });
  });
}

Deno.test("THOUGHT_MARKS has no name twice", () => {
  assert.equal(new Set(THOUGHT_MARKS.map(({ name }) => name)).size, THOUGHT_MARKS.length);
});
