/**
 * Whether a process that was written down is still that process.
 *
 * Deno itself reads nothing below `/proc` unless it may do everything, so `cat` does.
 *
 * @module
 */
import { execFile } from "node:child_process";
import process from "node:process";

/** A process and when it wrote itself down. */
export interface WrittenProcess {
  pid: number;
  /** RFC 3339. */
  startedAt: string;
}

/** Slack between a process starting and writing down when, milliseconds. */
const TOLERANCE = 2_000;

/** Kernel clock ticks of `/proc/<pid>/stat` a second, on every Linux. */
const TICKS_PER_SECOND = 100;

/**
 * Those of the processes that still run. A process id may have been given to another program
 * since: where the system tells start times, a process younger than its record is somebody else's.
 */
export async function stillRunning<T extends WrittenProcess>(processes: T[]): Promise<T[]> {
  const alive = processes.filter(({ pid }) => isAlive(pid));
  if (alive.length === 0) return [];
  const stats = await readStats(alive.map(({ pid }) => pid));
  return alive.filter(({ pid, startedAt }) => isSame(stats.get(pid), startedAt));
}

/** Whether one process still runs. */
export async function isStillRunning(written: WrittenProcess): Promise<boolean> {
  return (await stillRunning([written])).length > 0;
}

function isSame(stat: ProcessStat | undefined, startedAt: string): boolean {
  if (stat === undefined) return true;
  // What has ended stays in the table until its parent asks for it, which not every parent does.
  if (stat.state === "Z" || stat.state === "X") return false;
  const written = Date.parse(startedAt);
  return Number.isNaN(written) || stat.startedAt <= written + TOLERANCE;
}

/** Whether some process has this id. */
function isAlive(pid: number): boolean {
  if (pid <= 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not being allowed to signal it means that it exists.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** What the system tells of a process. */
export interface ProcessStat {
  /** One letter; `Z` has ended. */
  state: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** What `/proc` tells of these processes; nothing where there is none. */
async function readStats(pids: number[]): Promise<Map<number, ProcessStat>> {
  const paths = pids.map((pid) => `/proc/${pid}/stat`);
  return parseStats(await readProc(["/proc/uptime", ...paths]), Date.now());
}

/** The contents of files below `/proc`, one after the other, without those that are gone. */
export function readProc(paths: string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  // `cat` fails when one of them is gone, and still prints the others.
  execFile("cat", paths, (_, stdout) => resolve(stdout));
  return promise;
}

/**
 * Reads the contents of `/proc/uptime` and of several `/proc/<pid>/stat` (see proc_pid_stat(5)).
 *
 * @param now Milliseconds since the epoch.
 */
export function parseStats(text: string, now: number): Map<number, ProcessStat> {
  const [uptime = "", ...lines] = text.split("\n");
  const up = Number(uptime.split(" ")[0]);
  const stats = lines.flatMap((line): [number, ProcessStat][] => {
    // The second field is the program's name in parentheses and may itself contain any of them.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    const state = fields[0];
    const ticks = Number(fields[19]);
    if (state === undefined || !Number.isFinite(ticks) || !Number.isFinite(up)) return [];
    const startedAt = now - (up - ticks / TICKS_PER_SECOND) * 1_000;
    return [[Number.parseInt(line), { state, startedAt }]];
  });
  return new Map(stats);
}
