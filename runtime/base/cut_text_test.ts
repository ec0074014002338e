import assert from "node:assert/strict";
import { abridged, cutText, shortened } from "./cut_text.ts";

const rows: [text: string, max: number, cut: string, short: string][] = [
  ["abc", 3, "abc", "abc"],
  ["abcd", 3, "abc", "ab…"],
  ["", 0, "", ""],
  ["abc", 0, "", "…"],
  ["ab\u{1F600}", 4, "ab\u{1F600}", "ab\u{1F600}"],
  ["ab\u{1F600}", 3, "ab", "ab…"],
  ["ab\u{1F600}c", 4, "ab\u{1F600}", "ab…"],
  ["a\ud83d", 5, "a\ufffd", "a\ufffd"],
  ["a\ude00b", 2, "a\ufffd", "a…"],
  ["a\ud83d\ud83dbc", 3, "a\ufffd", "a…"],
];

for (const [text, max, cut, short] of rows) {
  Deno.test(`cutText() and shortened() of ${JSON.stringify(text)} to ${max}`, () => {
    assert.deepEqual([cutText(text, max), shortened(text, max)], [cut, short]);
  });
}

Deno.test("abridged() says how much is left out", () => {
  assert.equal(abridged("ab\u{1F600}c", 3), "ab… (3 more characters)");
  assert.equal(abridged("abc", 3), "abc");
});
