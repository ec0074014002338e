/**
 * The `deno.json` that lets editors and `deno test` find what agents anywhere on the disk import:
 * `"mesh"` by a link to the runtime that `meshctl` carries, and `"zod"` from the npm registry. It is the
 * same on every machine. `meshctl start` does without it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { CliError, EXIT } from "../exit.ts";
import type { ScaffoldFile } from "./agent_plan.ts";
import { type Project, RUNTIME_LINK } from "./project_link.ts";

const Entries = z.record(z.string(), z.string()).default({});
const ImportMap = z.object({ imports: Entries });
const RuntimeConfig = z.object({ compilerOptions: z.record(z.string(), z.unknown()).default({}) });
const ProjectConfig = z.looseObject({
  imports: Entries,
  scopes: z.record(z.string(), z.record(z.string(), z.string())).default({}),
});

/** What agents import by the name they write. */
const SHARED = ["zod"];

/** What a project's configuration is made of. */
export interface ConfigSources {
  /** Text of the runtime's import map. */
  importMap: string;
  /** Text of the runtime's own `deno.json`. */
  config: string;
}

/**
 * Reads what configurations are made of.
 *
 * @param root Absolute folder of the runtime; see `runtimeLocation()`.
 */
export async function configSources(root: string): Promise<ConfigSources> {
  const [importMap, config] = await Promise.all(
    // What is not there says nothing.
    ["import_map.json", "deno.json"].map((name) =>
      readFile(join(root, name), "utf8").catch(() => "{}")
    ),
  );
  return { importMap: importMap ?? "{}", config: config ?? "{}" };
}

/**
 * The configuration of a project that has none.
 *
 * @param folder Absolute folder that agents are put into.
 * @param name Folder of the agent in there. It gets the configuration when `folder` has one of its own,
 * which is not touched.
 */
export function newConfig(folder: string, name: string, sources: ConfigSources): ScaffoldFile {
  const isTaken = ["deno.json", "deno.jsonc"].some((file) => existsSync(join(folder, file)));
  return { path: isTaken ? `${name}/deno.json` : "deno.json", text: configText(sources) };
}

/**
 * A `deno.json` whose imports are what agents write. Types are checked as strictly as the runtime's
 * are, or it might not pass.
 */
export function configText({ importMap, config }: ConfigSources): string {
  const { compilerOptions } = RuntimeConfig.parse(JSON.parse(config));
  const rest = {
    nodeModulesDir: "none",
    compilerOptions,
    fmt: { lineWidth: 100 },
    tasks: {
      test: "deno test --allow-read --allow-env --allow-net=localhost,127.0.0.1",
    },
  };
  return jsonOf({ ...withMesh({}, importMap), ...rest });
}

/**
 * The configuration of a project, leading to the link; what else it says stays.
 *
 * @throws {CliError} exit 1 for one that is not plain JSON, or has an import map of its own.
 */
export async function repairedConfig(
  { file, form }: Pick<Project, "file" | "form">,
  { importMap }: ConfigSources,
): Promise<string> {
  const before = await readFile(file, "utf8");
  const config = plainConfig(before);
  if (config === undefined || form === "map" || config["importMap"] !== undefined) {
    const what = config === undefined ? "is not plain JSON" : "has an import map of its own";
    throw new CliError(EXIT.failure, `${file} ${what}, and is not touched`, {
      hint: `Write "mesh": "./${RUNTIME_LINK}/mod.ts" into its imports.`,
    });
  }
  const after = { ...config, ...withMesh(config, importMap) };
  return isDeepStrictEqual(after, config) ? before : jsonOf(after);
}

/** Whether the text of a `deno.json` has what this runtime imports, as `repairedConfig()` has it. */
export function isCurrent(text: string, { importMap }: ConfigSources): boolean {
  const config = plainConfig(text);
  return config !== undefined &&
    isDeepStrictEqual({ ...config, ...withMesh(config, importMap) }, config);
}

function plainConfig(text: string): z.output<typeof ProjectConfig> | undefined {
  try {
    return ProjectConfig.parse(JSON.parse(text));
  } catch {
    // With comments, or no configuration at all.
    return undefined;
  }
}

/** Imports and scopes, with those of the mesh; what the runtime itself imports is in its scope. */
function withMesh(
  { imports = {}, scopes = {} }: Partial<z.output<typeof ProjectConfig>>,
  importMap: string,
) {
  const outside = Object.entries(ImportMap.parse(JSON.parse(importMap)).imports)
    .filter(([, to]) => to.startsWith("npm:"));
  // Earlier runtimes had scopes of their own.
  const others = Object.entries(scopes).filter(([scope]) => !scope.endsWith("/runtime/"));
  return {
    imports: {
      ...imports,
      "mesh": `./${RUNTIME_LINK}/mod.ts`,
      "mesh/testing": `./${RUNTIME_LINK}/testing/mod.ts`,
      ...Object.fromEntries(outside.filter(([name]) => SHARED.includes(name))),
    },
    scopes: {
      ...Object.fromEntries(others),
      [`./${RUNTIME_LINK}/`]: Object.fromEntries(
        outside.filter(([name]) => !SHARED.includes(name)),
      ),
    },
  };
}

function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
