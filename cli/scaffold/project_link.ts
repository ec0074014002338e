/**
 * The project that agents are in: the `deno.json` that says what `"mesh"` is, and the link beside it to
 * the runtime of this machine's `meshctl`. The file goes into version control, the link does not.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { lstat, mkdir, readlink, symlink, unlink, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { errorText } from "../../runtime/base/errors.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { readText } from "../base/file_text.ts";
import { parseJsonc } from "../base/jsonc.ts";

/** What configurations are called; Deno takes the first there is. */
export const CONFIG_NAMES: readonly string[] = ["deno.json", "deno.jsonc"];

/** The link to the runtime, from the folder of the `deno.json`. */
export const RUNTIME_LINK = ".mesh/runtime";

const ImportMap = z.looseObject({ imports: z.record(z.string(), z.string()).default({}) });
const DenoConfig = ImportMap.extend({ importMap: z.string().optional() });

/** A `deno.json` that says what `"mesh"` is. */
export interface Project {
  /** Absolute path of it. */
  readonly file: string;
  /** Absolute folder of it. */
  readonly folder: string;
  /** Absolute path that `"mesh"` leads to; absent where it leads to no file. */
  readonly target?: string;
  /** How: by the link, by a path of its own, or by an import map beside it. */
  readonly form: "link" | "path" | "map";
}

/**
 * The project that a folder is in: the nearest `deno.json`, there or above, that says what `"mesh"`
 * is.
 *
 * @param folder Absolute path; need not exist.
 */
export async function projectOf(folder: string): Promise<Project | undefined> {
  for (const above of ancestors(folder)) {
    const file = CONFIG_NAMES.map((name) => join(above, name)).find((path) => existsSync(path));
    const project = file === undefined ? undefined : await readProject(file);
    if (project !== undefined) return project;
  }
  return undefined;
}

/** Whether `"mesh"` leads to a file that is not there. */
export function leadsNowhere({ target }: Project): boolean {
  return target !== undefined && !existsSync(target);
}

/** The runtime that a project's link leads to, an absolute path, if it has a link. */
export async function linkedRuntime({ folder }: Project): Promise<string | undefined> {
  return await readlink(join(folder, RUNTIME_LINK)).catch(() => undefined);
}

/**
 * Makes a project's link lead to a runtime. Git does not see it.
 *
 * @param folder Absolute folder of its `deno.json`.
 * @param root Absolute folder with `runtime/`; see `runtimeLocation()`.
 * @returns Whether it led elsewhere before.
 * @throws {CliError} exit 1 when it cannot be made.
 */
export async function linkRuntime(folder: string, root: string): Promise<boolean> {
  const link = join(folder, RUNTIME_LINK);
  const target = join(root, "runtime");
  const before = await readlink(link).catch(() => undefined);
  if (before === target) return false;
  try {
    await mkdir(dirname(link), { recursive: true });
    const folder = await lstat(dirname(link));
    if (!folder.isDirectory()) throw new Error(`${dirname(link)} is not a folder of its own`);
    await writeNew(join(dirname(link), ".gitignore"), "*\n");
    if (before !== undefined) await unlink(link);
    // Of a kind that everybody may make on Windows; elsewhere there is only one.
    await symlink(target, link, "junction");
    return true;
  } catch (cause) {
    const reason = errorText(cause);
    throw new CliError(EXIT.failure, `the link to the runtime cannot be made: ${reason}`, {
      hint: `Remove ${link} if it is there, or choose another folder with --output.`,
      cause,
    });
  }
}

/** Writes a file that is not there yet; one that is may be a link to anywhere. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

async function readProject(file: string): Promise<Project | undefined> {
  const config = DenoConfig.safeParse(await readJson(file));
  if (!config.success) return undefined;
  const { imports, importMap } = config.data;
  const folder = dirname(file);
  const own = imports["mesh"];
  if (own !== undefined) {
    const form = own.startsWith(`./${RUNTIME_LINK}/`) ? "link" : "path";
    return { file, folder, form, ...targetOf(own, folder) };
  }
  if (importMap === undefined) return undefined;
  const path = resolve(folder, importMap);
  const map = ImportMap.safeParse(await readJson(path));
  const mapped = map.success ? map.data.imports["mesh"] : undefined;
  if (mapped === undefined) return undefined;
  return { file, folder, form: "map", ...targetOf(mapped, dirname(path)) };
}

function targetOf(specifier: string, folder: string): { target?: string } {
  if (specifier.startsWith("file:")) return { target: fileURLToPath(specifier) };
  const isPath = /^\.{0,2}\//.test(specifier);
  if (!isPath) return {};
  return { target: isAbsolute(specifier) ? specifier : resolve(folder, specifier) };
}

function* ancestors(folder: string): Generator<string> {
  yield folder;
  const parent = dirname(folder);
  if (parent !== folder) yield* ancestors(parent);
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path).catch(() => undefined);
  return text === undefined ? undefined : parseJsonc(text);
}
