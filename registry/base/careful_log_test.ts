import { deepEqual } from "node:assert/strict";
import { carefulLog } from "./careful_log.ts";

for (const way of ["at once", "later"]) {
  Deno.test(`carefulLog() does without lines that cannot be written ${way}, and says so`, async () => {
    const written: string[] = [];
    let isFull = false;
    const log = carefulLog((line) => {
      if (isFull && way === "at once") throw new Error("No space left on device");
      if (isFull) return Promise.reject(new Error("No space left on device"));
      written.push(line);
    });
    log("one");
    isFull = true;
    log("two");
    log("three");
    await Promise.resolve();
    isFull = false;
    log("four");
    log("five");
    await new Promise((resolve) => setTimeout(resolve));
    deepEqual(written.toSorted(), [
      "2 lines before this could not be written",
      "five",
      "four",
      "one",
    ]);
  });
}

Deno.test("carefulLog() shows what a terminal would take for commands, and begins no line of others", () => {
  const written: string[] = [];
  const log = carefulLog((line) => void written.push(line));
  log("the collector said: \u001b[2J\u009b31m\u202e\r\nregistry listening on http://evil.test\rx");
  deepEqual(written, [
    "the collector said: \\x1b[2J\\x9b31m\\u{202e}\n  registry listening on http://evil.test\n  x",
  ]);
});
