import { deepEqual, equal } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { isStillRunning, stillRunning } from "./process_identity.ts";
import { birthOf } from "./process_stat.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const GONE = 2 ** 22 + 1;
const now = () => new Date().toISOString();

processTest("stillRunning() is about these very processes, not about their numbers", async () => {
  const processes = [Deno.pid, GONE, 0, -1].map((pid) => ({ pid, startedAt: now() }));
  deepEqual(await stillRunning(processes), processes.slice(0, 1));
  deepEqual(await stillRunning([]), []);
});

processTest("stillRunning() takes a process younger than the record for another one", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  equal(await isStillRunning({ pid: Deno.pid, startedAt: "2001-01-01T00:00:00Z" }), false);
});

processTest("stillRunning() takes a process that has ended for gone though nobody asked for it", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  // The shell becomes `cat`, which does not know that it has a child to ask for.
  const parent = spawn("sh", ["-c", "sh -c 'echo $$' & exec cat"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const [line] = await once(parent.stdout, "data");
  const pid = Number(String(line));
  while (await isStillRunning({ pid, startedAt: now() }));
  parent.stdin.end();
  await once(parent, "close");
});

processTest("stillRunning() takes a process that began at another time for another one", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const birth = await birthOf(Deno.pid);
  const written = { pid: Deno.pid, startedAt: "2001-01-01T00:00:00Z" };
  equal(await isStillRunning({ ...written, birth }), true, "whatever its clock said then");
  equal(await isStillRunning({ ...written, startedAt: now(), birth: `${birth}0` }), false);
});
