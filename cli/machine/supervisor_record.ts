/**
 * What a `start` that stays with what it started writes down about itself: `start` in the
 * foreground, and behind `start -d` with `--watch` or `--restart`. How others know that somebody
 * brings agents back, and how `start -d` knows how its own went.
 *
 * @module
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { UnresolvedSchema } from "../../runtime/process/plan.ts";
import type { MeshHome } from "./home.ts";
import { stillRunning } from "./process_identity.ts";
import { readRecord, writeRecord } from "./record_file.ts";

/** How an agent is that somebody stays with. */
export const SupervisedStateSchema = z.enum([
  "running",
  /** It ended and is about to be started again. */
  "restarting",
  /** It does not run, and waits for a save that can be loaded. */
  "down",
  /** It was stopped on purpose. */
  "stopped",
]);
/** How an agent is that somebody stays with. */
export type SupervisedState = z.output<typeof SupervisedStateSchema>;

/** An agent that did not start, and why. */
const Troubled = z.array(z.object({ name: z.string(), reason: z.string() }));

/** How a start went. */
export const StartOutcomeSchema = z.object({
  registry: z.object({ url: z.string(), started: z.boolean(), kv: z.string().optional() }),
  /** Names they were planned under. */
  agents: z.array(z.string()),
  unresolved: z.array(UnresolvedSchema.extend({ agent: z.string() })),
  failed: Troubled,
});
/** How a start went. */
export type StartOutcome = z.output<typeof StartOutcomeSchema>;

/** A `start` that stays with what it started. */
export const SupervisorRecordSchema = z.object({
  pid: z.number().int(),
  birth: z.string().optional(),
  started_at: z.string(),
  /** It has a terminal of its own. */
  foreground: z.boolean(),
  watches: z.boolean(),
  restarts: z.boolean(),
  agents: z.array(z.object({ name: z.string(), state: SupervisedStateSchema })),
  /** How the start went, once it is over. */
  outcome: StartOutcomeSchema.optional(),
  /** Why it failed, if it did; see `CliError`. */
  failure: z.object({ code: z.number(), message: z.string(), hint: z.string().optional() })
    .optional(),
});
/** A `start` that stays with what it started. */
export type SupervisorRecord = z.output<typeof SupervisorRecordSchema>;

/** Path of the record of a process. */
export function supervisorPath(home: MeshHome, pid: number): string {
  return join(home.supervisors, `${pid}.json`);
}

/** Writes the record of a process. */
export function writeSupervisor(home: MeshHome, record: SupervisorRecord): void {
  writeRecord(supervisorPath(home, record.pid), record);
}

/** The record of a process, whether or not it still runs. */
export async function readSupervisor(
  home: MeshHome,
  pid: number,
): Promise<SupervisorRecord | undefined> {
  return await readRecord(supervisorPath(home, pid), SupervisorRecordSchema);
}

/** Every one whose process still runs. */
export async function runningSupervisors(home: MeshHome): Promise<SupervisorRecord[]> {
  return await stillRunningOf(await readSupervisors(home));
}

/** Deletes the records of those whose process is gone. */
export async function sweepSupervisors(home: MeshHome): Promise<void> {
  const all = await readSupervisors(home);
  const running = await stillRunningOf(all);
  const gone = all.filter((record) => !running.includes(record));
  await Promise.all(gone.map(({ pid }) => rm(supervisorPath(home, pid), { force: true })));
}

async function stillRunningOf(records: SupervisorRecord[]): Promise<SupervisorRecord[]> {
  const processes = records.map((record) => ({
    record,
    pid: record.pid,
    startedAt: record.started_at,
    birth: record.birth,
  }));
  return (await stillRunning(processes)).map(({ record }) => record);
}

async function readSupervisors(home: MeshHome): Promise<SupervisorRecord[]> {
  const names = await readdir(home.supervisors).catch(() => []);
  const pids = names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []);
  const records = await Promise.all(pids.map((pid) => readSupervisor(home, Number(pid))));
  return records.filter((record) => record !== undefined);
}
