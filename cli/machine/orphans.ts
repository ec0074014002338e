/**
 * Processes of a home that nothing there tells of any more: agents without a record, and what agents
 * had started and left behind when they were killed. Only what is certainly of this home is found:
 * the system tells the plan an agent was started with, and the environment of any process.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { HostPlanSchema } from "../../runtime/process/plan.ts";
import type { MeshHome } from "./home.ts";
import type { WrittenProcess } from "./process_identity.ts";
import { allProcessStats, output, type ProcessStat, processStats } from "./process_stat.ts";

/** A process that was left. */
export interface Orphan extends WrittenProcess {
  /** What it runs: names of agents, or part of its command line. */
  what: string;
}

/** Program of an agent process. */
const HOST = "runtime/process/main.ts";

/** Agent processes of a home, and the names of their agents. */
export async function agentProcessesOf(
  home: MeshHome,
): Promise<(Orphan & { names: string[] })[]> {
  const found = await output("sh", ["-c", `grep -lzsF -e ${HOST} /proc/[0-9]*/cmdline`]);
  const lines = await commandLines(pidsIn(found));
  const planned = [...lines].flatMap(([pid, words]) => {
    const plan = words.some((word) => word.endsWith(HOST)) ? planIn(words.at(-1)) : undefined;
    const own = plan?.agents.filter(({ name, record }) => record === home.record(name)) ?? [];
    return own.length === 0 ? [] : [{ pid, names: own.map(({ name }) => name) }];
  });
  const stats = await processStats(planned.map(({ pid }) => pid)) ?? new Map();
  return planned.flatMap(({ pid, names }) => {
    const stat = stats.get(pid);
    return stat === undefined || stat.state === "Z"
      ? []
      : [{ ...writtenBy(pid, stat), what: names.join(", "), names }];
  });
}

/**
 * What is left of the group of a process that has ended, as far as it is certainly of this home.
 *
 * @param leader Id of the process; nobody is given it while anything of its group is left.
 */
export async function restOfGroup(leader: number, home: MeshHome): Promise<Orphan[]> {
  const stats = await allProcessStats();
  if (stats.has(leader) && stats.get(leader)?.state !== "Z") return [];
  const members = [...stats].filter(([pid, { group, state }]) =>
    group === leader && pid !== leader && state !== "Z"
  );
  if (members.length === 0) return [];
  const ours = await withEnvironment(members.map(([pid]) => pid), await marksOf(home));
  const lines = await commandLines([...ours]);
  return members.filter(([pid]) => ours.has(pid)).map(([pid, stat]) => ({
    ...writtenBy(pid, stat),
    what: lines.get(pid)?.slice(0, 3).join(" ") ?? "",
  }));
}

function writtenBy(pid: number, { birth, startedAt }: ProcessStat): WrittenProcess {
  return { pid, birth, startedAt: new Date(startedAt).toISOString() };
}

/**
 * Assignments that only processes of a home have in their environment: a runtime, and the code of an
 * agent in a process of its own, hand them on to everything that they start.
 */
async function marksOf({ root, denoFolder }: MeshHome): Promise<string[]> {
  const names = await readdir(denoFolder).catch((): string[] => []);
  return [
    `MCP_MESH_HOME=${root}`,
    ...names.map((name) => `DENO_DIR=${join(denoFolder, name)}`),
  ];
}

/** Those of the processes whose environment has one of these assignments. */
async function withEnvironment(pids: number[], assignments: string[]): Promise<Set<number>> {
  const files = pids.map((pid) => `/proc/${pid}/environ`);
  const patterns = assignments.flatMap((assignment) => ["-e", assignment]);
  return new Set(pidsIn(await output("grep", ["-lzsxF", ...patterns, ...files])));
}

/** The ids in names of files below `/proc`. */
function pidsIn(files: string): number[] {
  return [...files.matchAll(/^\/proc\/(\d+)\//gm)].map(([, pid]) => Number(pid));
}

/** The words of the command lines of processes. */
async function commandLines(pids: number[]): Promise<Map<number, string[]>> {
  if (pids.length === 0) return new Map();
  const files = pids.map((pid) => `/proc/${pid}/cmdline`);
  return parseCommandLines(await output("grep", ["-zsH", "", ...files]));
}

/** Reads words that end in NUL, each after the name of the file it is in and a colon. */
export function parseCommandLines(text: string): Map<number, string[]> {
  const lines = new Map<number, string[]>();
  for (const entry of text.split("\0")) {
    const [, pid, word = ""] = /^\/proc\/(\d+)\/cmdline:([^]*)$/.exec(entry) ?? [];
    if (pid === undefined) continue;
    const words = lines.get(Number(pid)) ?? [];
    lines.set(Number(pid), [...words, word]);
  }
  return lines;
}

const PlanTextSchema = z.string().transform((text, context) => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("no JSON");
    return z.NEVER;
  }
}).pipe(HostPlanSchema);

function planIn(word: string | undefined): z.output<typeof HostPlanSchema> | undefined {
  return PlanTextSchema.safeParse(word).data;
}
