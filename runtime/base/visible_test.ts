import * as assert from "node:assert/strict";
import { indentedText, inLine, visibleJson, visibleLine, visibleText } from "./visible.ts";

const ROWS: [text: string, shown: string][] = [
  ["plain, 天気 👩‍👩‍👧 é", "plain, 天気 👩‍👩‍👧 é"],
  ["\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"],
  [
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
    "\\x1b]8;;http://evil\\x1b\\link\\x1b]8;;\\x1b\\",
  ],
  ["\u009b31m\u0085", "\\x9b31m\\x85"],
  ["a\rb\x00\x7f\x08", "a\\x0db\\x00\\x7f\\x08"],
  [
    "\u202egnp.exe\u2066x\u2069\u200f\u061c",
    "\\u{202e}gnp.exe\\u{2066}x\\u{2069}\\u{200f}\\u{61c}",
  ],
  ["a\u2028b\u2029c", "a\\u{2028}b\\u{2029}c"],
  ["tab\tkept", "tab\tkept"],
];

for (const [text, shown] of ROWS) {
  Deno.test(`visibleText() and visibleLine() show ${JSON.stringify(text)} as ${shown}`, () => {
    assert.equal(visibleText(text), shown);
    assert.equal(visibleLine(text), shown);
    assert.equal(visibleText(shown), shown, "what is shown already stays so");
  });
}

Deno.test("visibleLine() makes one line, visibleText() keeps lines, indentedText() sets them apart", () => {
  const text = "one\ntwo\r\nthree\n";
  assert.equal(visibleLine(text), "one\\x0atwo\\x0d\\x0athree\\x0a");
  assert.equal(visibleText(text), "one\ntwo\\x0d\nthree\n");
  assert.equal(indentedText(text), "one\n  two\n  three");
  assert.equal(indentedText("a\rb\x1b", "> "), "a\n> b\\x1b");
});

Deno.test("inLine`` keeps words of others within the sentence", () => {
  assert.equal(inLine`no ${"a\nb"} in\n${1}, ${"\x1b"}`, "no a\\x0ab in\n1, \\x1b");
  assert.equal(inLine`plain`, "plain");
});

Deno.test("visibleJson() says the same", () => {
  const value = { "k\u009b": ["\u202e", "\x7f", "\u2028", "é", "\n\t\x1b"] };
  const json = visibleJson(JSON.stringify(value, null, 2));
  assert.deepEqual(JSON.parse(json), value);
  assert.match(json, /^[\x20-\x7eé\n]*$/);
});
