import { ok, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { takeStartLock } from "./start_lock.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

/** A process that takes the lock, says so, and keeps it until its input ends. */
function holder(path: string) {
  const module = fileURLToPath(new URL("./start_lock.ts", import.meta.url));
  const code = `import { takeStartLock } from ${JSON.stringify(`file://${module}`)};
    await takeStartLock(${JSON.stringify(path)}, new AbortController().signal, Error);
    console.log("held");
    for await (const _ of Deno.stdin.readable);`;
  return spawn(
    Deno.execPath(),
    ["eval", "--quiet", "--no-config", code],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
}

processTest(
  "takeStartLock() waits for the process that has it, or until told to give up",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "lock-"));
    const path = join(folder, "start.lock");
    const other = holder(path);
    // The lock is free before the process that had it is known to be gone, or after.
    const gone = once(other, "close");
    try {
      await once(other.stdout, "data");
      const tooLate = () => new Error("too late");
      const waiting = takeStartLock(path, new AbortController().signal, tooLate);
      // Aborted before, while the file is opened, and while it is waited for.
      const opening = new AbortController();
      const early = takeStartLock(path, opening.signal, tooLate);
      opening.abort();
      const signals = [AbortSignal.abort(), AbortSignal.timeout(100)];
      const impatient = [early, ...signals.map((signal) => takeStartLock(path, signal, tooLate))];
      await Promise.all(
        impatient.map((each) => rejects(Promise.race([waiting, each]), /too late/)),
      );
      other.stdin.end();
      using lock = await waiting;
      ok(lock);
    } finally {
      other.stdin.end();
      await gone;
      await rm(folder, { recursive: true });
    }
  },
);
