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
import { applyEdits, modify } from "jsonc-parser";
import * as z from "zod";
import { CliError, EXIT } from "../base/exit.ts";
import { parseJsonc } from "../base/jsonc.ts";
import type { ScaffoldFile } from "./agent_plan.ts";
import { inItsForm } from "./edit/text_form.ts";
import { CONFIG_NAMES, type Project, RUNTIME_LINK } from "./project_link.ts";

const Entries = z.record(z.string(), z.string()).default({});
const ImportMap = z.object({ imports: Entries });
const RuntimeConfig = z.object({ compilerOptions: z.record(z.string(), z.unknown()).default({}) });
const ProjectConfig = z.looseObject({
  imports: Entries,
  scopes: z.record(z.string(), z.record(z.string(), z.string())).default({}),
});

/** Packages that agents import by the name they write. */
const SHARED = ["zod"];

/** Packages that the runtime imports beside, modules of such, and types of those that have none. */
export const RUNTIME_PACKAGES: readonly string[] = [
  "@modelcontextprotocol/client",
  "@modelcontextprotocol/server",
  "@opentelemetry/api",
  "@std/async/abortable",
  "@std/async/delay",
  "@std/http/status",
  "@types/nunjucks",
  "@types/semver",
  "ioredis",
  "nunjucks",
  "openai",
  "semver",
];

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
  const isTaken = CONFIG_NAMES.some((file) => existsSync(join(folder, file)));
  return { path: isTaken ? `${name}/deno.json` : "deno.json", text: configText(sources) };
}

/**
 * A `deno.json` whose imports are what agents write. Types are checked as strictly as the runtime's
 * are, or it might not pass.
 */
export function configText(sources: ConfigSources): string {
  const { compilerOptions } = RuntimeConfig.parse(JSON.parse(sources.config));
  const config = {
    imports: {},
    scopes: {},
    nodeModulesDir: "none",
    compilerOptions,
    fmt: { lineWidth: 100 },
    tasks: {
      test: "deno test --allow-read --allow-env --allow-net=localhost,127.0.0.1",
    },
  };
  return edited(JSON.stringify(config, null, 2), editsFor(config, sources)) + "\n";
}

/**
 * The configuration of a project, leading to the link; what else it says stays, comments too.
 *
 * @throws {CliError} exit 1 for one that is no configuration, or has an import map of its own.
 */
export async function repairedConfig(
  { file, form }: Pick<Project, "file" | "form">,
  sources: ConfigSources,
): Promise<string> {
  const before = await readFile(file, "utf8");
  const config = readConfig(before);
  if (config === undefined || form === "map" || config["importMap"] !== undefined) {
    const what = config === undefined ? "is no configuration" : "has an import map of its own";
    throw new CliError(EXIT.failure, `${file} ${what}, and is not touched`, {
      hint: `Write "mesh": "./${RUNTIME_LINK}/mod.ts" into its imports.`,
    });
  }
  return inItsForm(before, (text) => edited(text, editsFor(config, sources)));
}

/** Whether the text of a `deno.json` has what this runtime imports, as `repairedConfig()` has it. */
export function isCurrent(text: string, sources: ConfigSources): boolean {
  const config = readConfig(text);
  return config !== undefined && editsFor(config, sources).length === 0;
}

function readConfig(text: string): z.output<typeof ProjectConfig> | undefined {
  return ProjectConfig.safeParse(parseJsonc(text)).data;
}

/** A change of a configuration: a place, and what it becomes. */
type Edit = readonly [path: string[], value: unknown];

/** What of a configuration is not as the mesh has it. What the runtime imports is in its scope. */
function editsFor(
  { imports, scopes }: Pick<z.output<typeof ProjectConfig>, "imports" | "scopes">,
  { importMap }: ConfigSources,
): Edit[] {
  const packages = Object.entries(ImportMap.parse(JSON.parse(importMap)).imports);
  const named = (names: readonly string[]) =>
    Object.fromEntries(packages.filter(([name]) => names.includes(name)));
  const shared = {
    "mesh": `./${RUNTIME_LINK}/mod.ts`,
    "mesh/testing": `./${RUNTIME_LINK}/testing/mod.ts`,
    ...named(SHARED),
  };
  const scope = `./${RUNTIME_LINK}/`;
  const own = named(RUNTIME_PACKAGES);
  // Earlier runtimes had scopes of their own.
  const old = Object.keys(scopes).filter((each) => each.endsWith("/runtime/") && each !== scope);
  return [
    ...Object.entries(shared).filter(([name, url]) => imports[name] !== url)
      .map(([name, url]): Edit => [["imports", name], url]),
    ...old.map((each): Edit => [["scopes", each], undefined]),
    ...(isDeepStrictEqual(scopes[scope], own) ? [] : [[["scopes", scope], own] as Edit]),
  ];
}

function edited(text: string, edits: Edit[]): string {
  const options = {
    formattingOptions: { insertSpaces: true, tabSize: 2 },
    // Behind the last, it would come between that and its comment.
    getInsertionIndex: () => 0,
  };
  return edits.reduceRight(
    (before, [path, value]) => applyEdits(before, modify(before, path, value, options)),
    text,
  );
}
