/**
 * The places that processes for the code of agents run in, one an agent: a lock file, an import map and
 * a `DENO_DIR`, all made before the process begins. It loads what is there and nothing else.
 *
 * The `DENO_DIR` shares the downloaded packages with the user's own by links, and begins with a copy of
 * what `meshctl` has compiled of the runtime: what is compiled of one agent's code is never run by
 * another process. `location_data`, where Deno would
 * keep the Cache API, `localStorage` and the default KV, is an empty file, so that these fail.
 *
 * @module
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { ChildCode } from "../../runtime/process/plan.ts";
import { type LockFile, lockText } from "../analysis/lock_file.ts";
import { importMapOf, UNSTABLE } from "../analysis/resolution.ts";
import { keptIn, type MeshHome } from "../machine/home.ts";
import { PRIVATE, writePrivate } from "../machine/private_file.ts";
import { COMPILED, copyCompiled } from "./compiled_runtime.ts";

/** Folders around the processes of agents' code. */
export interface ChildPlaces {
  home: MeshHome;
  /** Absolute folder of the runtime; see `runtimeLocation()`. */
  root: string;
  /** Absolute path of the user's own `DENO_DIR`; see {@linkcode sharedDenoDir}. */
  cache: string;
}

/** Packages and remote modules, as they were downloaded: all that agents share. */
const SHARED = ["npm", "remote"];

/** The trusted code of the runtime. */
const RUNTIME = ["runtime", "cli", "registry", "deno.json", "deno.lock", "import_map.json"];

/**
 * Returns where the code of an agent runs.
 *
 * @param name The agent's.
 * @param cwd Absolute working folder.
 * @param others Names of agents that are started with it; they may have no folders yet.
 */
export function childCode(
  name: string,
  cwd: string,
  places: ChildPlaces,
  others: readonly string[] = [],
): ChildCode {
  const { home, root, cache } = places;
  return {
    args: [
      ...["--quiet", "--no-config", "--node-modules-dir=none"],
      ...["--import-map", home.importMap(name), "--lock", home.codeLock(name)],
      ...["--frozen", "--cached-only"],
      ...UNSTABLE,
      // Else Deno reads all that the agent's side could ever load before it runs the first module.
      "--unstable-lazy-dynamic-imports",
    ],
    deno_dir: home.denoDir(name),
    cwd,
    closed: everyForm(closedTo(name, others, places)),
    unwritable: everyForm([
      ...RUNTIME.map((part) => join(root, part)),
      ...[cache, join(home.root, "runtime")],
    ]),
  };
}

/**
 * Paths that no code of the agent gets at. Of the `DENO_DIR`, packages may be read: many read files of
 * their own. Data folders that come later are looked up each time that the code is started.
 */
function closedTo(
  name: string,
  others: readonly string[],
  { home, cache }: ChildPlaces,
): string[] {
  const own = home.data(name);
  const kept = [...keptIn(home), home.startLock, home.agentsLock]
    .filter((path) => path !== home.dataFolder);
  const folders = [
    ...namesIn(home.dataFolder).map((each) => join(home.dataFolder, each)),
    ...others.flatMap((other) => [home.data(other), `${home.data(other)}.json`]),
  ].filter((path) => path !== own);
  const compiled = namesIn(cache).filter((each) => each !== "npm");
  return [
    ...kept,
    // Says whose the folder is.
    `${own}.json`,
    ...folders,
    ...[...new Set([...compiled, "gen", "location_data", COMPILED])].map((each) =>
      join(cache, each)
    ),
  ];
}

/** Paths, and what they lead to. */
function everyForm(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => [path, realPath(path)]))];
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It is not there yet; the folder that it will be in is looked at.
    const parent = resolve(path, "..");
    return parent === path ? path : join(realPath(parent), path.slice(parent.length));
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It is not there yet.
    return [];
  }
}

/**
 * Makes everything that {@linkcode childCode} names.
 *
 * @param file Absolute path of the agent's module.
 * @param lock Versions of its packages.
 * @throws {CliError} exit 2 when its project says something of imports that cannot be honoured.
 */
export function prepareChild(
  { name, file, lock }: { name: string; file: string; lock: LockFile },
  { home, root, cache }: ChildPlaces,
): void {
  writePrivate(home.importMap(name), `${JSON.stringify(importMapOf([file], root), null, 2)}\n`);
  writePrivate(home.codeLock(name), lockText(lock));
  prepareDenoDir(home.denoDir(name), cache);
  copyCompiled(home.denoDir(name), cache, root);
}

/** Makes a `DENO_DIR` that shares packages with another one. */
export function prepareDenoDir(folder: string, cache: string): void {
  mkdirSync(folder, { recursive: true, mode: PRIVATE.folder });
  for (const name of SHARED) {
    const [link, target] = [join(folder, name), join(cache, name)];
    if (linkTarget(link) === target) continue;
    mkdirSync(target, { recursive: true });
    rmSync(link, { recursive: true, force: true });
    symlinkSync(target, link, "junction");
  }
  const stored = join(folder, "location_data");
  if (isEmptyFile(stored)) return;
  rmSync(stored, { recursive: true, force: true });
  writeFileSync(stored, "", { mode: 0o400 });
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // It is something else, or nothing.
    return undefined;
  }
}

function isEmptyFile(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === 0;
}

/**
 * Returns the `DENO_DIR` that a process of `deno` has with an environment.
 *
 * @param root The folder that a relative one starts from.
 */
export function sharedDenoDir(environment: Record<string, string>, root: string): string {
  const given = environment["DENO_DIR"];
  if (given) return resolve(root, given);
  const home = environment["HOME"] || homedir();
  switch (Deno.build.os) {
    case "windows":
      return join(environment["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "deno");
    case "darwin":
      return join(home, "Library", "Caches", "deno");
    default:
      return join(environment["XDG_CACHE_HOME"] || join(home, ".cache"), "deno");
  }
}
