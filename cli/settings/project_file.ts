/**
 * The `deno.json` of the project a command is run in, which may name the mesh's registry.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { usageError } from "../base/exit.ts";
import { readText } from "../base/file_text.ts";
import { parseJsonc } from "../base/jsonc.ts";

/** A project file that names a registry. */
export interface ProjectRegistry {
  /** Absolute path. */
  file: string;
  /** As written. */
  registry: string;
}

/**
 * What the nearest `deno.json` with a `mesh.registry`, in `folder` or above, says.
 *
 * @param folder Absolute path.
 * @throws {CliError} exit 2 for one whose `mesh` cannot be read.
 */
export async function projectRegistry(folder: string): Promise<ProjectRegistry | undefined> {
  for (const file of candidates(folder)) {
    const registry = registryOfProject(await optionalText(file) ?? "", file);
    if (registry !== undefined) return { file, registry };
  }
  return undefined;
}

/**
 * Where a project's registry is to be written: the nearest `deno.json` in `folder` or above, or the
 * one that `folder` would have.
 *
 * @param folder Absolute path.
 */
export async function projectFile(folder: string): Promise<string> {
  for (const file of candidates(folder)) {
    if (await optionalText(file) !== undefined) return file;
  }
  return join(folder, "deno.json");
}

function* candidates(folder: string): Generator<string> {
  yield join(folder, "deno.json");
  const parent = dirname(folder);
  if (parent !== folder) yield* candidates(parent);
}

/** Largest project file that is read, bytes. */
const LARGEST = 16 * 1024 * 1024;

async function optionalText(file: string): Promise<string | undefined> {
  try {
    const { isFile, size } = await Deno.stat(file);
    // Reading a pipe or a device may never end.
    return isFile && size <= LARGEST ? await readText(file) : undefined;
  } catch {
    // Absent or unreadable: a project file is optional.
    return undefined;
  }
}

function registryOfProject(text: string, file: string): string | undefined {
  if (!text.includes('"mesh"')) return undefined;
  const project = parseJsonc(text);
  if (project === undefined) {
    throw usageError(
      `${file} has a "mesh" key but is not JSON`,
      "Mend it, or name the registry with --registry-url.",
    );
  }
  const mesh = member(project, "mesh");
  const registry = member(mesh, "registry");
  if (registry === undefined) return undefined;
  if (typeof registry === "string") return registry;
  throw usageError(
    `"mesh.registry" in ${file} is not a text`,
    'Write it like "mesh": {"registry": "http://localhost:8000"}.',
  );
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
