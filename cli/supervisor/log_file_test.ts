import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastLines, rotateLog } from "./log_file.ts";

Deno.test("rotateLog() keeps four older generations", async () => {
  const folder = await mkdtemp(join(tmpdir(), "log-"));
  const log = join(folder, "a.log");
  try {
    for (let run = 1; run <= 6; run++) {
      await rotateLog(log);
      await writeFile(log, `run ${run}`);
    }
    deepEqual((await readdir(folder)).toSorted(), [
      "a.1.log",
      "a.2.log",
      "a.3.log",
      "a.4.log",
      "a.log",
    ]);
    equal(await readFile(log, "utf8"), "run 6");
    equal(await readFile(join(folder, "a.1.log"), "utf8"), "run 5");
    equal(await readFile(join(folder, "a.4.log"), "utf8"), "run 2");
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("lastLines() reads the end of a file of any length", async () => {
  const folder = await mkdtemp(join(tmpdir(), "log-"));
  const log = join(folder, "a.log");
  try {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} é`);
    await writeFile(log, `${lines.join("\n")}\n`);
    deepEqual(await lastLines(log, 3), lines.slice(-3));
    deepEqual(await lastLines(log, 10_000), lines.slice(-10_000));
    deepEqual(await lastLines(log, 0), lines);
    deepEqual(await lastLines(log, 50_000), lines);
    await writeFile(log, "no end");
    deepEqual(await lastLines(log, 5), ["no end"]);
    await writeFile(log, "");
    deepEqual(await lastLines(log, 5), []);
    await rejects(lastLines(join(folder, "nope.log"), 5));
  } finally {
    await rm(folder, { recursive: true });
  }
});
