/**
 * `deno compile` of a release: the bundled modules are the program, and the archive is among its
 * files, for the agents.
 *
 * @module
 */
import { copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UNSTABLE } from "../../cli/settings/runtime_location.ts";
import { PERMISSIONS } from "./launcher_file.ts";
import type { Release } from "./release.ts";

/** What `deno compile` makes programs for. */
export const TARGETS: readonly string[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** What is compiled, and where. */
export interface Compilation {
  release: Release;
  /** An empty folder to work in. */
  folder: string;
  /** @default the machine's own */
  target: string | undefined;
  /** The file to write, absolute or relative to the current folder; what is there is replaced. */
  output: string;
}

/**
 * Compiles a release.
 *
 * @returns Why it cannot be here, when the stub cannot be had.
 * @throws {Error} with what Deno says when anything else is wrong.
 */
export async function compileProgram(options: Compilation): Promise<string | undefined> {
  await layOut(options.release, options.folder);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: compileArguments(options),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).output();
  if (success) {
    // Whoever runs the old one meanwhile keeps it.
    await copyFile(compiledFile(options), `${options.output}.new`);
    await rename(`${options.output}.new`, options.output);
    return undefined;
  }
  const text = new TextDecoder().decode(stderr);
  const stub = missingStub(text);
  if (stub === undefined) throw new Error(`deno compile failed\n${text}`);
  return stub;
}

/** The program's modules and the archive, as they are inside of it. */
async function layOut({ name, files, archive }: Release, folder: string): Promise<void> {
  const modules = [...files].filter(([path]) => /^cli\/[^/]+\.js$/.test(path));
  const carried = [...modules, [`carried/${name}.archive`, archive] as const];
  for (const [path, bytes] of carried) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

/** Deno replaces no file that it has not compiled, such as a launcher: it writes where none is. */
function compiledFile({ folder, output }: Compilation): string {
  return join(folder, basename(output));
}

/** Arguments of `deno`. */
export function compileArguments(options: Compilation): string[] {
  const { folder, target } = options;
  return [
    "compile",
    "--no-check",
    "--no-config",
    "--no-lock",
    "--no-prompt",
    ...UNSTABLE,
    ...PERMISSIONS,
    ...(target === undefined ? [] : ["--target", target]),
    "--include",
    join(folder, "carried"),
    "--include",
    join(folder, "cli"),
    "--output",
    compiledFile(options),
    join(folder, "cli", "main.js"),
  ];
}

/** The reason, when it is that the stub could not be downloaded. */
export function missingStub(stderr: string): string | undefined {
  const url = /https:\/\/\S*denort\S*\.zip/.exec(stderr)?.[0];
  if (url === undefined || !stderr.includes("error")) return undefined;
  return `${url} cannot be downloaded`;
}
