/**
 * Keeps the state's folder from other users of the machine: logs, registrations, traces and what
 * agents keep are its user's alone.
 *
 * @module
 */
import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { keptIn, type MeshHome } from "./home.ts";
import { PRIVATE } from "./private_file.ts";

/** Bits that let others in. */
const OTHERS = 0o077;
/** Bit of a folder that everybody may write into, such as that for temporary files. */
const EVERYBODYS = 0o1000;

/** Beginnings of the names of all that is kept in a state's folder. */
const OWN_NAMES =
  /^(?:agents|logs|data|supervisors|locks|deno|runtime|registry\.json|mcp_mesh_registry\.kv|(?:start|agents)\.lock|shell_history|\.trial-)/;

/**
 * Makes the state's folder and those in it, for its user alone, and closes what others may enter. A
 * folder with other things in it, such as a home folder, is left as it is; what is kept in there is
 * closed all the same.
 *
 * @returns The folders and files that were open to others.
 */
export async function makePrivate(home: MeshHome): Promise<string[]> {
  await mkdir(home.root, { recursive: true, mode: PRIVATE.folder });
  if ((await readdir(home.root)).length === 0) {
    // There was nothing to read.
    for (const path of await openAmong([home.root])) await chmod(path, PRIVATE.folder);
  }
  for (const folder of foldersOf(home)) {
    await mkdir(folder, { recursive: true, mode: PRIVATE.folder });
  }
  const open = await openPlaces(home);
  const isFolder = (path: string) => path === home.root || foldersOf(home).includes(path);
  for (const path of open) await chmod(path, isFolder(path) ? PRIVATE.folder : PRIVATE.file);
  // What agents keep in their folders is theirs to share.
  const closed = open.filter((path) => isFolder(path) && path !== home.dataFolder);
  const files = (await Promise.all(closed.map(filesIn))).flat();
  for (const path of await openAmong(files)) await chmod(path, PRIVATE.file);
  return open;
}

/** What is kept in the state's folder and other users of the machine may get at; absolute paths. */
export async function openPlaces(home: MeshHome): Promise<string[]> {
  // Elsewhere rights are not told by bits.
  if (Deno.build.os === "windows") return [];
  const names = await readdir(home.root).catch(() => []);
  const isAlone = names.length > 0 && names.every((name) => OWN_NAMES.test(name));
  const database = ["-wal", "-shm"].map((suffix) => `${home.registryKv}${suffix}`);
  return await openAmong([...(isAlone ? [home.root] : []), ...keptIn(home), ...database]);
}

function foldersOf(home: MeshHome): string[] {
  const { agents, logs, dataFolder, supervisors, lockFiles, denoFolder } = home;
  return [agents, logs, dataFolder, supervisors, lockFiles, denoFolder];
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
}

/** Those that are this user's and open to others. A folder that is everybody's stays so. */
async function openAmong(paths: readonly string[]): Promise<string[]> {
  const open = await Promise.all(paths.map(async (path) => {
    const found = await stat(path).catch(() => undefined);
    const isOwn = found?.uid === Deno.uid() && (found.mode & EVERYBODYS) === 0;
    return isOwn && (found.mode & OTHERS) !== 0 ? [path] : [];
  }));
  return open.flat();
}

/** A sentence about what was open. */
export function openedText(home: MeshHome, closed: readonly string[]): string {
  const what = closed.includes(home.root)
    ? home.root
    : closed.map((path) => basename(path)).join(", ");
  const where = closed.includes(home.root) ? "" : ` in ${home.root}`;
  return `Other users of this machine could read ${what}${where}; from now on only you can`;
}
