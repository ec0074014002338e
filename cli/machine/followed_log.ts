/**
 * A log that is read while it is written.
 *
 * @module
 */
import { type FileHandle, open, stat } from "node:fs/promises";
import { LINE_LENGTH, olderLog } from "../../runtime/base/log_files.ts";
import { chosenLines, type LineStream } from "./log_stream.ts";
import { type LogCriteria, LogFilter, type OwnedLine } from "./log_selection.ts";
import { readRange } from "./file_range.ts";
import { createLineSplitter } from "../../runtime/base/line_splitter.ts";

/** Most that is read at a time, bytes. */
const MOST = 4 * 1024 * 1024;

/**
 * A log that is read while it is written, over rotations.
 *
 * It holds the file open: what was written to it before it was moved away is read to its end.
 */
export class FollowedLog implements AsyncDisposable {
  readonly #name: string;
  readonly #path: string;
  readonly #criteria: LogCriteria;
  readonly #filter: LogFilter;
  #current: OpenLog | undefined;

  private constructor(
    { name, path }: { readonly name: string; readonly path: string },
    criteria: LogCriteria,
  ) {
    this.#name = name;
    this.#path = path;
    this.#criteria = criteria;
    this.#filter = new LogFilter(criteria);
  }

  /** Begins behind what there is now. */
  static async open(
    log: { readonly name: string; readonly path: string },
    criteria: LogCriteria,
  ): Promise<FollowedLog> {
    const followed = new FollowedLog(log, criteria);
    followed.#current = await OpenLog.atEnd(log.path);
    return followed;
  }

  /**
   * What there was when the file that is read now was opened, as far as it fits.
   *
   * @param tail How many lines are wanted, the last; 0 is all.
   */
  async *before(tail: number): LineStream {
    const current = this.#current;
    if (current === undefined) return;
    const opened = { name: this.#name, file: current.file, end: current.start };
    yield* chosenLines(opened, this.#criteria, tail);
  }

  /** Whether there is more than was read the last time. */
  get hasMore(): boolean {
    return this.#current?.hasMore === true;
  }

  /** What was appended since the last time, as far as it fits, or the beginning of it. */
  async appended(): Promise<OwnedLine[]> {
    const lines = await this.#current?.appended(olderLog(this.#path, 1)) ?? [];
    if (!this.hasMore) lines.push(...await this.#goOn());
    const filter = this.#filter;
    return lines.flatMap((text) =>
      filter.shows(text) ? [{ name: this.#name, text, time: filter.time }] : []
    );
  }

  /** Changes to a new file of the same name; the rest of the one before and what is in the new. */
  async #goOn(): Promise<string[]> {
    const inode = (await stat(this.#path).catch(() => undefined))?.ino;
    if (inode === undefined || inode === this.#current?.inode) return [];
    const next = await OpenLog.atStart(this.#path);
    if (next === undefined) return [];
    const rest = await this.#current?.end() ?? [];
    await this[Symbol.asyncDispose]();
    this.#current = next;
    return [...rest, ...await next.appended()];
  }

  /** Lets go of the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current?.[Symbol.asyncDispose]();
    this.#current = undefined;
  }
}

/** One file of a log, and how far it was read. */
class OpenLog implements AsyncDisposable {
  readonly inode: number;
  readonly file: FileHandle;
  /** Where it was opened. */
  readonly start: number;
  #position: number;
  #size: number;
  #splitter = createLineSplitter(LINE_LENGTH);

  private constructor(file: FileHandle, inode: number, start: number) {
    this.file = file;
    this.inode = inode;
    this.start = start;
    this.#position = start;
    this.#size = start;
  }

  /** Undefined where there is none. */
  static async atEnd(path: string): Promise<OpenLog | undefined> {
    return await OpenLog.#open(path, (size) => size);
  }

  /** Undefined where there is none. */
  static async atStart(path: string): Promise<OpenLog | undefined> {
    return await OpenLog.#open(path, () => 0);
  }

  static async #open(path: string, start: (size: number) => number): Promise<OpenLog | undefined> {
    const file = await open(path).catch(() => undefined);
    if (file === undefined) return undefined;
    const { ino, size } = await file.stat();
    return new OpenLog(file, ino, start(size));
  }

  get hasMore(): boolean {
    return this.#position < this.#size;
  }

  /** @param older Where what was in the file is copied to when it is emptied. */
  async appended(older?: string): Promise<string[]> {
    this.#size = (await this.file.stat()).size;
    const lines: string[] = [];
    if (this.#size < this.#position) {
      if (older !== undefined) lines.push(...await this.#restIn(older));
      // One that was emptied is read from its start.
      this.#position = 0;
      this.#splitter = createLineSplitter(LINE_LENGTH);
    }
    const most = Math.min(MOST, this.#size - this.#position);
    const bytes = await readRange(this.file, this.#position, most);
    this.#position += bytes.length;
    return [...lines, ...this.#splitter.push(bytes)];
  }

  /** What was still to be read of a file that was emptied. */
  async #restIn(older: string): Promise<string[]> {
    await using file = await open(older).catch(() => undefined);
    const size = (await file?.stat())?.size ?? 0;
    if (file === undefined || size < this.#position) return [];
    const most = Math.min(MOST, size - this.#position);
    return this.#splitter.push(await readRange(file, this.#position, most));
  }

  /** What is left, a line without an end too. */
  async end(): Promise<string[]> {
    return [...await this.appended(), ...this.#splitter.end()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file.close();
  }
}
