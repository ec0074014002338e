/**
 * Which local modules agents are made of, and what of their imports leads nowhere: told by Deno,
 * which resolves them as it will when they run.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as z from "zod";
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { resolutionFlags } from "./resolution.ts";

/** An import that leads nowhere, or a module that cannot be read as one. */
export interface ImportProblem {
  /** Absolute path of the module it is in. */
  file: string;
  /** From 1; absent when the whole module is meant. */
  line?: number;
  /** From 1. */
  column?: number;
  /** What is imported, as written; absent for a module that cannot be read. */
  specifier?: string;
  /** What Deno says about it. */
  reason: string;
}

/** An import that is written out in a module, also one that comes at run time. */
export interface WrittenImport {
  /** Absolute path of the module it is in; absent for one that is no file. */
  file?: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** As written. */
  specifier: string;
  /** The URL it leads to; where that leads on, there is another one for each. */
  target: string;
}

/** What is known of the modules of some agents. */
export interface ModuleGraph {
  /** Absolute paths of the local modules that `root` is made of, also of those that are missing. */
  filesOf(root: string): string[];
  /** The imports of code in `root` and in what it is made of. */
  importsOf(root: string): WrittenImport[];
  /** What is wrong with the imports of `root` and of what it is made of. */
  problemsOf(root: string): ImportProblem[];
}

const PositionSchema = z.object({ line: z.number(), character: z.number() });
const ResolutionSchema = z.object({
  specifier: z.string().optional(),
  error: z.string().optional(),
  span: z.object({ start: PositionSchema }),
});
const DependencySchema = z.object({
  specifier: z.string(),
  code: ResolutionSchema.optional(),
  type: ResolutionSchema.optional(),
  isDynamic: z.boolean().default(false),
});
const ModuleSchema = z.object({
  specifier: z.string(),
  error: z.string().optional(),
  dependencies: z.array(DependencySchema).default([]),
});
type Module = z.output<typeof ModuleSchema>;

/** The part of what `deno info --json` prints that is read here. */
const InfoSchema = z.object({
  modules: z.array(ModuleSchema),
  redirects: z.record(z.string(), z.string()).default({}),
});

/** How {@linkcode readModuleGraph} reads. */
export interface ModuleGraphOptions {
  /**
   * Absolute path of a lock file to go by. What the modules want of packages and is not in it yet is
   * added to it, and downloaded. @default none
   */
  lock?: string;
  /** The environment of Deno. */
  environment: Record<string, string>;
}

/**
 * Reads the modules of some agents, which are of one project.
 *
 * @param roots Absolute paths.
 * @throws {CliError} exit 1 when Deno cannot tell, exit 2 when the project says something of imports
 * that cannot be honoured.
 */
export async function readModuleGraph(
  roots: string[],
  { deno, root }: Pick<Context, "deno" | "root">,
  { lock, environment }: ModuleGraphOptions,
): Promise<ModuleGraph> {
  if (roots.length === 0) return moduleGraph({ modules: [] }, root);
  const imports = roots.map((path) => `import ${JSON.stringify(pathToFileURL(path).href)};`);
  const entry = `data:application/typescript,${encodeURIComponent(imports.join("\n"))}`;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const locked = lock === undefined ? ["--no-lock"] : ["--lock", lock, "--frozen=false"];
  const args = ["info", "--json", ...locked, ...resolutionFlags(roots, root), entry];
  const options = { maxBuffer: LARGEST, cwd: root, env: { ...environment, NO_COLOR: "1" } };
  execFile(deno, args, options, (error, stdout, stderr) => {
    if (error === null) return resolve(stdout);
    const [reason = error.message] = stderr.trim().split("\n");
    reject(
      new CliError(EXIT.failure, `the imports of the agents cannot be read: ${reason}`, {
        cause: error,
      }),
    );
  });
  return moduleGraph(JSON.parse(await promise), root);
}

/** Most that is read of it, bytes. */
const LARGEST = 64 * 1024 * 1024;

/**
 * Makes a graph of what `deno info --json` prints.
 *
 * @param root Absolute folder of this project, whose runtime is no part of any agent.
 */
export function moduleGraph(info: unknown, root: string): ModuleGraph {
  const { modules, redirects } = InfoSchema.parse(info);
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const find = (specifier: string) => bySpecifier.get(redirects[specifier] ?? specifier);
  const runtime = `${pathToFileURL(root).href}/runtime/`;
  const isOwn = (specifier: string) =>
    /^(?:file|data|https?):/.test(specifier) && !specifier.startsWith(runtime);
  const reach = (path: string): Module[] => {
    const found = new Map<string, Module>();
    const visit = (target: string) => {
      const specifier = redirects[target] ?? target;
      const module = find(specifier) ?? { specifier, dependencies: [] };
      if (found.has(specifier) || !isOwn(specifier)) return;
      found.set(specifier, module);
      for (const { code, type } of module.dependencies) {
        for (const target of [code?.specifier, type?.specifier]) {
          if (target !== undefined) visit(target);
        }
      }
    };
    visit(pathToFileURL(path).href);
    return [...found.values()];
  };
  return {
    filesOf: (path) => reach(path).flatMap(({ specifier }) => pathOf(specifier) ?? []),
    importsOf: (path) => reach(path).flatMap((module) => importsIn(module, redirects)),
    problemsOf: (path) => reach(path).flatMap((module) => problemsIn(module, find)),
  };
}

function pathOf(url: string): string | undefined {
  return url.startsWith("file:") ? fileURLToPath(url) : undefined;
}

function importsIn(
  { specifier: module, dependencies }: Module,
  redirects: Readonly<Record<string, string>>,
): WrittenImport[] {
  const file = pathOf(module);
  return dependencies.flatMap(({ specifier, code }): WrittenImport[] => {
    if (code?.specifier === undefined) return [];
    const written = { ...(file && { file }), ...placeOf(code), specifier };
    // A name of JSR stands for an address of its registry.
    return [code.specifier, redirects[code.specifier]].filter((target) => target !== undefined)
      .map((target) => ({ ...written, target }));
  });
}

function placeOf({ span }: z.output<typeof ResolutionSchema>): { line: number; column: number } {
  return { line: span.start.line + 1, column: span.start.character + 1 };
}

function problemsIn(
  module: Module,
  find: (specifier: string) => Module | undefined,
): ImportProblem[] {
  const file = pathOf(module.specifier);
  // Of what others have published, the user can mend nothing.
  if (file === undefined) return [];
  // A module that is missing is a problem of those that import it.
  const own = module.error === undefined || isMissing(module.error)
    ? []
    : [unreadable(file, module.error)];
  const imports = module.dependencies.filter(({ isDynamic }) => !isDynamic).flatMap(
    ({ specifier, code }): ImportProblem[] => {
      const reason = code?.error ?? missingReason(find(code?.specifier ?? ""));
      if (code === undefined || reason === undefined) return [];
      return [{ file, ...placeOf(code), specifier, reason }];
    },
  );
  return [...own, ...imports];
}

/** Why a module cannot be imported, when it is not that its own text is wrong. */
function missingReason(module: Module | undefined): string | undefined {
  const error = module?.error;
  return error === undefined || placeIn(error) !== undefined ? undefined : firstLine(error);
}

function isMissing(error: string): boolean {
  return /^Module not found/.test(error);
}

function unreadable(file: string, error: string): ImportProblem {
  const place = placeIn(error);
  const reason = firstLine(error).replace(/^The module's source code could not be parsed: /, "")
    .replace(/ at file:\S+:\d+:\d+$/, "");
  return { file, ...place, reason };
}

function placeIn(error: string): { line: number; column: number } | undefined {
  const [, line, column] = /at file:\S+:(\d+):(\d+)/.exec(error) ?? [];
  return line === undefined ? undefined : { line: Number(line), column: Number(column) };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
