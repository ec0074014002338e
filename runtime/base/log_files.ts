/**
 * Log files: a current one and older generations, one a start, each of a bounded size. `meshctl` and
 * the processes it starts go by the same rule.
 *
 * @module
 */
import { dirname } from "node:path";

/** How many older generations are kept. */
export const OLDER_LOGS = 4;
/** Largest that a log grows before it becomes an older generation, bytes. */
export const LOG_BYTES = 32 * 1024 * 1024;
/** Longest line that is shown or passed on, in UTF-16 units; of a longer one, its beginning. */
export const LINE_LENGTH = 64 * 1024;

/**
 * Path of an older generation.
 *
 * @param current Path of the current log, which ends in `.log`.
 * @param generation 1 is the newest of the older ones.
 */
export function olderLog(current: string, generation: number): string {
  return current.replace(/\.log$/, `.${generation}.log`);
}

/** Makes room for a new log: every generation becomes one older, the oldest is dropped. */
export function rotateLog(current: string): void {
  makeRoom(current);
  moveIfPresent(current, olderLog(current, 1));
}

/** Makes room for one more older generation. */
function makeRoom(current: string): void {
  Deno.mkdirSync(dirname(current), { recursive: true, mode: 0o700 });
  removeIfPresent(olderLog(current, OLDER_LOGS));
  for (let generation = OLDER_LOGS - 1; generation >= 1; generation--) {
    moveIfPresent(olderLog(current, generation), olderLog(current, generation + 1));
  }
}

/** How often a log that somebody else writes is looked at, milliseconds. */
const LOOK_EVERY_MS = 1_000;
/** How much is copied at a time, bytes. */
const CHUNK = 1024 * 1024;

/**
 * Keeps logs from growing without bound that processes hold open and append to: what is in one that
 * has become too large is copied to an older generation, and the file begins anew. What is written
 * between the two is lost.
 *
 * @param paths Absolute paths of current logs.
 * @param limit Largest size, bytes.
 * @returns Ends it.
 */
export function boundLogs(paths: readonly string[], limit: number = LOG_BYTES): Disposable {
  const timer = setInterval(() => {
    for (const path of paths) {
      try {
        boundLog(path, limit);
      } catch {
        // What cannot be made smaller now may be later; nothing ends for it.
      }
    }
  }, LOOK_EVERY_MS);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** One look at a log; see {@linkcode boundLogs}. */
export function boundLog(path: string, limit: number): void {
  if (sizeOf(path) <= limit) return;
  try {
    makeRoom(path);
    // Between two looks it may have grown beyond.
    copyEnd(path, olderLog(path, 1), 2 * limit);
  } catch {
    // Where there is no room for the copy, there is none for what comes either unless this goes.
  }
  Deno.truncateSync(path);
}

/** Copies the last so many bytes of a file. */
function copyEnd(from: string, to: string, limit: number): void {
  using source = Deno.openSync(from);
  using target = Deno.openSync(to, { write: true, create: true, truncate: true, mode: 0o600 });
  let left = Math.min(source.statSync().size, limit);
  source.seekSync(-left, Deno.SeekMode.End);
  const buffer = new Uint8Array(Math.min(CHUNK, left));
  while (left > 0) {
    const read = source.readSync(buffer.subarray(0, Math.min(buffer.length, left))) ?? 0;
    if (read === 0) return;
    for (let written = 0; written < read;) {
      written += target.writeSync(buffer.subarray(written, read));
    }
    left -= read;
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    // Nothing was written yet.
    return 0;
  }
}

function moveIfPresent(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function removeIfPresent(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
