import { deepEqual, equal } from "node:assert/strict";
import { cleaned, cleanedLine, hasControls, quoted } from "./plain_text.ts";

const texts: [text: string, cleaned: string, line: string, quoted: string][] = [
  ["plain, 日本語 🛩️ é", "plain, 日本語 🛩️ é", "plain, 日本語 🛩️ é", '"plain, 日本語 🛩️ é"'],
  ["\x1b]0;x\x07", "\ufffd]0;x\ufffd", " ]0;x ", '"\\u001b]0;x\\u0007"'],
  ["a\0b\x7f", "a\ufffdb\ufffd", "a b ", '"a\\u0000b\\u007f"'],
  ["c1 \x9b2J", "c1 \ufffd2J", "c1  2J", '"c1 \\u009b2J"'],
  ["one\r\ntwo\rthree\tx", "one\ntwo\nthree\tx", "one two three x", '"one\\r\\ntwo\\rthree\\tx"'],
  ["a\u202egnp.b", "a\ufffdgnp.b", "a gnp.b", '"a\\u202egnp.b"'],
  [
    "\u2066x\u2069\u061c\u200f",
    "\ufffdx\ufffd\ufffd\ufffd",
    " x ",
    '"\\u2066x\\u2069\\u061c\\u200f"',
  ],
  ["a\u2028b", "a\ufffdb", "a b", '"a\\u2028b"'],
];
for (const [text, whole, line, inQuotes] of texts) {
  Deno.test(`plain text of ${JSON.stringify(text)}`, () => {
    deepEqual([cleaned(text), cleanedLine(text), quoted(text)], [whole, line, inQuotes]);
    equal(hasControls(text), whole !== text);
    equal(JSON.parse(quoted(text)), text);
  });
}
