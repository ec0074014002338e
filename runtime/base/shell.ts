/**
 * The shell that starts programs where Deno alone cannot: it opens files for them, sets limits and
 * closes what they are not to inherit, and then becomes them.
 *
 * @module
 */
import { existsSync } from "node:fs";
import type { Environment } from "./environment.ts";

/** Path of the shell. A process needs permission to run it. */
export const SHELL = "/bin/sh";

/** The words that run a program. */
export type Program = readonly [command: string, ...args: string[]];

/** The start of a program by way of the shell. */
export interface ShellStart {
  /** The whole environment of the program. */
  readonly env: Environment;
  /** Commands of the shell that come first, each with its end. @default none */
  readonly before?: string;
  /** Absolute path of a file that takes what it writes, at the end. @default as the shell's own */
  readonly output?: string;
}

/** Variables that some shells export of their own. */
const OWN_VARIABLES = ["PWD", "OLDPWD", "SHLVL"];

/**
 * Descriptors that whoever started this process may have left open, such as `9` of `flock`. A shell can
 * name none with two digits. Deno opens its own so that no other program gets them.
 */
const CLOSED = [4, 5, 6, 7, 8, 9].map((descriptor) => `${descriptor}>&-`).join(" ");

/**
 * Returns the words that run a program by way of the shell, as the same process.
 *
 * @returns `undefined` where there is no shell, or when it would not hand the whole environment on: some
 * drop variables whose names they cannot have.
 */
export function byShell(
  program: Program,
  { env, before = "", output }: ShellStart,
): Program | undefined {
  if (!existsSync(SHELL) || !Object.keys(env).every((name) => /^[A-Za-z_]\w*$/.test(name))) {
    return undefined;
  }
  const own = OWN_VARIABLES.filter((name) => env[name] === undefined);
  const unset = own.length === 0 ? "" : `unset ${own.join(" ")}; `;
  const redirected = output === undefined ? CLOSED : `>>"$0" 2>&1 ${CLOSED}`;
  return [SHELL, "-c", `${before}${unset}exec "$@" ${redirected}`, output ?? "sh", ...program];
}
