/**
 * Imports that lead out of an agent's project. Deno lets any module import any file, whatever its
 * permissions, so these are looked for before a module is run.
 *
 * @module
 */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Permissions, Reach } from "../../runtime/sandbox/grant.ts";
import { isWithin, realOf, realPath } from "./agent_project.ts";
import type { WrittenImport } from "./module_graph.ts";

/** Where the imports of an agent may lead. */
export interface ImportArea {
  /** Absolute path of its module. */
  file: string;
  /** Absolute folder of its project; `undefined` for a module that is alone. */
  project: string | undefined;
  /** Absolute folder of the runtime. */
  root: string;
  /** Files and folders that are nobody's to import, wherever they are; absolute. */
  closed: readonly string[];
  /** What its code may read. */
  read: Permissions["read"];
}

/** An import that leads out. */
export interface StrayImport extends WrittenImport {
  /** Absolute path of the module it is in. */
  file: string;
  /** Absolute path that it leads to, links followed. */
  path: string;
  /** Absolute folder of the project that it leads out of; `undefined` for a module that is alone. */
  project: string | undefined;
}

/** Where imports may lead and where they may not. */
export interface SortedImports {
  reach: Reach;
  stray: StrayImport[];
}

/** Sorts the imports of an agent by whether they stay where they may lead. */
export function sortedImports(imports: readonly WrittenImport[], area: ImportArea): SortedImports {
  const files: Reach["files"] = {};
  const hosts = new Set<string>();
  const stray: StrayImport[] = [];
  const isOpen = openings(area);
  for (const each of imports) {
    const url = new URL(each.target);
    if (/^https?:$/.test(url.protocol)) hosts.add(hostOf(url));
    if (url.protocol !== "file:") continue;
    const path = fileURLToPath(url);
    const real = realPath(path);
    // What is not there cannot be read either; it is another's to say so.
    if (real === undefined) continue;
    if (isOpen(path, real)) files[path] = real;
    else stray.push({ ...each, file: each.file ?? area.file, path: real, project: area.project });
  }
  return { reach: { files, hosts: [...hosts].toSorted() }, stray };
}

/** Decides of each path, and of where it leads, whether it may be imported. */
function openings({ file, project = file, root, closed, read }: ImportArea) {
  const own = [project, join(root, "runtime")].map(realOf);
  const shut = closed.map(realOf);
  const readable = Array.isArray(read) ? read : [];
  const leading = readable.map(realOf);
  return (path: string, real: string) =>
    read === true || readable.some((each) => isWithin(path, each)) ||
    leading.some((each) => isWithin(real, each)) ||
    (own.some((each) => isWithin(real, each)) && !shut.some((each) => isWithin(real, each)));
}

/** What is wrong with an import, where, and how it can be allowed. */
export function strayText(
  { file, line, column, specifier, path, project }: StrayImport,
  cwd: string,
): string {
  const place = `${relative(cwd, file) || file}:${line}:${column}`;
  const shown = specifier.length > LONGEST ? `${specifier.slice(0, LONGEST)}…` : specifier;
  const [fault, advice] = project === undefined
    ? [
      "and an agent in a home folder, or above one, is made of its own module only",
      "move the agent into a folder of its own",
    ]
    : [
      `outside of its project ${project}`,
      "put it in there, or a deno.json into the folder around both",
    ];
  return `${place} imports "${shown}", which leads to ${path}, ${fault}; ${advice}, ` +
    `or let the code read it: --allow-read=${path}`;
}

/** Most of a specifier that is shown, characters. */
const LONGEST = 200;

function hostOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}
