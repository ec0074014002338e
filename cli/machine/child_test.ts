import { deepEqual, equal, match } from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Child, exitText, startChild } from "./child.ts";
import { isStillRunning } from "./process_identity.ts";
import { fixedPatience } from "./ending.ts";
import { endChildren } from "./termination.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const PATH = Deno.env.get("PATH") ?? "";

/** A shell that runs `script`, and a promise of its first line. */
function shell(script: string): { child: Child; lines: string[]; firstLine: Promise<string> } {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = startChild({
    command: "sh",
    args: ["-c", script],
    cwd: tmpdir(),
    env: { PATH, GREETING: "hello" },
    output: {
      onLine: (source, line) => {
        lines.push(`${source}: ${line}`);
        resolve(line);
      },
    },
  });
  return { child, lines, firstLine: promise };
}

processTest("startChild() reports every line before the end, and how it ended", async () => {
  const { child, lines } = shell("echo $GREETING; echo oops >&2; printf tail; exit 3");
  deepEqual(await child.exited, { code: 3, signal: null });
  deepEqual(lines.toSorted(), ["stderr: oops", "stdout: hello", "stdout: tail"]);
  deepEqual(child.exit, { code: 3, signal: null });
});

processTest("startChild() appends to a file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "child-"));
  const file = join(folder, "out.log");
  try {
    for (const word of ["one", "two"]) {
      const output = { file };
      await startChild({ command: "echo", args: [word], cwd: folder, env: { PATH }, output })
        .exited;
    }
    equal(await readFile(file, "utf8"), "one\ntwo\n");
  } finally {
    await rm(folder, { recursive: true });
  }
});

processTest("startChild() writes lines to a child that is to be told something", async () => {
  const lines: string[] = [];
  const child = startChild({
    command: "cat",
    args: [],
    cwd: tmpdir(),
    env: { PATH },
    output: { onLine: (_, line) => lines.push(line) },
    input: true,
  });
  child.tell("one");
  child.tell("two");
  child.tellNoMore();
  deepEqual(await child.exited, { code: 0, signal: null });
  child.tell("three");
  deepEqual(lines, ["one", "two"]);
});

processTest("startChild() reports a program that does not exist as an end", async () => {
  const output = { onLine: () => {} };
  const child = startChild({ command: "/no/such/program", args: [], cwd: "/", env: {}, output });
  match((await child.exited).error ?? "", /ENOENT/);
  child.kill();
});

processTest("endChildren() ends a child with everything it started", async () => {
  const { child, firstLine } = shell("sleep 60 & echo $!; wait");
  const grandchild = Number(await firstLine);
  const written = { pid: grandchild, startedAt: new Date().toISOString() };
  equal(await isStillRunning(written), true);
  await endChildren([{ child, patience: fixedPatience(5_000) }]);
  equal(child.exit?.signal, "SIGTERM");
  // The system closes what a process has open before it is gone.
  for (let looks = 0; looks < 250 && await isStillRunning(written); looks++) await delay(20);
  equal(await isStillRunning(written), false);
});

processTest("endChildren() kills what does not end in time", async () => {
  const { child, firstLine } = shell("trap '' TERM; echo ready; while :; do sleep 60; done");
  await firstLine;
  await endChildren([{ child, patience: fixedPatience(50) }]);
  equal(child.exit?.signal, "SIGKILL");
});

Deno.test("exitText() says how a process ended", () => {
  equal(exitText({ code: 3, signal: null }), "exited with code 3");
  equal(exitText({ code: null, signal: "SIGKILL" }), "was ended by SIGKILL");
  equal(exitText({ code: null, signal: null, error: "x" }), "could not be started (x)");
});
