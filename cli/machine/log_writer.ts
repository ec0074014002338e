/**
 * A log that `meshctl` writes itself: bounded in size, and no reason to end for what cannot be
 * written.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { errorText } from "../../runtime/base/errors.ts";
import { LOG_BYTES, rotateLog } from "../../runtime/base/log_files.ts";
import { PRIVATE } from "./private_file.ts";

/** What {@linkcode LogWriter} may be told. */
export interface LogWriterOptions {
  /** Told once that lines are dropped, and why, and once that no more are. */
  onTrouble(text: string): void;
  /** Largest size, bytes. @default {LOG_BYTES} */
  limit?: number;
  /** Stands in for the disk in tests. */
  write?(file: number, text: string): number;
}

/** Appends lines to a log. */
export class LogWriter implements Disposable {
  readonly #path: string;
  readonly #options: LogWriterOptions;
  #file: number | undefined;
  #size = 0;
  /** Lines that could not be written. */
  #dropped = 0;

  /** @param path Absolute path of the current log. */
  constructor(path: string, options: LogWriterOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** Appends a line. */
  line(text: string): void {
    try {
      this.#append(this.#dropped === 0 ? text : `… ${this.#dropped} lines are missing\n${text}`);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (this.#dropped === 0) return;
    this.#options.onTrouble(`${this.#path} is written again; ${this.#dropped} lines are missing`);
    this.#dropped = 0;
  }

  #append(text: string): void {
    const { limit = LOG_BYTES, write = writeSync } = this.#options;
    if (this.#size > limit) {
      this[Symbol.dispose]();
      rotateLog(this.#path);
    }
    if (this.#file === undefined) {
      this.#file = openSync(this.#path, "a", PRIVATE.file);
      this.#size = fstatSync(this.#file).size;
    }
    this.#size += write(this.#file, `${text}\n`);
  }

  #failed(error: unknown): void {
    this.#dropped += 1;
    if (this.#dropped > 1) return;
    const reason = errorText(error);
    this.#options.onTrouble(`${this.#path} cannot be written, and lines are dropped: ${reason}`);
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#size = 0;
  }
}
