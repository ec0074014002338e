import assert from "node:assert/strict";
import { MessageLines } from "./message_lines.ts";

const encode = (text: string) => new TextEncoder().encode(text);

for (const size of [1, 2, 3, 1_000]) {
  Deno.test(`MessageLines puts lines together that come ${size} bytes at a time`, () => {
    const lines = new MessageLines(100);
    const bytes = encode("a\nü😀\r\n\n" + "x".repeat(100) + "\nrest");
    const seen: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      seen.push(...lines.push(bytes.subarray(at, at + size)));
    }
    assert.deepEqual(seen, ["a", "ü😀", "", "x".repeat(100)]);
    assert.deepEqual(lines.push(encode("\n")), ["rest"]);
  });
}

Deno.test("MessageLines takes no line that is too long, whether or not its end has come", () => {
  assert.throws(() => new MessageLines(10).push(encode("x".repeat(11))), RangeError);
  assert.throws(() => new MessageLines(10).push(encode(`${"x".repeat(11)}\n`)), RangeError);
  const lines = new MessageLines(10);
  lines.push(encode("x".repeat(10)));
  assert.throws(() => lines.push(encode("x")), RangeError);
});
