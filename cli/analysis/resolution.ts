/**
 * How modules find what they import. Those of the runtime as its own import map says, and by nothing
 * else; those of an agent besides as the `deno.json` of the project says that they are in, wherever
 * that is. What a project says holds for the modules of its folder.
 *
 * @module
 */
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { memberOf } from "../../runtime/base/json.ts";
import { usageError } from "../base/exit.ts";
import { configFiles, readJson } from "./agent_project.ts";

/** Names that agents share with the runtime: a project does not choose them. */
const SHARED = ["mesh", "mesh/testing", "zod"];

/** Names or URLs, and the URLs they stand for; `null` for what stands for nothing. */
type Entries = Record<string, string | null>;

/** What modules of some folders import, by the URL of the folder. */
type Scopes = Record<string, Entries>;

/** What agents need of Deno that it does not have by itself, as `deno.json` says it. */
export const UNSTABLE: readonly string[] = ["kv", "worker-options", "no-legacy-abort"]
  .map((name) => `--unstable-${name}`);

/**
 * The flags with which `deno` resolves what modules import. No configuration is read, of whatever
 * folder: what `deno` is to know is here.
 *
 * @param files Absolute paths of the modules.
 * @param root Absolute folder of the runtime; see `runtimeLocation()`.
 * @throws {CliError} exit 2 when a project says something of modules that are not its own.
 */
export function resolutionFlags(files: readonly string[], root: string): string[] {
  return ["--quiet", "--no-config", "--node-modules-dir=none", ...importMapFlags(files, root)];
}

/**
 * The flags with which `deno check` resolves the same; how strict it is stands in the runtime's
 * configuration. Of two import maps, that of the configuration gives way, with a warning.
 *
 * @throws {CliError} Like {@linkcode resolutionFlags}.
 */
export function checkFlags(files: readonly string[], root: string): string[] {
  return ["--quiet", "--no-lock", "--config", `${root}/deno.json`, ...importMapFlags(files, root)];
}

/**
 * Whether `deno add` in a folder writes a package where its modules find it.
 *
 * @param folder Absolute path.
 * @param root Absolute folder of the runtime.
 */
export function addsPackages(folder: string, root: string): boolean {
  const [nearest] = configFiles(folder, root);
  return nearest !== undefined && memberOf(readJson(nearest), "importMap") === undefined;
}

function importMapFlags(files: readonly string[], root: string): string[] {
  return ["--import-map", importMap(files, root)];
}

/** Where the import map is: the runtime's, or one with what the projects add. */
function importMap(files: readonly string[], root: string): string {
  const { imports, scopes } = importMapOf(files, root);
  if (Object.keys(scopes).length === 0) return join(root, "import_map.json");
  // It takes no file, so nobody has to remove one.
  return `data:application/json,${encodeURIComponent(JSON.stringify({ imports, scopes }))}`;
}

/** An import map; every relative name in it is made absolute. */
export interface ImportMap {
  readonly imports: Entries;
  readonly scopes: Scopes;
}

/**
 * Returns the import map by which modules resolve what they import: the runtime's, with what the
 * projects that they are in add.
 *
 * @param files Absolute paths of the modules.
 * @param root Absolute folder of the runtime.
 * @throws {CliError} Like {@linkcode resolutionFlags}.
 */
export function importMapOf(files: readonly string[], root: string): ImportMap {
  const runtime = join(root, "import_map.json");
  const imports = absolute(entriesOf(memberOf(readJson(runtime), "imports")), runtime);
  const folders = new Set(files.map((file) => dirname(file)));
  const projects = [...folders].map((folder) =>
    // What is said nearer wins.
    joined(configFiles(folder, root).toReversed().flatMap((file) => projectScopes(file, root)))
  );
  const scopes = apart(projects, imports);
  if (Object.keys(scopes).length === 0) return { imports, scopes };
  return { imports, scopes: { ...scopes, [folderUrl(root)]: runtimeScope(imports, root) } };
}

/**
 * Everything that modules of the runtime import, standing for itself: the runtime may lie in the
 * folder of a project, whose entries would hold for what is not here.
 */
function runtimeScope(imports: Entries, root: string): Entries {
  const builtins = builtinModules.map((name) => `node:${name.replace(/^node:/, "")}`);
  const own = folderUrl(root);
  return {
    ...imports,
    ...Object.fromEntries(builtins.map((name) => [name, name])),
    [own]: own,
  };
}

/**
 * The scopes of several projects, each with all that holds in it: where one project lies in the
 * folder of another, what the other says does not hold.
 */
function apart(projects: readonly Scopes[], runtime: Entries): Scopes {
  const all = Object.assign({}, ...projects) as Scopes;
  const without = (name: string) => runtime[name] ?? (URL.canParse(name) ? name : null);
  return Object.fromEntries(
    projects.flatMap((project) =>
      Object.keys(project).map((scope): [string, Entries] => {
        const around = (scopes: Scopes) =>
          Object.entries(scopes).filter(([outer]) => scope.startsWith(outer))
            .toSorted(([a], [b]) => a.length - b.length).map(([, entries]) => entries);
        const others = Object.keys(Object.assign({}, ...around(all)));
        const blocked = Object.fromEntries(others.map((name) => [name, without(name)]));
        return [scope, Object.assign(blocked, ...around(project)) as Entries];
      })
    ),
  );
}

/**
 * What a configuration, or the import map it names, says of the modules in its folder.
 *
 * @throws {CliError} exit 2 for a scope of modules that are not in there.
 */
function projectScopes(
  config: string,
  root: string,
): (readonly [url: string, entries: Entries])[] {
  const said = readJson(config);
  const named = memberOf(said, "importMap");
  // Relative names start from the file that they are in.
  const file = typeof named === "string" ? join(dirname(config), named) : config;
  const map = file === config ? said : readJson(file);
  const complete = file === config ? withSubpaths : (entries: Entries) => entries;
  const folder = folderUrl(dirname(config));
  const own = (value: unknown) => absolute(withoutShared(complete(entriesOf(value))), file);
  const scopes = Object.entries(memberOf(map, "scopes") ?? {}).map(([scope, entries]) => {
    const url = URL.parse(scope, pathToFileURL(file).href)?.href;
    const isOwn = url?.startsWith(folder) === true && !url.startsWith(folderUrl(root));
    if (!isOwn) throw strayScope(scope, file, config);
    return [url, own(entries)] as const;
  });
  return [[folder, own(memberOf(map, "imports"))] as const, ...scopes];
}

/** Scopes, each with all that is said of it; what is said last wins. */
function joined(scopes: readonly (readonly [url: string, entries: Entries])[]): Scopes {
  const all = new Map<string, Entries>();
  for (const [url, entries] of scopes) {
    if (Object.keys(entries).length > 0) all.set(url, { ...all.get(url), ...entries });
  }
  return Object.fromEntries(all);
}

function strayScope(scope: string, file: string, config: string) {
  return usageError(
    `the scope "${scope}" in ${file} is for modules outside of ${dirname(config)}, ` +
      "and a project says what its own modules import",
    'Write the entries into "imports", or a scope of a folder in there, such as "./lib/".',
  );
}

function withoutShared(entries: Entries): Entries {
  return Object.fromEntries(
    Object.entries(entries).filter(([name]) => !SHARED.includes(name.replace(/\/$/, ""))),
  );
}

/**
 * Imports of a `deno.json`, where the name of a package stands for what is in it too:
 * https://docs.deno.com/runtime/fundamentals/modules/.
 */
function withSubpaths(entries: Entries): Entries {
  const subpaths = Object.entries(entries).flatMap(([name, url]) => {
    const [, scheme, rest] = /^(npm|jsr):\/?(.*[^/])$/.exec(url ?? "") ?? [];
    return rest === undefined || name.endsWith("/") ? [] : [[`${name}/`, `${scheme}:/${rest}/`]];
  });
  return { ...Object.fromEntries(subpaths), ...entries };
}

function absolute(entries: Entries, file: string): Entries {
  return Object.fromEntries(
    Object.entries(entries).map(([name, url]) => [
      absoluteUrl(name, file),
      url && absoluteUrl(url, file),
    ]),
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

function folderUrl(folder: string): string {
  return `${pathToFileURL(folder).href.replace(/\/$/, "")}/`;
}
