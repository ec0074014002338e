import { equal } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importFinding } from "./import_finding.ts";

/** The fix for an import of `agents/a.ts` below `cwd`. */
function fixIn(cwd: string): (specifier: string) => string | undefined {
  const file = join(cwd, "agents/a.ts");
  const context = { cwd, root: "/mesh" };
  return (specifier) => importFinding({ name: "a" }, { file, specifier, reason: "" }, context).fix;
}

Deno.test("importFinding() has a command for what can be put right by one", () => {
  const fix = fixIn("/nowhere");
  equal(
    fix("@scope/name/sub"),
    "perl -pi -e 's#([\"\\x27])\\@scope/name/sub\\1#$1npm:\\@scope/name/sub$1#' agents/a.ts",
  );
  equal(fix("fs"), "perl -pi -e 's#([\"\\x27])fs\\1#$1node:fs$1#' agents/a.ts");
  equal(fix("npm:zod@4"), "deno cache --reload=npm:zod@4 agents/a.ts");
  equal(fix("./b.ts"), undefined);
});

Deno.test("importFinding() has packages added to the project that the module is in", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "import-"));
  const fix = fixIn(cwd);
  try {
    await mkdir(join(cwd, "agents"));
    await writeFile(join(cwd, "deno.json"), "{}");
    equal(fix("@scope/name/sub"), "(cd agents && deno add npm:@scope/name)");
    // Which `deno add` refuses.
    await writeFile(join(cwd, "deno.json"), '{ "importMap": "./map.json" }');
    equal(fix("ms"), "perl -pi -e 's#([\"\\x27])ms\\1#$1npm:ms$1#' agents/a.ts");
  } finally {
    await rm(cwd, { recursive: true });
  }
});
