/**
 * A process that `meshctl` starts: in a group of its own, so that a Ctrl+C in the terminal reaches
 * only `meshctl`, which then ends the group in order.
 *
 * @module
 */
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { LINE_LENGTH } from "../../runtime/base/log_files.ts";
import { createLineSplitter } from "../../runtime/base/line_splitter.ts";
import { byShell, type Program } from "../../runtime/base/shell.ts";
import { PRIVATE } from "./private_file.ts";

/** Which of its streams a line came from. */
export type LineSource = "stdout" | "stderr";

/** What to run, and where its output goes. */
export interface ChildOptions {
  command: string;
  args: string[];
  /** Absolute working folder; must exist. */
  cwd: string;
  /** Its whole environment. */
  env: Record<string, string>;
  /** A log file to append to, so that it can outlive `meshctl`; or a listener for every line. */
  output: { file: string } | { onLine(source: LineSource, line: string): void };
  /** It is told something over its standard input. @default {false} */
  input?: boolean;
}

/** How a process ended. */
export interface ChildExit {
  /** Exit code; null when a signal ended it or it could not be started. */
  code: number | null;
  signal: string | null;
  /** Why it could not be started. */
  error?: string;
}

/** A process that was started. */
export interface Child {
  /** 0 when it could not be started. */
  readonly pid: number;
  /** Settles when it has ended and its output has been read. */
  readonly exited: Promise<ChildExit>;
  /** How it ended, once it has. */
  readonly exit: ChildExit | undefined;
  /** Writes a line to its standard input; does nothing when it reads none any more. */
  tell(line: string): void;
  /** Ends its standard input. */
  tellNoMore(): void;
  /** Asks it to end, which ends what it started in its own order; does nothing once it has ended. */
  ask(): void;
  /** Kills it and everything it started, also what is left of that when it has ended. */
  kill(): void;
}

/** How long output may keep coming after the end, when something it started holds the pipe. */
const DRAIN_MS = 200;

/** Starts a process. */
export function startChild(options: ChildOptions): Child {
  const child = "file" in options.output
    ? spawnToFile(options, options.output.file)
    : spawnWith(options, [options.command, ...options.args], "pipe");
  // It may end before it has read everything.
  child.stdin?.on("error", () => {});
  if ("onLine" in options.output) readLines(child, options.output.onLine);
  let exit: ChildExit | undefined;
  const exited = childExit(child).then((end) => exit = end);
  const pid = child.pid ?? 0;
  return {
    pid,
    exited,
    get exit() {
      return exit;
    },
    tell: (line) => child.stdin?.write(`${line}\n`),
    tellNoMore: () => child.stdin?.end(),
    ask: () => {
      if (exit === undefined) askToEnd(pid);
    },
    kill: () => exit === undefined ? killGroup(pid) : killRest(pid),
  };
}

/**
 * A descriptor that is given to `spawn` stays open in the process under further numbers, for everything
 * that it starts to inherit (Deno 2.9.6): the code of an agent would have the log of its agent. So a
 * shell opens the file, where there is one.
 */
function spawnToFile(options: ChildOptions, file: string): ChildProcess {
  const descriptor = openSync(file, "a", PRIVATE.file);
  try {
    const { command, args, env } = options;
    const byItself: Program = [command, ...args];
    const program = byShell(byItself, { env, output: file });
    return program === undefined
      ? spawnWith(options, byItself, descriptor)
      : spawnWith(options, program, "ignore");
  } finally {
    closeSync(descriptor);
  }
}

function spawnWith(
  { cwd, env, input = false }: ChildOptions,
  [command, ...args]: Program,
  output: "pipe" | "ignore" | number,
): ChildProcess {
  const stdio: StdioOptions = [input ? "pipe" : "ignore", output, output];
  return spawn(command, args, { cwd, env, detached: true, stdio });
}

function childExit(child: ChildProcess): Promise<ChildExit> {
  const { promise, resolve } = Promise.withResolvers<ChildExit>();
  child.on("error", (error) => resolve({ code: null, signal: null, error: error.message }));
  child.on("exit", (code, signal) => {
    const end = { code, signal };
    const timer = setTimeout(() => resolve(end), DRAIN_MS);
    child.on("close", () => {
      clearTimeout(timer);
      resolve(end);
    });
  });
  return promise;
}

function readLines(child: ChildProcess, onLine: (source: LineSource, line: string) => void): void {
  for (const source of ["stdout", "stderr"] as const) {
    const splitter = createLineSplitter(LINE_LENGTH);
    child[source]?.on("data", (bytes: Uint8Array) => {
      for (const line of splitter.push(bytes)) onLine(source, line);
    });
    child[source]?.on("end", () => {
      for (const line of splitter.end()) onLine(source, line);
    });
  }
}

/** Asks a process to end. What it started is its own to end. */
export function askToEnd(pid: number): void {
  if (pid > 1) send(pid, "SIGTERM");
}

/** Kills a process and everything in its group, which it leads when `meshctl` started it. */
export function killGroup(pid: number): void {
  if (pid > 1 && !send(-pid, "SIGKILL")) send(pid, "SIGKILL");
}

/**
 * Kills what is left of the group of a process that has just ended: as long as anything is, nobody
 * else gets its id.
 */
export function killRest(pid: number): void {
  if (pid > 1) send(-pid, "SIGKILL");
}

/** Whether there was anything to send it to. */
function send(target: number, signal: "SIGTERM" | "SIGKILL"): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch {
    // No such process or group: it has ended in the meantime.
    return false;
  }
}

/** How a process ended, in words: `exited with code 3`, `was ended by SIGKILL`. */
export function exitText({ code, signal, error }: ChildExit): string {
  if (error !== undefined) return `could not be started (${error})`;
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}
