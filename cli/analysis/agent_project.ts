/**
 * The project that an agent's module belongs to: the configurations that say what its modules import,
 * and the folder that they lie in.
 *
 * @module
 */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, matchesGlob, relative, sep } from "node:path";
import { memberOf } from "../../runtime/base/json.ts";
import { parseJsonc } from "../base/jsonc.ts";

/**
 * The configurations that say what the modules of a folder import: the nearest, and those of the
 * workspaces it is a member of.
 *
 * @param folder Absolute path.
 * @param root Absolute folder of the runtime, whose own is that of everything in it.
 * @returns Absolute paths, the nearest first.
 */
export function configFiles(folder: string, root: string): string[] {
  const files = [...foldersAbove(folder, root)].flatMap((above) => {
    const file = ["deno.json", "deno.jsonc"].map((name) => join(above, name)).find(isReadable);
    return file === undefined ? [] : [file];
  });
  const [nearest, ...above] = files;
  if (nearest === undefined) return [];
  return [nearest, ...above.filter((file) => hasMember(file, dirname(nearest)))];
}

/**
 * The folder of the project that a module belongs to: that of its outermost configuration, or else
 * the module's own. Neither a configuration nor a module in the user's home folder, or above it, makes
 * a project of everything the user has: such a module is alone.
 *
 * @param file Absolute path of the module.
 * @param root Absolute folder of the runtime.
 * @param userHome Absolute path.
 * @returns `undefined` for a module that is alone.
 */
export function projectFolder(
  file: string,
  root: string,
  userHome: string | undefined,
): string | undefined {
  if (isWithin(file, root)) return root;
  const folders = configFiles(dirname(file), root).map((config) => dirname(config));
  const home = realOf(userHome ?? sep);
  return [dirname(file), ...folders].findLast((folder) => !isWithin(home, realOf(folder)));
}

/** A path without links; as it is when there is nothing. */
export function realOf(path: string): string {
  return realPath(path) ?? path;
}

/** A path without links; `undefined` when there is nothing. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Whether a path is a folder or lies in it. Both are absolute. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Largest configuration that is read, bytes. */
const LARGEST = 16 * 1024 * 1024;

/** What a file of JSON says, with comments or without; undefined when it cannot be read. */
export function readJson(file: string): unknown {
  try {
    const stat = statSync(file);
    // Reading a pipe or a device may never end.
    return stat.isFile() && stat.size <= LARGEST
      ? parseJsonc(readFileSync(file, "utf8"))
      : undefined;
  } catch {
    // It is not there, or not for this user to read.
    return undefined;
  }
}

/** Whether a configuration names a folder as a member of its workspace. */
function hasMember(file: string, folder: string): boolean {
  const workspace = memberOf(readJson(file), "workspace");
  const patterns = Array.isArray(workspace) ? workspace : memberOf(workspace, "members");
  if (!Array.isArray(patterns)) return false;
  const path = relative(dirname(file), folder).replaceAll(sep, "/");
  const fits = (pattern: string) => matchesGlob(path, pattern.replace(/^\.\/|\/$/g, ""));
  const texts = patterns.filter((pattern) => typeof pattern === "string");
  return texts.some((pattern) => fits(pattern)) &&
    !texts.some((pattern) => pattern.startsWith("!") && fits(pattern.slice(1)));
}

function isReadable(file: string): boolean {
  return readJson(file) !== undefined;
}

/** A folder and those above it, up to where another project begins. */
function* foldersAbove(folder: string, end: string): Generator<string> {
  if (folder === end) return;
  yield folder;
  const parent = dirname(folder);
  if (parent !== folder) yield* foldersAbove(parent, end);
}
