/**
 * A check of agents' definitions. Each module is loaded in a process with the permissions of its first
 * line, as `start` does, and not served.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { type HostCommand, type LoadReport, LoadReportSchema } from "../../runtime/process/plan.ts";
import { runtimeLock } from "../analysis/agent_code.ts";
import { lockText } from "../analysis/lock_file.ts";
import { resolutionFlags } from "../analysis/resolution.ts";
import type { Context } from "../app/context.ts";
import {
  agentArguments,
  agentEnvironment,
  type AgentProcess,
  agentProcesses,
} from "../start/agent_process.ts";
import { childCode, type ChildPlaces, prepareChild, sharedDenoDir } from "../start/child_place.ts";
import { denoExecutable } from "../machine/deno_executable.ts";
import { type MeshHome, meshHome } from "../machine/home.ts";
import type { StartableAgent } from "../start/startable_agent.ts";
import type { Finding } from "./finding.ts";

/** Options for {@linkcode definitionFindings}. */
export interface DefinitionCheckOptions {
  readonly home: MeshHome;
  /** The environment they will have. */
  readonly environment: Record<string, string>;
}

/** Loads agents and returns the problems of their definitions, with their places. */
export async function definitionFindings(
  sources: StartableAgent[],
  { home, environment }: DefinitionCheckOptions,
  context: Pick<Context, "deno" | "root" | "cwd">,
): Promise<Finding[]> {
  const { deno, root, cwd } = context;
  // One process for the agents of a folder whose imports resolve alike.
  const groups = Map.groupBy(
    sources,
    ({ file }) => [dirname(file), ...resolutionFlags([file], root)].join("\n"),
  );
  const cache = sharedDenoDir(environment, root);
  const layout = {
    home,
    detach: false,
    tied: false,
    watch: false,
    workingDirectory: undefined,
    cwd,
    root,
    cache,
    isolation: "process",
    pack: true,
  } as const;
  const reports = await Promise.all([...groups.values()].map(async (group) => {
    const [process] = agentProcesses(group, layout);
    if (process === undefined) return [];
    const resolution = resolutionFlags([], root);
    // Not where locks are kept: what runs has its own there.
    const folder = await mkdtemp(join(tmpdir(), "meshctl-check-"));
    try {
      const lock = join(folder, "lock.json");
      await writeFile(lock, lockText(runtimeLock(root)));
      const checked = placedIn({ home: meshHome(folder), root, cache }, process);
      const executed = { home, root, resolution, lock, deno: denoExecutable(deno) };
      const args = agentArguments(checked, executed, "load_check.ts");
      return await loadReport(deno, args, process, agentEnvironment(environment, "", {}));
    } finally {
      await rm(folder, { recursive: true });
    }
  }));
  const problems = new Map(reports.flat().map(({ file, problem }) => [file, problem]));
  return sources.flatMap(({ name, file }): Finding[] => {
    const problem = problems.get(file);
    if (problem === undefined) return [];
    const text = problem.replaceAll(file, relative(cwd, file) || file);
    return [{ check: "definition", level: "failure", agent: name, text }];
  });
}

/** Returns a process the code of whose agents is in places of their own, which are made. */
function placedIn(places: ChildPlaces, process: AgentProcess): AgentProcess {
  const agents = process.plan.agents.map((planned) => {
    const { name, file, code } = planned;
    if (code === undefined) return planned;
    prepareChild({ name, file, lock: process.lock }, places);
    const { args, deno_dir } = childCode(name, code.cwd, places);
    return { ...planned, code: { ...code, args, deno_dir } };
  });
  return { ...process, plan: { ...process.plan, agents } };
}

/** Returns the report of the program; an empty one when it cannot run, which other checks find. */
async function loadReport(
  deno: string,
  args: string[],
  { cwd, reach }: AgentProcess,
  env: Record<string, string>,
): Promise<LoadReport> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { stdin } = execFile(deno, args, { cwd, env }, (_error, stdout) => resolve(stdout));
  // A program that cannot begin reads nothing.
  stdin?.on("error", () => {});
  stdin?.end(`${JSON.stringify({ type: "birth", reach } satisfies HostCommand)}\n`);
  // A module may have written to standard output too; the report is the last line.
  const report = LoadReportSchema.safeParse(jsonOf((await promise).trimEnd().split("\n").at(-1)));
  return report.success ? report.data : [];
}

function jsonOf(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
