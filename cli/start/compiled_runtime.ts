/**
 * The agent's side of the runtime as Deno has compiled it, kept for the next `DENO_DIR` of an agent: a
 * process that finds none compiles a hundred modules, which is most of the time that it takes to start.
 *
 * Only `meshctl` writes it, by running the program of such a process without an agent, and no agent
 * reads or writes it. Each `DENO_DIR` gets a copy of its own. Deno itself compares what it finds with the
 * sources and its version, so that a copy which is out of date costs time and nothing else.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import * as z from "zod";
import { UNSTABLE } from "../analysis/resolution.ts";
import { PRIVATE } from "../machine/private_file.ts";

/** The folder for it below the user's own `DENO_DIR`. */
export const COMPILED = "mesh_runtime";

/** The file that says what it was compiled of. */
const MADE_OF = "made_of.json";

/** Longest that it is compiled for; the agents start without it then, milliseconds. */
const COMPILE_MS = 10_000;

const MadeOfSchema = z.object({
  /** Absolute folder of the runtime. */
  root: z.string(),
  /** Path of the executable, and when it was changed. */
  deno: z.string(),
  /** When one of `modules` was changed last. */
  changed: z.number(),
  /** Absolute paths of modules of the runtime. */
  modules: z.array(z.string()),
  /** The folders and files to copy, relative; folders before what is in them. */
  folders: z.array(z.string()),
  files: z.array(z.string()),
});
type MadeOf = z.output<typeof MadeOfSchema>;

/** How {@linkcode compileRuntime} compiles. */
export interface CompileOptions {
  /** The `deno` that runs agents. */
  deno: string;
  /** Absolute folder of the runtime. */
  root: string;
  /** Absolute path of the user's own `DENO_DIR`. */
  cache: string;
  /** The environment of Deno. */
  environment: Record<string, string>;
  /** Makes a `DENO_DIR` that has the downloaded packages and nothing else. */
  makeDenoDir(folder: string): void;
}

/**
 * Compiles the agent's side of the runtime, if that is not done yet. Whatever keeps that from being done
 * is no error: agents compile it themselves then.
 */
export async function compileRuntime(options: CompileOptions): Promise<void> {
  const { deno, root, cache } = options;
  try {
    const folder = compiledFolder(cache, root);
    const known = readMadeOf(folder);
    const executable = `${deno} ${statSync(deno).mtimeMs}`;
    if (known?.deno === executable && known.changed === lastChange(known.modules)) return;
    mkdirSync(join(cache, COMPILED), { recursive: true, mode: PRIVATE.folder });
    removeForsaken(join(cache, COMPILED));
    const made = mkdtempSync(`${folder}-`);
    try {
      options.makeDenoDir(made);
      const links = readdirSync(made);
      if (!await runWithoutAgent(options, made)) return;
      for (const name of links) rmSync(join(made, name));
      await closeDatabases(made);
      const madeOf = { root, deno: executable, ...contentsOf(made) };
      writeFileSync(join(made, MADE_OF), JSON.stringify(madeOf satisfies MadeOf));
      // Another command may do the same now: what is there then is as good.
      rmSync(folder, { recursive: true, force: true });
      renameSync(made, folder);
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  } catch {
    // The cache may be read-only, or full.
  }
}

/**
 * Copies what was compiled of the runtime into the `DENO_DIR` of an agent that has nothing compiled yet.
 *
 * @param cache Absolute path of the user's own `DENO_DIR`.
 * @param root Absolute folder of the runtime.
 */
export function copyCompiled(folder: string, cache: string, root: string): void {
  if (existsSync(join(folder, "gen"))) return;
  const from = compiledFolder(cache, root);
  try {
    const { folders = [], files = [] } = readMadeOf(from) ?? {};
    for (const each of folders) mkdirSync(join(folder, each), { recursive: true });
    for (const each of files) copyFileSync(join(from, each), join(folder, each));
  } catch {
    // It is being replaced: the agent compiles what is missing.
  }
}

function compiledFolder(cache: string, root: string): string {
  return join(cache, COMPILED, createHash("sha256").update(root).digest("hex").slice(0, 16));
}

/** Returns what is to be copied of a folder, and the modules that it was compiled of. */
function contentsOf(made: string): Pick<MadeOf, "changed" | "modules" | "folders" | "files"> {
  const entries = readdirSync(made, { recursive: true, withFileTypes: true })
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }))
    .toSorted((a, b) => a.path < b.path ? -1 : 1);
  const pathsOf = (isFolder: boolean) =>
    entries.filter((each) => each.isFolder === isFolder).map(({ path }) => relative(made, path));
  const files = pathsOf(false);
  const compiledFiles = join("gen", "file");
  const modules = files.filter((path) => path.startsWith(compiledFiles))
    .map((path) => path.slice(compiledFiles.length).replace(/\.js$/, ""))
    .filter((path) => existsSync(path));
  return { changed: lastChange(modules), modules, folders: pathsOf(true), files };
}

/** When one of some modules was changed last; `NaN` when one is not there any more. */
function lastChange(modules: readonly string[]): number {
  return Math.max(...modules.map((path) => statSync(path, MAY_LACK)?.mtimeMs ?? NaN));
}

const MAY_LACK = { throwIfNoEntry: false } as const;

/** Removes what belongs to runtimes that are not there any more. */
function removeForsaken(folder: string): void {
  for (const name of readdirSync(folder)) {
    const madeOf = readMadeOf(join(folder, name));
    if (madeOf === undefined || existsSync(madeOf.root)) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Returns `undefined` for a folder that is not there, or is being made. */
function readMadeOf(folder: string): MadeOf | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, MADE_OF), "utf8");
  } catch {
    // It is not there.
    return undefined;
  }
  return MadeOfSchema.parse(JSON.parse(text));
}

/** Runs the program of agents' processes until it finds that there is no agent for it. */
async function runWithoutAgent(
  { deno, root, environment }: CompileOptions,
  denoDir: string,
): Promise<boolean> {
  const flags = [
    ...["--quiet", "--no-prompt", "--no-config", "--node-modules-dir=none"],
    ...["--import-map", join(root, "import_map.json"), "--lock", join(root, "deno.lock")],
    ...["--frozen", "--cached-only", ...UNSTABLE, "--unstable-lazy-dynamic-imports"],
  ];
  const program = join(root, "runtime", "handler", "child", "main.ts");
  const child: ChildProcess = spawn(deno, ["run", ...flags, program], {
    cwd: root,
    env: { ...environment, DENO_DIR: denoDir },
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    timeout: COMPILE_MS,
    killSignal: "SIGKILL",
  });
  // The end of the channel tells it that nobody is left to work for.
  (child.stdio as unknown as { 3?: { destroy(): void } })[3]?.destroy();
  const [code] = await once(child, "exit");
  return code === 0;
}

/** Brings each database into one file, which can be copied by itself. */
async function closeDatabases(folder: string): Promise<void> {
  // Few commands need it.
  const { DatabaseSync } = await import("node:sqlite");
  const names = readdirSync(folder);
  for (const name of names.filter((each) => names.includes(`${each}-wal`))) {
    const database = new DatabaseSync(join(folder, name));
    try {
      database.exec("PRAGMA journal_mode=DELETE");
    } finally {
      // The files beside it go with the last connection.
      database.close();
    }
  }
}
