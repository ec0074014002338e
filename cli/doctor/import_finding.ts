/**
 * What is wrong with an import, and the command that helps.
 *
 * @module
 */
import { isBuiltin } from "node:module";
import { dirname, relative } from "node:path";
import type { ImportProblem } from "../analysis/module_graph.ts";
import { addsPackages } from "../analysis/resolution.ts";
import { type StrayImport, strayText } from "../analysis/stray_imports.ts";
import type { Context } from "../app/context.ts";
import type { AgentSource } from "../start/agent_source.ts";
import { importCommand } from "./edit_command.ts";
import { shellWord } from "../output/shell_word.ts";
import type { Finding } from "./finding.ts";

/** A finding for an import that leads nowhere. */
export function importFinding(
  { name }: Pick<AgentSource, "name">,
  problem: ImportProblem,
  context: Pick<Context, "cwd" | "root">,
): Finding {
  const { line, column, specifier, reason } = problem;
  const path = relative(context.cwd, problem.file) || problem.file;
  const place = [path, line, column].filter((part) => part !== undefined).join(":");
  const text = specifier === undefined
    ? `${place}: ${reason}`
    : `${place} imports "${specifier}", which leads nowhere: ${plain(reason)}`;
  const fix = specifier === undefined ? undefined : importFix(specifier, problem.file, context);
  return { check: "imports", level: "failure", agent: name, text, ...(fix && { fix }) };
}

/** A finding for an import that leads out of the agent's project. */
export function strayFinding(
  { name }: Pick<AgentSource, "name">,
  stray: StrayImport,
  { cwd }: Pick<Context, "cwd">,
): Finding {
  return { check: "imports", level: "failure", agent: name, text: strayText(stray, cwd) };
}

/** What Deno says, without the place, which is told already. */
function plain(reason: string): string {
  return reason.replace(/ from "file:[^"]*"$/, "").replace(/\.$/, "");
}

/** The name of a package, and what is wanted of it. */
const BARE = /^((?:@[\w.-]+\/)?\w[\w.-]*)(?:\/[\w./-]*)?$/;

function importFix(
  specifier: string,
  file: string,
  { cwd, root }: Pick<Context, "cwd" | "root">,
): string | undefined {
  const path = relative(cwd, file) || file;
  if (isBuiltin(specifier)) return importCommand(path, specifier, `node:${specifier}`);
  const [, name] = BARE.exec(specifier) ?? [];
  if (name !== undefined) {
    if (!addsPackages(dirname(file), root)) {
      return importCommand(path, specifier, `npm:${specifier}`);
    }
    const folder = relative(cwd, dirname(file));
    const add = `deno add npm:${name}`;
    return folder === "" ? add : `(cd ${shellWord(folder)} && ${add})`;
  }
  if (specifier.startsWith("npm:") || specifier.startsWith("jsr:")) {
    return `deno cache --reload=${shellWord(specifier)} ${shellWord(path)}`;
  }
  return undefined;
}
