/**
 * The use of a process together with all that it has started.
 *
 * @module
 */

/** Processor time and memory of a process and all below it. */
export interface Used {
  /** Processor time, in seconds. */
  readonly cpuSeconds: number;
  /** Resident memory, in bytes; pages that processes share count for each. */
  readonly memoryBytes: number;
  /** Resident memory of the process alone. */
  readonly ownMemoryBytes: number;
}

/** Linux counts processor time in ticks of 10 ms, and memory in pages of 4 KiB. */
const TICKS_PER_SECOND = 100;
const PAGE = 4096;

interface Entry extends Omit<Used, "ownMemoryBytes"> {
  readonly parent: number;
}

/**
 * Adds up what a process and all below it use.
 *
 * @param stats The lines of `/proc/<id>/stat` (proc_pid_stat(5)) of all processes.
 * @returns `undefined` when the process is not among them.
 */
export function usedIn(stats: string, pid: number): Used | undefined {
  const entries = new Map(stats.split("\n").filter((line) => line !== "").map(entryOf));
  const own = entries.get(pid);
  if (own === undefined) return undefined;
  const members = [...entries].filter(([id]) => isBelow(id, pid, entries)).map(([, entry]) =>
    entry
  );
  return {
    cpuSeconds: members.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    memoryBytes: members.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    ownMemoryBytes: own.memoryBytes,
  };
}

function entryOf(line: string): readonly [pid: number, entry: Entry] {
  // The name of a program, in parentheses, may hold anything.
  const [pid] = line.split(" ", 1);
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return [Number(pid), {
    parent: field(4),
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    memoryBytes: field(24) * PAGE,
  }];
}

function isBelow(pid: number, top: number, entries: ReadonlyMap<number, Entry>): boolean {
  for (let at: number | undefined = pid; at !== undefined; at = entries.get(at)?.parent) {
    if (at === top) return true;
  }
  return false;
}
