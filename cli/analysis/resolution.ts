/**
 * How the modules of agents find what they import: as the runtime does, and as the `deno.json` of the
 * project says that they are in, wherever that is.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseJsonc } from "../jsonc.ts";

/** Names that agents share with the runtime: a project does not choose them. */
const SHARED = ["mesh", "mesh/testing", "zod"];

/** Bare names and the URLs they stand for. */
type Entries = Record<string, string>;

/** What a project says of imports, with absolute URLs. */
interface ProjectImports {
  readonly imports: Entries;
  readonly scopes: Record<string, Entries>;
}

/**
 * The flags with which `deno` resolves what modules import.
 *
 * @param files Absolute paths of the modules.
 * @param root Absolute folder of the runtime; see `runtimeLocation()`.
 */
export function resolutionFlags(files: readonly string[], root: string): string[] {
  const map = importMap(files, root);
  return [
    // Of two import maps, that of the configuration gives way, with a warning.
    "--quiet",
    "--config",
    `${root}/deno.json`,
    ...(map === undefined ? [] : ["--import-map", dataUrl(map)]),
  ];
}

/** The flags that keep what modules of other projects import out of the runtime's lock file. */
export function lockFlags(files: readonly string[], root: string): string[] {
  return files.every((file) => file.startsWith(`${root}/`)) ? [] : ["--no-lock"];
}

/**
 * The configurations that say what the modules of a folder import: the nearest, and those of the
 * workspaces it is in.
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
  return [nearest, ...above.filter((file) => member(readJson(file), "workspace") !== undefined)];
}

/**
 * Whether `deno add` in a folder writes a package where its modules find it.
 *
 * @param folder Absolute path.
 * @param root Absolute folder of the runtime.
 */
export function addsPackages(folder: string, root: string): boolean {
  const [nearest] = configFiles(folder, root);
  return nearest !== undefined && member(readJson(nearest), "importMap") === undefined;
}

/** The runtime's import map with those of the projects; undefined where they add nothing. */
function importMap(files: readonly string[], root: string): ProjectImports | undefined {
  const folders = new Set(files.map((file) => dirname(file)));
  const configs = new Set([...folders].flatMap((folder) => configFiles(folder, root)));
  const projects = [...configs].map((file) => ({ file, ...projectImports(file) }));
  const scopes = Object.assign(
    {},
    ...projects.map(({ scopes }) => scopes),
    ...projects.filter(({ imports }) => Object.keys(imports).length > 0)
      .map(({ file, imports }) => ({ [folderUrl(dirname(file))]: imports })),
  );
  if (Object.keys(scopes).length === 0) return undefined;
  const runtime = join(root, "import_map.json");
  const imports = absolute(entriesOf(member(readJson(runtime), "imports")), runtime);
  // The runtime may lie in a project.
  return { imports, scopes: { ...scopes, [folderUrl(root)]: imports } };
}

/** What a configuration, or the import map it names, says. */
function projectImports(file: string): ProjectImports {
  const config = readJson(file);
  const named = member(config, "importMap");
  if (typeof named !== "string") return importsIn(config, file, withSubpaths);
  const path = join(dirname(file), named);
  return importsIn(readJson(path), path, (entries) => entries);
}

function importsIn(map: unknown, file: string, complete: (entries: Entries) => Entries) {
  const scopes = Object.entries(member(map, "scopes") ?? {}).map(([scope, entries]) => [
    absoluteUrl(scope, file),
    absolute(complete(entriesOf(entries)), file),
  ]);
  const entries = Object.entries(complete(entriesOf(member(map, "imports"))))
    .filter(([name]) => !SHARED.includes(name.replace(/\/$/, "")));
  return {
    imports: absolute(Object.fromEntries(entries), file),
    scopes: Object.fromEntries(scopes),
  };
}

/**
 * Imports of a `deno.json`, where the name of a package stands for what is in it too:
 * https://docs.deno.com/runtime/fundamentals/modules/.
 */
function withSubpaths(entries: Entries): Entries {
  const subpaths = Object.entries(entries).flatMap(([name, url]) => {
    const [, scheme, rest] = /^(npm|jsr):\/?(.*[^/])$/.exec(url) ?? [];
    return rest === undefined || name.endsWith("/") ? [] : [[`${name}/`, `${scheme}:/${rest}/`]];
  });
  return { ...Object.fromEntries(subpaths), ...entries };
}

function absolute(entries: Entries, file: string): Entries {
  return Object.fromEntries(
    Object.entries(entries).map(([name, url]) => [name, absoluteUrl(url, file)]),
  );
}

/** What is relative is so to the file it is written in; other names are left as they are. */
function absoluteUrl(url: string, file: string): string {
  return /^\.{0,2}\//.test(url) ? new URL(url, pathToFileURL(file)).href : url;
}

function entriesOf(value: unknown): Entries {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** What a file says; undefined for one that is broken or not there. */
function readJson(file: string): unknown {
  try {
    return parseJsonc(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
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

function folderUrl(folder: string): string {
  return `${pathToFileURL(folder).href}/`;
}

/** It takes no file, so nobody has to remove one. */
function dataUrl(map: ProjectImports): string {
  return `data:application/json,${encodeURIComponent(JSON.stringify(map))}`;
}
