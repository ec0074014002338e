/**
 * Whether a process that was written down is still that process.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";

/** Slack between a process starting and writing down when, milliseconds. */
const TOLERANCE = 2_000;

/** Kernel clock ticks of `/proc/<pid>/stat` a second, on every Linux. */
const TICKS_PER_SECOND = 100;

/**
 * Whether the process that wrote itself down still runs. A process id may have been given to
 * another program since: where the system tells start times, a process younger than its record is
 * somebody else's.
 *
 * @param pid Its process id.
 * @param writtenAt When it wrote itself down, RFC 3339.
 */
export function isStillRunning(pid: number, writtenAt: string): boolean {
  if (!isAlive(pid)) return false;
  const stat = readStat(pid);
  if (stat === undefined) return true;
  if (stat.state === "Z" || stat.state === "X") return false;
  const written = Date.parse(writtenAt);
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

interface ProcessStat {
  state: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** What `/proc` tells, where there is one. */
function readStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(
      readFileSync(`/proc/${pid}/stat`, "utf8"),
      readFileSync("/proc/uptime", "utf8"),
      Date.now(),
    );
  } catch {
    return undefined;
  }
}

/**
 * Reads the contents of `/proc/<pid>/stat` (see proc_pid_stat(5)).
 *
 * @param uptime Contents of `/proc/uptime`.
 * @param now Milliseconds since the epoch.
 */
export function parseStat(stat: string, uptime: string, now: number): ProcessStat | undefined {
  // The second field is the program's name in parentheses and may itself contain any of them.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  const ticks = Number(fields[19]);
  const up = Number(uptime.split(" ")[0]);
  if (state === undefined || !Number.isFinite(ticks) || !Number.isFinite(up)) return undefined;
  return { state, startedAt: now - (up - ticks / TICKS_PER_SECOND) * 1_000 };
}
