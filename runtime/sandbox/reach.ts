/**
 * Where the imports of an agent may lead: to the modules that `meshctl` found it to be made of, and
 * to nothing else that its first line does not let it read. Deno asks no permission for an import
 * that is written out in the module a worker begins with, so agents are imported by a name that is
 * put together there: then Deno itself holds every module of theirs to the worker's permissions, at
 * each load.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Permissions, Reach } from "./grant.ts";

/** What agents import as `"mesh"`, and what runs them in a sandbox. */
const RUNTIME = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/**
 * What a worker must be allowed so that it can load an agent, besides what the agent's code may
 * touch. A file that has become a link to another one since it was found is left out.
 *
 * @param file Absolute path of the agent's module.
 */
export function loadingPermissions(file: string, reach: Reach | undefined): Permissions {
  const found = Object.entries(reach?.files ?? {})
    .filter(([path, real]) => realPath(path) === real)
    .map(([path]) => path);
  return { read: [RUNTIME, file, ...found], import: reach?.hosts ?? [] };
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    // It is gone; the import fails for that.
    return undefined;
  }
}
