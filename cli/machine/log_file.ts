/**
 * Reading log files, of any size, in bounded memory: lines are cut where they are too long, and the
 * lines of some time are found without reading those before.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { LINE_LENGTH } from "../../runtime/base/log_files.ts";
import { timeOfHead } from "./log_line.ts";
import { readRange } from "./file_range.ts";
import { createLineSplitter } from "../../runtime/base/line_splitter.ts";

/** How much is read at a time, bytes. */
const CHUNK = 256 * 1024;
/** How far a line with a time is looked for, bytes; beyond, all lines are read. */
const REACH = 4 * 1024 * 1024;
const NEWLINE = 10;

/** A part of an open file. */
export interface LogPart {
  readonly file: FileHandle;
  /** Its first byte, where a line begins. */
  readonly from: number;
  /** The byte behind its last. */
  readonly to: number;
}

/** The lines of a part of a file, many at a time. */
export async function* linesIn({ file, from, to }: LogPart): AsyncGenerator<string[]> {
  const splitter = createLineSplitter(LINE_LENGTH);
  for (let at = from; at < to;) {
    const bytes = await readRange(file, at, Math.min(CHUNK, to - at));
    // It has become shorter.
    if (bytes.length === 0) break;
    at += bytes.length;
    yield splitter.push(bytes);
  }
  yield splitter.end();
}

/**
 * The last lines of a file.
 *
 * @param count How many.
 * @throws when there is no such file.
 */
export async function lastLines(path: string, count: number): Promise<string[]> {
  await using file = await open(path);
  const to = (await file.stat()).size;
  const part = { file, from: await tailStart(file, count, to), to };
  return (await Array.fromAsync(linesIn(part))).flat();
}

/**
 * Where the last lines of the beginning of a file begin.
 *
 * @param count How many.
 * @param end Byte to stop before.
 */
export async function tailStart(file: FileHandle, count: number, end: number): Promise<number> {
  let missing = count;
  // The end of the last line begins none.
  let last = end - 1;
  for (let to = end; to > 0 && missing > 0;) {
    const from = Math.max(0, to - CHUNK);
    const bytes = await readRange(file, from, to - from);
    for (let at = bytes.lastIndexOf(NEWLINE); at >= 0; at = bytes.lastIndexOf(NEWLINE, at - 1)) {
      if (from + at === last) last = -1;
      else if (--missing === 0) return from + at + 1;
      if (at === 0) break;
    }
    to = from;
  }
  return missing === 0 ? end : 0;
}

/**
 * Where the lines of a time begin: the first line that is not older, by halving what is left of the
 * file. A log goes forward in time, but for a clock that is set back.
 *
 * @param time Milliseconds since the epoch.
 * @param end Byte to stop before.
 * @returns Where a line begins that has a time, or 0, or `end`.
 */
export async function timeStart(file: FileHandle, time: number, end: number): Promise<number> {
  let [older, newer] = [0, end];
  while (newer - older > CHUNK) {
    const middle = older + Math.floor((newer - older) / 2);
    const found = await timedLine(file, middle, Math.min(newer, middle + REACH));
    // A line that is longer than that, or a part without times: what is left is read.
    if (found === undefined) break;
    if (found.time < time) older = found.at;
    else newer = middle;
  }
  return await firstFrom(file, older, end, time);
}

interface TimedLine {
  /** Where it begins. */
  readonly at: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** The first line that begins behind a byte and has a time; `undefined` when there is none so near. */
async function timedLine(
  file: FileHandle,
  behind: number,
  limit: number,
): Promise<TimedLine | undefined> {
  let isWhole = false;
  for await (const { at, text } of placedLines(file, behind, limit)) {
    const time = isWhole ? timeOfHead(text) : undefined;
    if (time !== undefined) return { at, time };
    isWhole = true;
  }
  return undefined;
}

/** Where the first line from a place on begins that is not older; `end` where all are. */
async function firstFrom(
  file: FileHandle,
  from: number,
  end: number,
  time: number,
): Promise<number> {
  let hasTime = false;
  for await (const { at, text } of placedLines(file, from, end)) {
    const own = timeOfHead(text);
    if (own !== undefined && own >= time) return hasTime ? at : from;
    hasTime ||= own !== undefined;
  }
  return hasTime ? end : from;
}

/** The beginnings of lines, and where they are. */
async function* placedLines(
  file: FileHandle,
  from: number,
  to: number,
): AsyncGenerator<{ at: number; text: string }> {
  const decoder = new TextDecoder();
  let at = from;
  let kept = new Uint8Array();
  for (let next = from; next < to;) {
    const bytes = await readRange(file, next, Math.min(CHUNK, to - next));
    if (bytes.length === 0) break;
    let begin = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, begin)) {
      yield { at, text: decoder.decode(headOf(kept, bytes.subarray(begin, end))) };
      kept = new Uint8Array();
      begin = end + 1;
      at = next + begin;
    }
    kept = headOf(kept, bytes.subarray(begin));
    next += bytes.length;
  }
  if (at < to) yield { at, text: decoder.decode(kept) };
}

/** As much of a line as its time is in. */
const HEAD = 4_096;

function headOf(kept: Uint8Array, more: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(Math.min(HEAD, kept.length + more.length));
  head.set(kept.subarray(0, head.length));
  head.set(more.subarray(0, head.length - kept.length), kept.length);
  return head;
}
