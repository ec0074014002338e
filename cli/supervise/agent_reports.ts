/**
 * What agents write down about themselves, awaited.
 *
 * @module
 */
import type { AgentRecord, ReloadReport } from "../../runtime/process/plan.ts";
import { exitText } from "../machine/child.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import type { MeshHome } from "../machine/home.ts";
import { readAgentRecord } from "../machine/records.ts";
import type { WatchedAgent } from "./watched_agent.ts";

/** Longest that loading or opening code may take, milliseconds. */
const LOAD_MS = 30_000;
/** Longest that is waited for the registry to know, milliseconds. */
const WIRED_MS = 3_000;
/** Longest that a process which is started again may take to be in the mesh, milliseconds. */
const START_MS = 30_000;

/**
 * What an agent writes of a version of its code, once it is in one of `phases`; nothing once there
 * is a newer version, or in too long a time.
 */
export async function reportOf(
  home: MeshHome,
  agent: WatchedAgent,
  version: number,
  phases: ReloadReport["phase"][],
): Promise<ReloadReport | undefined> {
  const record = await recordWith(
    home,
    agent,
    LOAD_MS,
    ({ reload }) => reload?.id === version && phases.includes(reload.phase),
  );
  return record?.reload?.id === version && phases.includes(record.reload.phase)
    ? record.reload
    : undefined;
}

/** Whether the registry knows what a version has changed, once it does or that takes too long. */
export async function isWired(
  home: MeshHome,
  agent: WatchedAgent,
  { changed, at }: ReloadReport,
): Promise<boolean> {
  const isCurrent = ({ synced_at: syncedAt = 0 }: AgentRecord) => !changed || syncedAt >= at;
  const record = await recordWith(home, agent, WIRED_MS, isCurrent);
  return record !== undefined && isCurrent(record);
}

/** Why an agent whose process was started again is not in the mesh; nothing once it is. */
export async function failureToStart(
  home: MeshHome,
  agent: WatchedAgent,
): Promise<string | undefined> {
  const isDecided = ({ phase }: AgentRecord) => phase === "registered" || phase === "failed";
  const record = await recordWith(home, agent, START_MS, isDecided);
  const { exit } = agent.process.agents.child;
  if (record?.phase === "failed") return record.error?.message ?? "it gives no reason";
  if (exit !== undefined) return record?.error?.message ?? `its process ${exitText(exit)}`;
  return record === undefined || !isDecided(record)
    ? record?.error?.message ?? "it is not in the mesh in time"
    : undefined;
}

/** The record that the agent's process writes, once it fits, or the last one when none does. */
async function recordWith(
  home: MeshHome,
  agent: WatchedAgent,
  limitMs: number,
  fits: (record: AgentRecord) => boolean,
): Promise<AgentRecord | undefined> {
  const { child } = agent.process.agents;
  let last: AgentRecord | undefined;
  await waitInFolder(home.agents, async () => {
    const isOver = child.exit !== undefined;
    const record = await readAgentRecord(home.record(agent.name));
    if (record?.pid === child.pid) last = record;
    return isOver || (last !== undefined && fits(last)) ? true : undefined;
  }, { wake: [child.exited], signal: AbortSignal.timeout(limitMs) });
  return last;
}
