import assert from "node:assert/strict";
import { fences, missingLines } from "./fence.ts";

Deno.test("fences() finds code blocks, their purpose and place", () => {
  const page = "# A\n```sh foreground\na\n\nb\n```\ntext\n```ts own.ts\nc\n```\n```\nd\n```\n";
  assert.deepEqual(fences(page), [
    { language: "sh", info: "foreground", code: "a\n\nb", line: 2 },
    { language: "ts", info: "own.ts", code: "c", line: 8 },
    { language: "", info: "", code: "d", line: 11 },
  ]);
});

Deno.test("fences() refuses a block that is not closed", () => {
  assert.throws(() => fences("a\n```sh\nb"), /the code block of line 2 is not closed/);
});

const REAL = "AGENT   ADDRESS\nflight  http://localhost:8000  agent-0a1b2c3d\nregistered (1.2 s)\n";

const SHOWN: [what: string, shown: string, missing: string[]][] = [
  ["the same", REAL, []],
  ["other spacing, port and id", "flight http://localhost:9000 agent-ffffffff", []],
  ["an ellipsis within a line", "registered (… s)", []],
  ["an ellipsis for lines", "AGENT ADDRESS\n…\nregistered (1.2 s)", []],
  ["a line that was not printed", "AGENT ADDRESS\nhotel", ["hotel"]],
  ["part of a line", "flight", ["flight"]],
  ["another value around an ellipsis", "refused (… s)", ["refused (… s)"]],
];

for (const [what, shown, missing] of SHOWN) {
  Deno.test(`missingLines() of ${what}`, () => {
    assert.deepEqual(missingLines(shown, REAL), missing);
  });
}
