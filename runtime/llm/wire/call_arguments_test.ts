import assert from "node:assert/strict";
import { argumentsIn, argumentsText } from "./call_arguments.ts";

const rows: [text: string, args: unknown, told: string][] = [
  ['{"a":1}', { a: 1 }, '{"a":1}'],
  [' {"a": 1}\n', { a: 1 }, ' {"a": 1}\n'],
  ["", {}, "{}"],
  [" ", {}, "{}"],
  ["null", {}, "{}"],
  ["[]", {}, "{}"],
  ['"{\\"a\\":1}"', { a: 1 }, '{"a":1}'],
  ['""', {}, "{}"],
];

for (const [text, args, told] of rows) {
  Deno.test(`argumentsIn() and argumentsText() of ${text}`, () => {
    assert.deepEqual(argumentsIn(text), args);
    assert.equal(argumentsText(text), told);
  });
}

for (const text of ["[1]", "3", "true", '"x"', "{oops", '"[1]"']) {
  Deno.test(`argumentsIn() refuses ${text}; it is told as none`, () => {
    assert.throws(() => argumentsIn(text), /^Error: the arguments are not .*; write them again$/);
    assert.equal(argumentsText(text), "{}");
  });
}

Deno.test("argumentsIn() keeps the digits of numbers", () => {
  const text = '{"id":1915883588174806058,"n":0.1234567890123456789}';
  assert.equal(JSON.stringify(argumentsIn(text)), text);
  assert.equal(argumentsText(text), text);
});

Deno.test("argumentsText() tells no half characters", () => {
  assert.equal(
    argumentsText('{"a":"\\ud83d","\\ude00":1915883588174806058}'),
    '{"a":"\ufffd","\ufffd":1915883588174806058}',
  );
  assert.equal(argumentsText('{"a":"\\ud83d\\ude00"}'), '{"a":"\u{1F600}"}');
});
