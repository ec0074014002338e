/**
 * Log files: a current one and four older generations, one a start.
 *
 * @module
 */
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { PRIVATE } from "./private_file.ts";

/** How many older generations are kept. */
export const OLDER_LOGS = 4;

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
export async function rotateLog(current: string): Promise<void> {
  await mkdir(dirname(current), { recursive: true, mode: PRIVATE.folder });
  await rm(olderLog(current, OLDER_LOGS), { force: true });
  for (let generation = OLDER_LOGS - 1; generation >= 1; generation--) {
    await moveIfPresent(olderLog(current, generation), olderLog(current, generation + 1));
  }
  await moveIfPresent(current, olderLog(current, 1));
}

async function moveIfPresent(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!absent) throw error;
  }
}

const CHUNK = 64 * 1024;

/**
 * The last lines of a file.
 *
 * @param count How many; 0 means all.
 * @throws when there is no such file.
 */
export async function lastLines(path: string, count: number): Promise<string[]> {
  await using file = await open(path);
  return await lastLinesOf(file, count, (await file.stat()).size);
}

/**
 * The last lines of the beginning of an open file, read from their end.
 *
 * @param count How many; 0 means all.
 * @param end Byte to stop before.
 */
export async function lastLinesOf(
  file: FileHandle,
  count: number,
  end: number,
): Promise<string[]> {
  let position = end;
  let bytes: Uint8Array = new Uint8Array();
  while (position > 0 && (count === 0 || countNewlines(bytes) <= count)) {
    const length = Math.min(CHUNK, position);
    position -= length;
    const { buffer, bytesRead } = await file.read({
      buffer: new Uint8Array(length),
      position,
    });
    const joined = new Uint8Array(bytesRead + bytes.length);
    joined.set(buffer.subarray(0, bytesRead));
    joined.set(bytes, bytesRead);
    bytes = joined;
  }
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return count === 0 ? lines : lines.slice(-count);
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === 10) count++;
  return count;
}
