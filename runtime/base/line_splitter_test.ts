import { deepEqual } from "node:assert/strict";
import { createLineSplitter } from "./line_splitter.ts";

Deno.test("createLineSplitter() puts together what the stream cut, characters included", () => {
  const bytes = new TextEncoder().encode("one\r\ntwö\n\nlast");
  for (let cut = 0; cut <= bytes.length; cut++) {
    const splitter = createLineSplitter();
    deepEqual(
      [
        ...splitter.push(bytes.subarray(0, cut)),
        ...splitter.push(bytes.subarray(cut)),
        ...splitter.end(),
      ],
      ["one", "twö", "", "last"],
    );
  }
});

Deno.test("createLineSplitter() keeps the beginning of a line that is too long, and counts the rest", () => {
  const text = `short\n${"x".repeat(25)}\nexactly 10\n${"y".repeat(11)}`;
  const bytes = new TextEncoder().encode(text);
  for (const step of [1, 3, 7, bytes.length]) {
    const splitter = createLineSplitter(10);
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += step) {
      lines.push(...splitter.push(bytes.subarray(at, at + step)));
    }
    deepEqual([...lines, ...splitter.end()], [
      "short",
      `${"x".repeat(10)}… (15 characters more)`,
      "exactly 10",
      `${"y".repeat(10)}… (1 characters more)`,
    ]);
  }
});
