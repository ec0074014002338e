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
