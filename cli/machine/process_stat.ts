/**
 * What the system tells of processes.
 *
 * Deno itself reads nothing below `/proc` unless it may do everything, so `cat` does; where there is
 * no `/proc`, `ps` tells.
 *
 * @module
 */

/** What the system tells of a process. */
export interface ProcessStat {
  /** One letter; `Z` has ended. */
  state: string;
  /** Id of its group: of the process that leads it. */
  group: number;
  /** When it began, such as to be compared only: no two processes of one id have the same. */
  birth: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** Kernel clock ticks of `/proc/<pid>/stat` a second, on every Linux. */
const TICKS_PER_SECOND = 100;

/** Which boot of the system it is: process ids and ticks begin anew with each. */
const BOOT = "/proc/sys/kernel/random/boot_id";

/** In one language everywhere, for it has dates. */
const LISTING = "LC_ALL=C ps -o pid=,pgid=,stat=,lstart=";

/**
 * What the system tells of processes, by id; those that are gone are left out.
 *
 * @returns `undefined` where the system tells nothing.
 */
export async function processStats(
  pids: number[],
): Promise<Map<number, ProcessStat> | undefined> {
  if (pids.length === 0) return new Map();
  const paths = pids.map((pid) => `/proc/${pid}/stat`);
  const text = await readProc([BOOT, "/proc/uptime", ...paths]);
  if (text !== "") return parseStats(text, Date.now());
  const listed = await output("sh", ["-c", `${LISTING} -p ${pids.join(",")}`]);
  return listed === "" ? undefined : parseListing(listed);
}

/** What the system tells of all processes. */
export async function allProcessStats(): Promise<Map<number, ProcessStat>> {
  const text = await output("sh", ["-c", `cat ${BOOT} /proc/uptime /proc/[0-9]*/stat`]);
  if (text !== "") return parseStats(text, Date.now());
  return parseListing(await output("sh", ["-c", `${LISTING} -ax`]));
}

/** When a process began, as {@linkcode ProcessStat.birth}; `undefined` where nothing tells. */
export async function birthOf(pid: number): Promise<string | undefined> {
  return (await processStats([pid]))?.get(pid)?.birth;
}

/** The contents of files below `/proc`, one after the other, without those that are gone. */
export function readProc(paths: string[]): Promise<string> {
  return output("cat", paths);
}

/**
 * What a program prints, also when it fails: these do for one process that is gone. Nothing when there
 * is no such program.
 */
export async function output(command: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(command, { args, stdin: "null", stderr: "null" })
      .output();
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/**
 * Reads the id of the boot, `/proc/uptime` and several `/proc/<pid>/stat` (see proc_pid_stat(5)).
 *
 * @param now Milliseconds since the epoch.
 */
export function parseStats(text: string, now: number): Map<number, ProcessStat> {
  const [boot = "", uptime = "", ...lines] = text.split("\n");
  const up = Number(uptime.split(" ")[0]);
  return new Map(lines.flatMap((line): [number, ProcessStat][] => {
    // The second field is the program's name in parentheses and may itself contain any of them.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    const [state, , group] = fields;
    const ticks = Number(fields[19]);
    if (state === undefined || !Number.isFinite(ticks) || !Number.isFinite(up)) return [];
    const startedAt = now - (up - ticks / TICKS_PER_SECOND) * 1_000;
    const stat = { state, group: Number(group), birth: `${boot}/${ticks}`, startedAt };
    return [[Number.parseInt(line), stat]];
  }));
}

/** Reads what `ps -o pid=,pgid=,stat=,lstart=` prints. */
export function parseListing(text: string): Map<number, ProcessStat> {
  return new Map(
    text.split("\n").flatMap((line): [number, ProcessStat][] => {
      const [, pid, group, state, start = ""] = /^\s*(\d+)\s+(\d+)\s+(\S)\S*\s+(.*\S)/.exec(line) ??
        [];
      if (state === undefined) return [];
      return [[
        Number(pid),
        { state, group: Number(group), birth: start, startedAt: Date.parse(start) },
      ]];
    }),
  );
}
