/**
 * What writing files would change on disk: shown as a diff, refused, or done.
 *
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { chmod } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { CliError, EXIT } from "../base/exit.ts";
import type { ScaffoldFile } from "./agent_plan.ts";

/** A file before and after. */
export interface FileChange {
  /** Absolute path. */
  file: string;
  /** `undefined` when it does not exist. */
  before: string | undefined;
  after: string;
  executable: boolean;
}

/** The files that would not be what they are now. */
export async function fileChanges(files: ScaffoldFile[], folder: string): Promise<FileChange[]> {
  const changes = await Promise.all(files.map(async ({ path, text, executable = false }) => {
    const file = join(folder, path);
    return { file, before: await textOf(file), after: text, executable };
  }));
  return changes.filter(({ before, after }) => before !== after);
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new CliError(EXIT.failure, `${file} cannot be read`, {
      hint: "Check what is there, and its permissions.",
      cause,
    });
  }
}

/**
 * Refuses to write over what is there.
 *
 * @throws {CliError} exit 1, naming every file that would be lost.
 */
export function refuseOverwriting(changes: FileChange[], cwd: string): void {
  const lost = changes.filter(({ before }) => before !== undefined);
  if (lost.length === 0) return;
  const names = lost.map(({ file }) => shown(file, cwd)).join(", ");
  throw new CliError(EXIT.failure, `${names} already exists and is different`, {
    hint: "See the difference with --dry-run; write over it with --force.",
  });
}

/** The changes as a patch that `git apply` and `patch -p1` take, from `cwd`. */
export function patchText(changes: FileChange[], cwd: string): string {
  return changes.map(({ file, before, after }) => {
    const path = shown(file, cwd);
    const from = before === undefined ? "/dev/null" : `a/${path}`;
    return createTwoFilesPatch(from, `b/${path}`, before ?? "", after, undefined, undefined, {
      headerOptions: FILE_HEADERS_ONLY,
    });
  }).join("");
}

/** Writes the files, with the folders they need. */
export async function writeChanges(changes: FileChange[]): Promise<void> {
  for (const { file, after, executable } of changes) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, after);
    if (executable && Deno.build.os !== "windows") await chmod(file, 0o755);
  }
}

/** A path as its user sees it: relative, with `/`. */
export function shown(file: string, cwd: string): string {
  return relative(cwd, file).replaceAll("\\", "/");
}
