import { equal } from "node:assert/strict";
import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { denoExecutable } from "./deno_executable.ts";

processTest("denoExecutable() finds the program behind a link and behind a script", async () => {
  const folder = await mkdtemp(join(tmpdir(), "deno-executable-"));
  try {
    const [link, script, none] = ["link", "script", "none"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await symlink(Deno.execPath(), link);
    await writeFile(script, `#!/bin/sh\n"${Deno.execPath()}" "$@"\n`);
    await chmod(script, 0o700);
    for (const command of [link, script, Deno.execPath()]) {
      equal(denoExecutable(command), Deno.execPath(), command);
    }
    equal(denoExecutable(none), none);
  } finally {
    await rm(folder, { recursive: true });
  }
});
