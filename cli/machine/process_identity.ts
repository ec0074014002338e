/**
 * Whether a process that was written down is still that process.
 *
 * @module
 */
import { type ProcessStat, processStats } from "./process_stat.ts";

/** A process that wrote itself down. */
export interface WrittenProcess {
  pid: number;
  /** When it did, RFC 3339. */
  startedAt: string;
  /** When it began, as the system tells; see `ProcessStat`. */
  birth?: string | undefined;
}

/** Slack between a process starting and writing down when, milliseconds. */
const TOLERANCE = 2_000;

/**
 * Those of the processes that still run. A process id may have been given to another program since,
 * which began at another time. One that could not be told when it began is taken for another if it
 * is younger than its record.
 */
export async function stillRunning<T extends WrittenProcess>(processes: T[]): Promise<T[]> {
  const possible = processes.filter(({ pid }) => pid > 1);
  if (possible.length === 0) return [];
  const stats = await processStats(possible.map(({ pid }) => pid));
  if (stats === undefined) return await alive(possible);
  return possible.filter((written) => isSame(stats.get(written.pid), written));
}

/** Whether one process still runs. */
export async function isStillRunning(written: WrittenProcess): Promise<boolean> {
  return (await stillRunning([written])).length > 0;
}

function isSame(stat: ProcessStat | undefined, { startedAt, birth }: WrittenProcess): boolean {
  // What has ended stays in the table until its parent asks for it, which not every parent does.
  if (stat === undefined || stat.state === "Z" || stat.state === "X") return false;
  if (birth !== undefined) return stat.birth === birth;
  const written = Date.parse(startedAt);
  return Number.isNaN(written) || stat.startedAt <= written + TOLERANCE;
}

/** Those whose id some process has. */
async function alive<T extends WrittenProcess>(processes: T[]): Promise<T[]> {
  // Loaded where it is needed: it takes longer than all else that lists agents.
  const { kill } = await import("node:process");
  return processes.filter(({ pid }) => {
    try {
      kill(pid, 0);
      return true;
    } catch (error) {
      // Not being allowed to signal it means that it exists.
      return error instanceof Error && "code" in error && error.code === "EPERM";
    }
  });
}
