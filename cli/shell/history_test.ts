import { deepEqual, equal } from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHistory } from "./history.ts";

Deno.test("openHistory() keeps lines for the next shell, private ones and repetitions excepted", async () => {
  const folder = await mkdtemp(join(tmpdir(), "history-"));
  try {
    const path = join(folder, "home", "shell_history");
    const history = await openHistory(path);
    deepEqual(history.lines, []);
    for (const line of ["list", "list", " secret", "", "greet name=Ada"]) await history.add(line);
    deepEqual((await openHistory(path)).lines, ["greet name=Ada", "list"]);
    equal((await stat(path)).mode & 0o777, 0o600);
    for (let count = 0; count <= 2_000; count++) await history.add(`line ${count}`);
    equal((await openHistory(path)).lines.length, 1_000);
    equal((await readFile(path, "utf8")).trim().split("\n").length, 1_000);
  } finally {
    await rm(folder, { recursive: true });
  }
});
