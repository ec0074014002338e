import { deepEqual, equal, match } from "node:assert/strict";
import { writeSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogWriter } from "./log_writer.ts";

async function inFolder(body: (log: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "log-"));
  try {
    await body(join(folder, "a.log"), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("LogWriter keeps a log and its older generations bounded while it writes", async () => {
  await inFolder(async (log, folder) => {
    {
      using writer = new LogWriter(log, { onTrouble: () => {}, limit: 100 });
      for (let line = 0; line < 200; line++) writer.line(`line ${line}`);
    }
    const names = (await readdir(folder)).toSorted();
    deepEqual(names, ["a.1.log", "a.2.log", "a.3.log", "a.4.log", "a.log"]);
    for (const name of names) equal((await stat(join(folder, name))).size <= 110, true, name);
    match(await readFile(log, "utf8"), /line 199\n$/);
    equal((await stat(log)).mode & 0o777, 0o600);
  });
});

Deno.test("LogWriter says once that a disk is full, goes on, and says how much is missing", async () => {
  await inFolder(async (log) => {
    let isFull = false;
    const troubles: string[] = [];
    using writer = new LogWriter(log, {
      onTrouble: (text) => troubles.push(text),
      write: (file, text) => {
        if (isFull) throw new Error("ENOSPC: no space left on device, write");
        return writeSync(file, text);
      },
    });
    writer.line("before");
    isFull = true;
    for (let line = 0; line < 3; line++) writer.line(`lost ${line}`);
    isFull = false;
    writer.line("after");
    equal(await readFile(log, "utf8"), "before\n… 3 lines are missing\nafter\n");
    deepEqual(troubles, [
      `${log} cannot be written, and lines are dropped: ENOSPC: no space left on device, write`,
      `${log} is written again; 3 lines are missing`,
    ]);
  });
});

Deno.test("LogWriter goes on where its folder is gone", async () => {
  await inFolder(async (log, folder) => {
    const troubles: string[] = [];
    using writer = new LogWriter(join(folder, "none", "a.log"), {
      onTrouble: (text) => troubles.push(text),
    });
    writer.line("x");
    writer.line("y");
    match(troubles.join(), /^\S+a\.log cannot be written, and lines are dropped: ENOENT/);
    equal(troubles.length, 1);
    deepEqual(await readdir(folder), [], log);
  });
});
