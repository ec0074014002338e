/**
 * Type-checks agents, as `deno check` does.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { Context } from "../app/context.ts";
import { CliError } from "../base/exit.ts";
import { checkFlags } from "./resolution.ts";

/** A place that does not type-check. */
export interface TypeProblem {
  /** Absolute path; absent for what is wrong with none in particular. */
  file?: string;
  /** From 1. */
  line?: number;
  /** From 1. */
  column?: number;
  /** The compiler's code and words, in one line. */
  message: string;
}

/**
 * Type-checks modules and what they are made of.
 *
 * @param files Absolute paths.
 * @param signal Gives up, and kills the compiler.
 * @returns What does not type-check; `undefined` when it gave up.
 */
export async function checkTypes(
  files: string[],
  { deno, root, config }: Pick<Context, "deno" | "root" | "config">,
  signal?: AbortSignal,
): Promise<TypeProblem[] | undefined> {
  if (files.length === 0) return [];
  let args: string[];
  try {
    args = ["check", ...checkFlags(files, root)];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [{ message: error.message }];
  }
  const { promise, resolve } = Promise.withResolvers<TypeProblem[] | undefined>();
  const options = { env: { ...config.environment, NO_COLOR: "1" }, ...(signal && { signal }) };
  const compiler = execFile(deno, [...args, ...files], options, (error, _, stderr) => {
    if (signal?.aborted) resolve(undefined);
    else resolve(error === null ? [] : parseTypeProblems(stderr));
  });
  giveWay(compiler.pid);
  return await promise;
}

/** Has a process give way to what runs meanwhile: a compiler takes every core for seconds. */
function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended, or the system does not let us.
  }
}

/** Reads what `deno check` writes to standard error when it fails. */
export function parseTypeProblems(text: string): TypeProblem[] {
  const blocks = text.split(/^(?=TS\d+ \[ERROR\]: )/m).filter((block) => /^TS\d+ /.test(block));
  if (blocks.length === 0) return [problemIn(text.replace(/^error: /m, ""))];
  return blocks.map((block) => problemIn(block.replace(/^(TS\d+) \[ERROR\]: /, "$1: ")));
}

function problemIn(block: string): TypeProblem {
  const [message = ""] = block.trim().split("\n");
  const [, url, line, column] = /at (file:\S+?):(\d+):(\d+)/.exec(block) ?? [];
  return url === undefined
    ? { message }
    : { file: fileURLToPath(url), line: Number(line), column: Number(column), message };
}

/** A problem in one line: where, and what. */
export function typeProblemText({ file, line, column, message }: TypeProblem): string {
  return file === undefined ? message : `${file}:${line}:${column}: ${message}`;
}
