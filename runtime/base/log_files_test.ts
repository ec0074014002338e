import * as assert from "node:assert/strict";
import { boundLog, OLDER_LOGS, olderLog, rotateLog } from "./log_files.ts";

async function inFolder(body: (log: string, folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    body(`${folder}/logs/a.log`, `${folder}/logs`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).toSorted();
}

Deno.test("rotateLog() keeps four older generations", async () => {
  await inFolder((log, folder) => {
    for (let run = 1; run <= 6; run++) {
      rotateLog(log);
      Deno.writeTextFileSync(log, `run ${run}`);
    }
    assert.deepEqual(namesIn(folder), ["a.1.log", "a.2.log", "a.3.log", "a.4.log", "a.log"]);
    assert.equal(Deno.readTextFileSync(log), "run 6");
    assert.equal(Deno.readTextFileSync(olderLog(log, 1)), "run 5");
    assert.equal(Deno.readTextFileSync(olderLog(log, OLDER_LOGS)), "run 2");
  });
});

Deno.test("boundLog() lets a process go on that holds a log open, and keeps the end of what there was", async () => {
  await inFolder((log, folder) => {
    Deno.mkdirSync(folder);
    using writer = Deno.openSync(log, { append: true, create: true });
    const write = (text: string) => writer.writeSync(new TextEncoder().encode(text));
    write("0123456789");
    boundLog(log, 10);
    assert.equal(Deno.readTextFileSync(log), "0123456789", "it is no larger than it may be");
    write("abc");
    boundLog(log, 10);
    write("after");
    assert.equal(Deno.readTextFileSync(log), "after");
    assert.equal(Deno.readTextFileSync(olderLog(log, 1)), "0123456789abc");
    for (let round = 1; round <= 6; round++) {
      write(`${round}`.repeat(50));
      boundLog(log, 10);
    }
    assert.deepEqual(namesIn(folder), ["a.1.log", "a.2.log", "a.3.log", "a.4.log", "a.log"]);
    assert.equal(Deno.readTextFileSync(olderLog(log, 1)), "6".repeat(20));
    boundLog(`${folder}/none.log`, 10);
  });
});

Deno.test("boundLog() makes a log smaller also where no copy can be made", async () => {
  await inFolder((log, folder) => {
    Deno.mkdirSync(folder);
    // What cannot be moved out of the way.
    Deno.mkdirSync(`${olderLog(log, OLDER_LOGS)}/full`, { recursive: true });
    Deno.writeTextFileSync(log, "x".repeat(20));
    boundLog(log, 10);
    assert.equal(Deno.statSync(log).size, 0);
  });
});
