import { deepEqual, match, rejects } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CliError } from "../base/exit.ts";
import { entryPoints } from "./entry_point.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const SHEBANG = "#!/usr/bin/env -S deno run\n";

/** Runs `body` in a folder with these files. */
async function withFiles(
  files: Record<string, string>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "entry-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("entryPoints() takes files as they are, each once", async () => {
  await withFiles({ "a.ts": "", "b.js": "" }, async (folder) => {
    const path = (name: string) => join(folder, name);
    deepEqual(await entryPoints(["b.js", "./a.ts", path("b.js")], folder), [
      path("b.js"),
      path("a.ts"),
    ]);
  });
});

Deno.test("entryPoints() finds a folder's entry point before its executable modules", async () => {
  const rows: [Record<string, string>, string[]][] = [
    [{ "mod.ts": "", "main.ts": "", "x.ts": SHEBANG }, ["main.ts"]],
    [{ "src/index.ts": "", "x.ts": SHEBANG }, ["src/index.ts"]],
    [
      {
        "b.ts": SHEBANG,
        "a.ts": "#!/usr/bin/deno run",
        "plain.ts": "",
        "a_test.ts": SHEBANG,
        "a.test.ts": SHEBANG,
        "types.d.ts": SHEBANG,
        "node.ts": "#!/usr/bin/env node",
        "deep/c.ts": SHEBANG,
      },
      ["a.ts", "b.ts"],
    ],
  ];
  for (const [files, found] of rows) {
    await withFiles(files, async (folder) => {
      deepEqual(await entryPoints(["."], folder), found.map((name) => join(folder, name)));
    });
  }
});

Deno.test("entryPoints() refuses what is no agent", async () => {
  await withFiles({ "x.py": "", "empty/readme.md": "" }, async (folder) => {
    await rejects(entryPoints(["nope.ts"], folder), {
      code: 3,
      message: "path does not exist: nope.ts",
    });
    await rejects(entryPoints(["empty"], folder), (error: Error) => {
      match(error.message, /no entry point found in empty/);
      return true;
    });
    await rejects(entryPoints(["x.py"], folder), {
      code: 2,
      message: "unsupported file type: x.py",
    });
  });
});

Deno.test("entryPoints() names the agents below a folder that has none itself", async () => {
  const files = { "b/main.ts": "", "a/mod.ts": "", ".x/main.ts": "", "empty/notes.txt": "" };
  await withFiles(files, async (folder) => {
    await rejects(entryPoints(["."], folder), (error) => {
      match(String(error), /no entry point found in \./);
      match(error instanceof CliError ? error.hint ?? "" : "", /`start a b`/);
      return true;
    });
  });
});

processTest("entryPoints() waits for no pipe that somebody has put among the modules", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFiles({ "a.ts": SHEBANG }, async (folder) => {
    await new Deno.Command("mkfifo", { args: [join(folder, "b.ts")] }).output();
    deepEqual(await entryPoints(["."], folder), [join(folder, "a.ts")]);
    await rejects(entryPoints(["b.ts"], folder), { code: 3 });
  });
});
