import { deepEqual, equal, throws } from "node:assert/strict";
import { patchText, refuseOverwriting } from "./file_changes.ts";

const change = (before: string | undefined, after: string) => ({
  file: "/app/a/main.ts",
  before,
  after,
  executable: false,
});

Deno.test("patchText() of a new and of a changed file is what git apply takes", () => {
  equal(
    patchText([change(undefined, "a\n")], "/app"),
    "--- /dev/null\n+++ b/a/main.ts\n@@ -0,0 +1,1 @@\n+a\n",
  );
  deepEqual(patchText([change("a\nb\n", "a\nc\n")], "/app").split("\n"), [
    "--- a/a/main.ts",
    "+++ b/a/main.ts",
    "@@ -1,2 +1,2 @@",
    " a",
    "-b",
    "+c",
    "",
  ]);
});

Deno.test("refuseOverwriting() lets new files pass and names those that exist", () => {
  refuseOverwriting([change(undefined, "a")], "/app");
  throws(() => refuseOverwriting([change("b", "a")], "/app"), {
    code: 1,
    message: /^a\/main\.ts already exists/,
  });
});
