/**
 * What runs on this machine: the record files that agents and the registry write about themselves.
 *
 * @module
 */
import { basename, join } from "node:path";
import * as z from "zod";
import { type AgentRecord, AgentRecordSchema } from "../../runtime/process/plan.ts";
import type { MeshHome } from "./home.ts";
import { endLeftCode, type LeftCode } from "./left_code.ts";
import { isStillRunning, stillRunning, type WrittenProcess } from "./process_identity.ts";
import { readRecord, writeRecord } from "./record_file.ts";

/** Who runs the registry that `meshctl` started. */
export const RegistryRecordSchema = z.object({
  pid: z.number().int(),
  /** What the system tells of when the process began. */
  birth: z.string().optional(),
  url: z.string(),
  /** The database: a path or a URL. */
  kv: z.string(),
  started_at: z.string(),
  /** It belongs to a `start` in the foreground, which ends it. */
  foreground: z.boolean().default(false),
});
/** Who runs the registry that `meshctl` started. */
export type RegistryRecord = z.output<typeof RegistryRecordSchema>;

/** An agent of this machine. */
export interface LocalAgent {
  /** Name of its record and log files. */
  stem: string;
  /** Absolute path of the record. */
  path: string;
  record: AgentRecord;
}

/** Every agent whose process still runs, sorted by name. */
export async function runningAgents(home: MeshHome): Promise<LocalAgent[]> {
  return (await splitByLife(await readAgents(home))).running;
}

/** Those whose process is gone without having removed what it wrote down. */
export async function goneAgents(home: MeshHome): Promise<LocalAgent[]> {
  return (await splitByLife(await readAgents(home))).gone;
}

/**
 * Ends the code of agents whose process is gone, and deletes the records of those agents and of a
 * registry whose process is gone. The record of code that does not end is kept.
 *
 * @returns The code that has ended.
 */
export async function sweepRecords(home: MeshHome): Promise<LeftCode[]> {
  const gone = await goneAgents(home);
  const ended = await Promise.all(gone.map(async ({ path, record }) => {
    const { ended, survivors } = await endLeftCode(record, home);
    if (survivors.length === 0) await removeFile(path);
    return ended;
  }));
  if (await runningRegistry(home) === undefined) await removeFile(home.registryRecord);
  return ended.flat();
}

/** The record of one agent, whether or not its process still runs. */
export async function readAgentRecord(path: string): Promise<AgentRecord | undefined> {
  return await readRecord(path, AgentRecordSchema);
}

/** The registry that `meshctl` started, if its process still runs. */
export async function runningRegistry(home: MeshHome): Promise<RegistryRecord | undefined> {
  const record = await readRecord(home.registryRecord, RegistryRecordSchema);
  if (record === undefined) return undefined;
  return await isStillRunning(writtenProcess(record)) ? record : undefined;
}

/** Writes the registry's record. */
export function writeRegistryRecord(home: MeshHome, record: RegistryRecord): void {
  writeRecord(home.registryRecord, record);
}

/** The process that wrote a record. */
export function writtenProcess(
  { pid, started_at: startedAt, birth }: Pick<AgentRecord, "pid" | "started_at" | "birth">,
): WrittenProcess {
  return { pid, startedAt, birth };
}

async function splitByLife(
  agents: LocalAgent[],
): Promise<{ running: LocalAgent[]; gone: LocalAgent[] }> {
  const processes = agents.map((agent) => ({
    agent,
    ...writtenProcess(agent.record),
  }));
  const running = (await stillRunning(processes)).map(({ agent }) => agent);
  return { running, gone: agents.filter((agent) => !running.includes(agent)) };
}

async function readAgents(home: MeshHome): Promise<LocalAgent[]> {
  const names = await folderEntries(home.agents);
  const agents = await Promise.all(names.map(async (name): Promise<LocalAgent[]> => {
    const path = join(home.agents, name);
    const record = await readAgentRecord(path);
    return record === undefined ? [] : [{ stem: basename(name, ".json"), path, record }];
  }));
  return agents.flat().toSorted((a, b) => a.record.name < b.record.name ? -1 : 1);
}

async function folderEntries(folder: string): Promise<string[]> {
  try {
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    return names.filter((name) => name.endsWith(".json"));
  } catch {
    // No agent was ever started here.
    return [];
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
