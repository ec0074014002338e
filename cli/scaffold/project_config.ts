/**
 * The `deno.json` that lets agents anywhere on the disk import `"mesh"` and `"zod"`: from the runtime
 * that `meshctl` carries, and the npm registry.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import type { ScaffoldFile } from "./agent_plan.ts";

const ImportMap = z.looseObject({ imports: z.record(z.string(), z.string()).default({}) });
const DenoConfig = ImportMap.extend({ importMap: z.string().optional() });
const RuntimeConfig = z.object({ compilerOptions: z.record(z.string(), z.unknown()).default({}) });

/** What agents import by the name they write. */
const SHARED = ["zod"];

/**
 * The configuration an agent needs in `folder`'s tree, or `undefined` when `folder` or one above it
 * already says what `"mesh"` is.
 *
 * @param folder Absolute folder that agents are put into.
 * @param name Folder of the agent in there. It gets the configuration when `folder` has one of its own,
 * which is not touched.
 * @param runtime Absolute folder of the runtime; see `runtimeLocation()`.
 */
export async function projectConfig(
  folder: string,
  name: string,
  runtime: string,
): Promise<ScaffoldFile | undefined> {
  const target = join(folder, name);
  for (const path of [target, ...ancestors(folder)].map((above) => join(above, "deno.json"))) {
    if (await namesMesh(path)) return undefined;
  }
  const taken = await readText(join(folder, "deno.json")) ??
    await readText(join(folder, "deno.jsonc"));
  const text = configText({
    importMap: await readText(join(runtime, "import_map.json")) ?? "{}",
    config: await readText(join(runtime, "deno.json")) ?? "{}",
    runtime,
  });
  return { path: taken === undefined ? "deno.json" : `${name}/deno.json`, text };
}

/** What an agent's configuration is made of. */
export interface ConfigSources {
  /** Text of the runtime's import map. */
  importMap: string;
  /** Text of the runtime's own `deno.json`. */
  config: string;
  /** Absolute folder of the runtime. */
  runtime: string;
}

/**
 * A `deno.json` whose imports are what agents write; what the runtime itself imports is in its scope.
 * Types are checked as strictly as the runtime's are, or it might not pass.
 */
export function configText({ importMap, config: own, runtime }: ConfigSources): string {
  const { imports } = ImportMap.parse(JSON.parse(importMap));
  const { compilerOptions } = RuntimeConfig.parse(JSON.parse(own));
  const base = `${pathToFileURL(runtime).href}/`;
  const outside = Object.entries(imports).filter(([, to]) => to.startsWith("npm:"));
  const config = {
    imports: {
      "mesh": `${base}runtime/mod.ts`,
      "mesh/testing": `${base}runtime/testing/mod.ts`,
      ...Object.fromEntries(outside.filter(([name]) => SHARED.includes(name))),
    },
    scopes: {
      [`${base}runtime/`]: Object.fromEntries(outside.filter(([name]) => !SHARED.includes(name))),
    },
    nodeModulesDir: "none",
    compilerOptions,
    fmt: { lineWidth: 100 },
    tasks: {
      test: "deno test --allow-read --allow-env --allow-net=localhost,127.0.0.1",
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function* ancestors(folder: string): Generator<string> {
  yield folder;
  const parent = dirname(folder);
  if (parent !== folder) yield* ancestors(parent);
}

async function namesMesh(path: string): Promise<boolean> {
  const config = DenoConfig.safeParse(parsed(await readText(path)));
  if (!config.success) return false;
  const { imports, importMap } = config.data;
  if (Object.hasOwn(imports, "mesh")) return true;
  if (importMap === undefined) return false;
  const map = ImportMap.safeParse(parsed(await readText(resolve(dirname(path), importMap))));
  return map.success && Object.hasOwn(map.data.imports, "mesh");
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    // With comments, or none at all: it says nothing that is known here.
    return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
