/**
 * A log that is read while it is written.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { type LogCriteria, LogFilter, type OwnedLine, selected } from "../log_selection.ts";
import { readRange } from "./file_range.ts";
import { lastLines } from "./log_file.ts";

/** A log that is read while it is written, over rotations. */
export class FollowedLog {
  readonly #name: string;
  readonly #path: string;
  readonly #criteria: LogCriteria;
  readonly #filter: LogFilter;
  #decoder = new TextDecoder();
  /** Where reading goes on, and in which file. */
  #position: number;
  #inode: number | undefined;
  /** The beginning of a line whose end has not been written. */
  #rest = "";

  private constructor(
    { name, path }: { readonly name: string; readonly path: string },
    criteria: LogCriteria,
    info: { readonly size: number; readonly ino: number } | undefined,
  ) {
    this.#name = name;
    this.#path = path;
    this.#criteria = criteria;
    this.#filter = new LogFilter(criteria);
    this.#position = info?.size ?? 0;
    this.#inode = info?.ino;
  }

  /** Begins behind what there is now. */
  static async open(
    log: { readonly name: string; readonly path: string },
    criteria: LogCriteria,
  ): Promise<FollowedLog> {
    return new FollowedLog(log, criteria, await stat(log.path).catch(() => undefined));
  }

  /** What there was when it was opened, as far as it fits. */
  async before(): Promise<OwnedLine[]> {
    const lines = await lastLines(this.#path, 0, this.#position).catch(() => []);
    return selected(this.#name, lines, this.#criteria);
  }

  /** What was appended since the last time, as far as it fits. */
  async appended(): Promise<OwnedLine[]> {
    const info = await stat(this.#path).catch(() => undefined);
    if (info === undefined) return [];
    // A new file of the same name, or one that was emptied, is read from its start.
    if (info.ino !== this.#inode || info.size < this.#position) {
      this.#position = 0;
      this.#decoder = new TextDecoder();
      this.#rest = "";
    }
    this.#inode = info.ino;
    const bytes = await readRange(this.#path, this.#position, info.size - this.#position);
    this.#position += bytes.length;
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    const filter = this.#filter;
    return lines.flatMap((text) =>
      filter.shows(text) ? [{ name: this.#name, text, time: filter.time }] : []
    );
  }
}
