/**
 * Whether editors and `deno test` find the runtime from the projects that agents are in.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Context } from "../app/context.ts";
import { configSources, isCurrent } from "../scaffold/project_config.ts";
import { leadsNowhere, linkedRuntime, type Project, projectOf } from "../scaffold/project_link.ts";
import { shellWord } from "../output/shell_word.ts";
import type { Finding } from "./finding.ts";

/**
 * What is wrong with the projects that folders are in.
 *
 * @param folders Absolute paths.
 */
export async function projectFindings(
  folders: string[],
  { cwd, root, program }: Pick<Context, "cwd" | "root" | "program">,
): Promise<Finding[]> {
  const projects = new Map<string, Project>();
  for (const folder of new Set(folders)) {
    const project = await projectOf(folder);
    if (project !== undefined) projects.set(project.file, project);
  }
  const found = await Promise.all([...projects.values()].map(async (project) => {
    const problem = await problemOf(project, root);
    if (problem === undefined) return [];
    const text = `"mesh" in ${relative(cwd, project.file)} ${problem}`;
    const place = relative(cwd, project.folder);
    const fix = `${program} scaffold project${place === "" ? "" : ` -o ${shellWord(place)}`}`;
    return [{ check: "project", level: "warning" as const, text, fix }];
  }));
  return found.flat();
}

async function problemOf(project: Project, root: string): Promise<string | undefined> {
  if (leadsNowhere(project)) {
    return `leads nowhere: ${project.target} is not there, so editors and deno test do not find it`;
  }
  if (project.form !== "link") return undefined;
  const isOurs = await linkedRuntime(project) === join(root, "runtime") &&
    isCurrent(await readFile(project.file, "utf8"), await configSources(root));
  return isOurs ? undefined : "is of another version of meshctl than this one";
}
