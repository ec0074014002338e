/**
 * What the code of agents is made of, settled before any of it runs: the modules that it may import,
 * and the versions of the packages.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { memberOf } from "../../runtime/base/json.ts";
import type { Permissions, Reach } from "../../runtime/sandbox/grant.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { writePrivate } from "../machine/private_file.ts";
import { configFiles, projectFolder, readJson } from "./agent_project.ts";
import {
  keeps,
  type LockFile,
  LockFileSchema,
  lockText,
  mergedLocks,
  withoutAddresses,
} from "./lock_file.ts";
import { type ImportProblem, type ModuleGraph, readModuleGraph } from "./module_graph.ts";
import { type ImportArea, sortedImports, type StrayImport } from "./stray_imports.ts";

/** A module and what its code may read. */
export interface CodeSource {
  /** Absolute path. */
  file: string;
  permissions: Pick<Permissions, "read">;
}

/** What the code of an agent is made of. */
export interface AgentCode {
  /** Absolute paths of its local modules, also of those that are missing. */
  files: readonly string[];
  /** Where its imports may lead. */
  reach: Reach;
  /** Versions of its packages and of the runtime's. */
  lock: LockFile;
  /** Imports that lead nowhere. */
  problems: readonly ImportProblem[];
  /** Imports that lead where they may not: running the code fails there. */
  stray: readonly StrayImport[];
}

/** What {@linkcode settleCode} needs to know of where things are. */
export type CodePlace = Pick<Context, "deno" | "root"> & {
  /** The environment of Deno. */
  environment: Record<string, string>;
  /** Files and folders that are nobody's to import; absolute. */
  closed: readonly string[];
  /**
   * Gives the absolute path where the lock file of a module is kept whose project has none, so that its
   * packages stay what they were at its first start. @default they are chosen anew each time
   */
  keptLock?: ((file: string) => string) | undefined;
};

/**
 * Settles what agents are made of. What they want of packages and is in no lock file is chosen now,
 * and downloaded.
 *
 * @returns By the path of the module.
 * @throws {CliError} exit 2 for a project that says something of imports that cannot be honoured,
 * exit 1 when Deno cannot tell.
 */
export async function settleCode(
  sources: readonly CodeSource[],
  place: CodePlace,
): Promise<Map<string, AgentCode>> {
  const byProject = Map.groupBy(sources, ({ file }) => configFiles(dirname(file), place.root)[0]);
  const settled = await Promise.all(
    [...byProject.values()].map(async (own) => {
      const { graph, lock } = await readProject(own.map(({ file }) => file), place);
      return own.map((source): [string, AgentCode] => {
        const { file } = source;
        const { reach, stray } = sortedImports(graph.importsOf(file), importArea(source, place));
        const [files, problems] = [graph.filesOf(file), graph.problemsOf(file)];
        return [file, { files, reach, lock, problems, stray }];
      });
    }),
  );
  return new Map(settled.flat());
}

function importArea(
  { file, permissions }: CodeSource,
  { root, closed, environment }: CodePlace,
): ImportArea {
  const userHome = environment["HOME"] || environment["USERPROFILE"] || undefined;
  const project = projectFolder(file, root, userHome);
  return { file, project, root, closed, read: permissions.read };
}

/** The modules of some agents of one project, and the lock file with all that they need. */
async function readProject(
  files: string[],
  { environment, keptLock, ...place }: CodePlace,
): Promise<{ graph: ModuleGraph; lock: LockFile }> {
  const own = runtimeLock(place.root);
  const project = projectLock(dirname(files[0] ?? ""), place.root);
  const kept = project.length > 0 || keptLock === undefined ? [] : files.map(keptLock);
  const locks = [own, ...project, ...kept.filter((path) => existsSync(path)).map(readLock)];
  const folder = mkdtempSync(join(tmpdir(), "meshctl-lock-"));
  try {
    const lock = join(folder, "deno.lock");
    writeFileSync(lock, lockText(mergedLocks(locks)));
    const graph = await readModuleGraph(files, place, { lock, environment });
    const completed = readLock(lock);
    if (!keeps(completed, own)) throw changesRuntime(files);
    for (const path of addsTo(own, completed) ? kept : []) writePrivate(path, lockText(completed));
    return { graph, lock: completed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether a lock file has packages that another one has not. */
function addsTo(before: LockFile, lock: LockFile): boolean {
  const kinds = ["specifiers", "npm", "jsr", "remote"] as const;
  return kinds.some((kind) =>
    Object.keys(lock[kind]).some((name) => !Object.hasOwn(before[kind], name))
  );
}

/** Nothing that agents want decides which packages the runtime has. */
function changesRuntime(files: readonly string[]): CliError {
  return new CliError(
    EXIT.failure,
    `what ${files.join(", ")} import would change the packages of the runtime`,
    { hint: "Take other versions of the packages that the runtime has too." },
  );
}

/**
 * Returns the lock file of the runtime.
 *
 * @param root Absolute folder of the runtime.
 * @throws {CliError} exit 2 when it cannot be read.
 */
export function runtimeLock(root: string): LockFile {
  return readLock(join(root, "deno.lock"));
}

/** The lock file of the project that a folder is in, if it has one. */
function projectLock(folder: string, root: string): LockFile[] {
  const config = configFiles(folder, root).at(-1);
  if (config === undefined) return [];
  const said = memberOf(readJson(config), "lock");
  const named = typeof said === "string" ? said : memberOf(said, "path");
  const path = resolve(dirname(config), typeof named === "string" ? named : "deno.lock");
  if (said === false || !existsSync(path)) return [];
  return [withoutAddresses(readLock(path))];
}

/** Largest lock file that is read, bytes. */
const LARGEST = 64 * 1024 * 1024;

function readLock(path: string): LockFile {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > LARGEST) throw new Error(`${path} is not a lock file`);
    return LockFileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new CliError(EXIT.usage, `${path} cannot be read as a lock file of this Deno`, {
      hint: "Write it anew, with `deno install` in its folder, or remove it.",
      cause,
    });
  }
}
