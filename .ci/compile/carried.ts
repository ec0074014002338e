/**
 * What `meshctl` carries besides its own code: the sources of the runtime, which agents import, the
 * lock file of its packages, and every file of the command line and the registry that is no module.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import * as z from "zod";
import { LockFileSchema, lockOf, lockText } from "../../cli/analysis/lock_file.ts";
import { RUNTIME_PACKAGES } from "../../cli/scaffold/project_config.ts";

/** Folders whose files are carried, and which of them. */
const CARRIED: Readonly<Record<string, (path: string) => boolean>> = {
  runtime: () => true,
  cli: isAsset,
  registry: isAsset,
};

/** The parts of `deno.json` that hold for agents too. */
const Project = z.object({
  importMap: z.string(),
  nodeModulesDir: z.string(),
  unstable: z.array(z.string()),
  compilerOptions: z.record(z.string(), z.unknown()),
});

const ImportMap = z.object({ imports: z.record(z.string(), z.string()) });

/** Paths of the carried files of a checkout, relative, with `/`, in order. */
export async function carriedPaths(root: string): Promise<string[]> {
  const all = await Promise.all(
    Object.entries(CARRIED).map(async ([folder, isCarried]) => {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
        .filter((path) => !isForDevelopment(path) && isCarried(path));
    }),
  );
  return ["import_map.json", ...all.flat().toSorted()];
}

/** Contents of the carried files of a checkout, by path; `deno.json` and `deno.lock` are made. */
export async function carriedFiles(root: string): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const read = async (path: string) => new Uint8Array(await readFile(join(root, path)));
  const paths = await carriedPaths(root);
  const files = await Promise.all(paths.map(async (path) => [path, await read(path)] as const));
  return new Map([
    ...files,
    ["deno.json", await projectFile(root)],
    ["deno.lock", await runtimeLock(root)],
  ]);
}

/** The part of the checkout's lock file that the carried runtime needs. */
async function runtimeLock(root: string): Promise<Uint8Array<ArrayBuffer>> {
  const read = async (name: string) => JSON.parse(await readFile(join(root, name), "utf8"));
  const lock = LockFileSchema.parse(await read("deno.lock"));
  const { imports } = ImportMap.parse(await read("import_map.json"));
  const packages = ["zod", ...RUNTIME_PACKAGES].map((name) => {
    const specifier = packageOf(imports[name] ?? "");
    const version = lock.specifiers[specifier];
    if (version === undefined) throw new Error(`deno.lock has no ${name} (${specifier})`);
    return `${specifier.slice("npm:".length, specifier.lastIndexOf("@"))}@${version}`;
  });
  return new TextEncoder().encode(lockText(lockOf(packages, lock)));
}

/** Returns the specifier of a package that may be that of a module in it: `npm:std@1.0.0/delay.js`. */
function packageOf(specifier: string): string {
  return /^npm:@?[^@]+@[^/]+/.exec(specifier)?.[0] ?? specifier;
}

/** Settings for whatever runs with the carried runtime. */
async function projectFile(root: string): Promise<Uint8Array<ArrayBuffer>> {
  const project = Project.parse(JSON.parse(await readFile(join(root, "deno.json"), "utf8")));
  return new TextEncoder().encode(`${JSON.stringify({ ...project, lock: false }, null, 2)}\n`);
}

/** What only those need who work on this project. */
function isForDevelopment(path: string): boolean {
  return /_(test|bench|fixture)\.ts$|(^|\/)(README\.md|testdata\/|e2e\/)/.test(path);
}

/** A module is part of the bundle already, unless it is a template of one. */
function isAsset(path: string): boolean {
  return !path.endsWith(".ts") || path.includes("/templates/");
}
