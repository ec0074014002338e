/**
 * Which agent modules a user means by the files and folders given to `start`.
 *
 * @module
 */
import { open, readdir, stat } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import { readRange } from "../machine/file_range.ts";
import { fileText } from "../../runtime/base/file_text.ts";

/** What a folder is searched for, in order. */
const ENTRY_POINTS = ["main.ts", "mod.ts", "index.ts", "src/index.ts"];

const EXTENSIONS = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs"];

/**
 * The agent modules that `paths` name, absolute, each once, in order. A folder stands for its entry
 * point, or else for every module in it that is executable by Deno.
 *
 * @param cwd Absolute folder that relative paths start from.
 * @throws {CliError} exit 3 for a path that does not exist or a folder with no agent, exit 2 for a
 * file that is no module.
 */
export async function entryPoints(paths: string[], cwd: string): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => modulesOf(path, resolve(cwd, path))));
  return [...new Set(found.flat())];
}

/** Those of `paths`, absolute, that are folders without an entry point: all agents in them are meant. */
export async function agentFolders(paths: string[], cwd: string): Promise<string[]> {
  const folders = await Promise.all([...new Set(paths)].map(async (argument) => {
    const path = resolve(cwd, argument);
    if (await kindOf(path) !== "folder") return [];
    return await entryPointOf(path) === undefined ? [path] : [];
  }));
  return folders.flat();
}

async function modulesOf(argument: string, path: string): Promise<string[]> {
  const kind = await kindOf(path);
  if (kind === undefined) {
    throw new CliError(EXIT.notFound, `path does not exist: ${argument}`, {
      hint: "Check the spelling, and the folder you are in.",
    });
  }
  if (kind === "folder") return await modulesOfFolder(argument, path);
  if (EXTENSIONS.includes(extname(path))) return [path];
  throw usageError(
    `unsupported file type: ${argument}`,
    `An agent is one of ${EXTENSIONS.join(", ")}. Agents of other runtimes are started with ` +
      "their own tools and join by MCP_MESH_REGISTRY_URL.",
  );
}

async function modulesOfFolder(argument: string, folder: string): Promise<string[]> {
  const entryPoint = await entryPointOf(folder);
  if (entryPoint !== undefined) return [entryPoint];
  const modules = await agentsIn(folder);
  if (modules.length > 0) return modules;
  const below = await foldersWithAgents(folder);
  if (below.length > 0) {
    const paths = below.map((name) => join(argument, name));
    throw new CliError(EXIT.notFound, `no entry point found in ${argument}`, {
      hint: `Its folders have: name them, as in \`start ${paths.join(" ")}\`.`,
    });
  }
  throw new CliError(EXIT.notFound, `no entry point found in ${argument}`, {
    hint: `A folder needs one of ${ENTRY_POINTS.join(", ")}, or *.ts files whose first line is ` +
      "#!/usr/bin/env -S deno run …",
  });
}

/** Names of the folders right below that have an entry point, as a project of agents has. */
async function foldersWithAgents(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name).toSorted();
  const found = await Promise.all(names.map((name) => entryPointOf(join(folder, name))));
  return names.filter((_, index) => found[index] !== undefined);
}

async function entryPointOf(folder: string): Promise<string | undefined> {
  for (const name of ENTRY_POINTS) {
    const path = join(folder, name);
    if (await kindOf(path) === "file") return path;
  }
  return undefined;
}

/** The modules in a folder that are executable by Deno, absolute, by name. */
export async function agentsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter(isAgentFile).toSorted();
  const paths = names.map((name) => join(folder, name));
  const executable = await Promise.all(paths.map(hasDenoShebang));
  return paths.filter((_, index) => executable[index]);
}

/** Whether a file of this name may be an agent in a folder. */
export function isAgentFile(name: string): boolean {
  return extname(name) === ".ts" && !/[_.]test\.ts$/.test(name) && !name.endsWith(".d.ts");
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  try {
    const found = await stat(path);
    // Reading a pipe or a device may never end.
    return found.isDirectory() ? "folder" : found.isFile() ? "file" : undefined;
  } catch {
    return undefined;
  }
}

/** A first line longer than this is no shebang an operating system would run. */
const SHEBANG_BYTES = 512;

async function hasDenoShebang(path: string): Promise<boolean> {
  if (await kindOf(path) !== "file") return false;
  await using file = await open(path);
  return /^#!.*\bdeno\b/.test(fileText(await readRange(file, 0, SHEBANG_BYTES)));
}
