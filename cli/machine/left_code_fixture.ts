/**
 * Code of agents that outlived its runtime, for tests: real processes, each in a group of its own, and
 * the record that a runtime which is gone had written.
 *
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import type { CodeRecord } from "../../runtime/process/plan.ts";
import { startChild } from "./child.ts";
import type { MeshHome } from "./home.ts";
import { birthOf } from "./process_stat.ts";

/** An id that no process has. */
export const NO_PROCESS = 2 ** 22 + 1;

/** Scripts that do not end when they are asked to; each first writes the ids of its processes. */
export const STUBBORN: Readonly<Record<string, string>> = {
  "loops": "echo $$; while :; do :; done",
  "ignores signals": "trap '' TERM HUP INT; echo $$; while :; do sleep 60; done",
  "has stopped itself": "echo $$; kill -STOP $$; sleep 60",
  "has started a program": "sleep 60 & echo $$ $!; wait",
};

/** A process of agent code. Disposing of it kills it with its group. */
export interface StubbornCode extends AsyncDisposable {
  readonly record: CodeRecord;
  /** Ids of its processes. */
  readonly pids: readonly number[];
  /** Settles when the process itself has ended. */
  readonly ended: Promise<unknown>;
}

/** Starts a process that runs a script of the shell, which writes its ids first. */
export async function stubbornCode(
  script: string,
  env: Record<string, string> = {},
): Promise<StubbornCode> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = startChild({
    command: "sh",
    args: ["-c", script],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", ...env },
    output: { onLine: (_source, line) => resolve(line) },
  });
  const pids = (await promise).split(" ").map(Number);
  const birth = await birthOf(child.pid);
  return {
    record: { pid: child.pid, ...(birth === undefined ? {} : { birth }) },
    pids,
    ended: child.exited,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
      child.kill();
    },
  };
}

/** Writes the record of an agent whose runtime is gone. */
export async function writeGoneAgent(
  home: MeshHome,
  name: string,
  code: readonly CodeRecord[],
): Promise<void> {
  await mkdir(home.agents, { recursive: true });
  const record = {
    name,
    file: `/${name}.ts`,
    pid: NO_PROCESS,
    birth: "some-boot/1",
    phase: "registered",
    registry: "http://localhost:8000",
    started_at: new Date().toISOString(),
    unresolved: [],
    code,
  };
  await writeFile(home.record(name), JSON.stringify(record));
}
