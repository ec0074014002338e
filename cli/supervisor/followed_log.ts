/**
 * A log that is read while it is written.
 *
 * @module
 */
import { type FileHandle, open, stat } from "node:fs/promises";
import { type LogCriteria, LogFilter, type OwnedLine, selected } from "../log_selection.ts";
import { readRange } from "./file_range.ts";
import { createLineSplitter } from "./line_splitter.ts";
import { lastLinesOf } from "./log_file.ts";

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

  /** What there was when the file that is read now was opened, as far as it fits. */
  async before(): Promise<OwnedLine[]> {
    return selected(this.#name, await this.#current?.before() ?? [], this.#criteria);
  }

  /** What was appended since the last time, as far as it fits. */
  async appended(): Promise<OwnedLine[]> {
    const lines = [...await this.#current?.appended() ?? [], ...await this.#goOn()];
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
  readonly #file: FileHandle;
  readonly #start: number;
  #position: number;
  #splitter = createLineSplitter();

  private constructor(file: FileHandle, inode: number, start: number) {
    this.#file = file;
    this.inode = inode;
    this.#start = start;
    this.#position = start;
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

  before(): Promise<string[]> {
    return lastLinesOf(this.#file, 0, this.#start);
  }

  async appended(): Promise<string[]> {
    const { size } = await this.#file.stat();
    // One that was emptied is read from its start.
    if (size < this.#position) {
      this.#position = 0;
      this.#splitter = createLineSplitter();
    }
    const bytes = await readRange(this.#file, this.#position, size - this.#position);
    this.#position += bytes.length;
    return this.#splitter.push(bytes);
  }

  /** What is left, a line without an end too. */
  async end(): Promise<string[]> {
    return [...await this.appended(), ...this.#splitter.end()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
