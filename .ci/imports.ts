/**
 * The imports between the modules of this repository, types included.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModuleGraph } from "./cycles.ts";
import { layerOf } from "./layers.ts";

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A module of a layer. */
export interface LayeredModule {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly layer: string;
  readonly lines: number;
  /** Paths of the modules of this repository that it imports when it is loaded. */
  readonly imports: readonly string[];
}

/** An import or a re-export that is made when a module is loaded. */
const STATEMENT =
  /^(?:import|export)\b[^;]*?\sfrom\s+"(\.{1,2}\/[^"]+)"|^import\s+"(\.{1,2}\/[^"]+)"/gm;

/** Reads all modules of the layers. */
export async function layeredModules(root: string = ROOT): Promise<LayeredModule[]> {
  const found = ["runtime", "registry", "cli"].map((room) => modulesOf(root, room));
  return (await Promise.all(found)).flat();
}

async function modulesOf(root: string, room: string): Promise<LayeredModule[]> {
  const modules: LayeredModule[] = [];
  for (const path of await readdir(posix.join(root, room), { recursive: true })) {
    const file = posix.join(room, path.replaceAll("\\", "/"));
    const layer = file.endsWith(".ts") ? layerOf(file) : undefined;
    if (layer === undefined) continue;
    const text = await Deno.readTextFile(posix.join(root, file));
    modules.push({
      file,
      layer,
      lines: text.split("\n").length - 1,
      imports: importsOf(file, text),
    });
  }
  return modules;
}

/** Returns the paths of what a module imports from this repository. */
export function importsOf(file: string, text: string): string[] {
  return [...text.matchAll(STATEMENT)].map(([, from, bare]) =>
    posix.join(posix.dirname(file), from ?? bare ?? "")
  );
}

/** The imports of modules, by module. */
export function graphOf(modules: readonly LayeredModule[]): ModuleGraph {
  return new Map(modules.map(({ file, imports }) => [file, imports]));
}
