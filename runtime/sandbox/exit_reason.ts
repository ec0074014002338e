/**
 * How a process of agent code ended, in words.
 *
 * @module
 */

/** How a process of agent code ended. */
export interface ExitReason {
  /** Exit code; `null` when a signal ended it or it could not be started. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The rest of a sentence that begins with the process, such as `exited with code 1`. */
  readonly text: string;
}

/** The facts about the end of a process. */
export interface End {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why this side killed it, if it did. */
  readonly killedFor: string | undefined;
  /** Whether V8 said that the heap is full. */
  readonly heapIsFull: boolean;
  /** Largest heap, bytes. */
  readonly heapBytes: number;
}

const MIB = 1024 ** 2;

/** The line on standard error before V8 ends a process whose heap is full. */
const HEAP_IS_FULL = /^# Fatal JavaScript out of memory\b/;

/** Returns whether a line is V8's, which says that the heap is full. */
export function saysHeapIsFull(line: string): boolean {
  return HEAP_IS_FULL.test(line);
}

/** Returns how a process ended. */
export function exitReason({ code, signal, killedFor, heapIsFull, heapBytes }: End): ExitReason {
  if (killedFor !== undefined && signal === "SIGKILL") return { code, signal, text: killedFor };
  // V8 ends the process with a trap; a process that ends in another way had only written the words.
  if (heapIsFull && signal !== null) {
    return { code, signal, text: `filled its heap of ${mebibytes(heapBytes)}` };
  }
  const text = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  return { code, signal, text };
}

/** Returns that a process used more memory than it may. */
export function overLimit(usedBytes: number, limitBytes: number): string {
  // Rounded up, so that it reads as more than the limit.
  const used = Math.ceil(usedBytes / MIB) * MIB;
  return `used ${mebibytes(used)}, more than its limit of ${mebibytes(limitBytes)}`;
}

/** Returns a number of bytes as `1,024 MiB`. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB).toLocaleString("en")} MiB`;
}
