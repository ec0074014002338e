/**
 * A log file that its process writes itself, with a limit: a current one and some older generations. A
 * log becomes an older one when its process is started again, and when it is full.
 *
 * @module
 */

/** Largest log, in bytes; it may be larger by one line. */
export const LOG_BYTES_MAX: number = 10 * 1024 * 1024;
/** How many older generations are kept. */
export const OLDER_LOGS = 4;

/**
 * Returns the path of an older generation.
 *
 * @param current Path of the current log, which ends in `.log`.
 * @param generation 1 is the newest of the older ones.
 */
export function olderLog(current: string, generation: number): string {
  return current.replace(/\.log$/, `.${generation}.log`);
}

/** A log file that lines are appended to. */
export class LogFile implements Disposable {
  readonly #path: string;
  readonly #bytesMax: number;
  #file: Deno.FsFile | undefined;
  #size = 0;

  /**
   * @param path Ends in `.log`. The file is opened with the first line.
   * @param bytesMax Largest size, in bytes.
   */
  constructor(path: string, bytesMax: number = LOG_BYTES_MAX) {
    this.#path = path;
    this.#bytesMax = bytesMax;
  }

  /**
   * Appends a line.
   *
   * @throws When it cannot be written whole.
   */
  write(line: string): void {
    const bytes = new TextEncoder().encode(`${line}\n`);
    if (this.#file !== undefined && this.#size >= this.#bytesMax) this.#rotate();
    const file = this.#file ??= this.#open();
    for (let sent = 0; sent < bytes.length;) {
      const count = file.writeSync(bytes.subarray(sent));
      sent += count;
      this.#size += count;
    }
  }

  #open(): Deno.FsFile {
    const file = Deno.openSync(this.#path, { append: true, create: true, mode: 0o600 });
    this.#size = file.statSync().size;
    return file;
  }

  /** Begins a new file. One that cannot be opened, for want of file descriptors, is opened later. */
  #rotate(): void {
    const before = this.#file;
    try {
      // Unless that is done, and only the new one is missing.
      if (isThere(this.#path)) this.#makeOlder();
      this.#file = this.#open();
      before?.close();
    } catch {
      this.#file = before;
    }
  }

  #makeOlder(): void {
    for (let generation = OLDER_LOGS - 1; generation >= 0; generation--) {
      const from = generation === 0 ? this.#path : olderLog(this.#path, generation);
      if (isThere(from)) Deno.renameSync(from, olderLog(this.#path, generation + 1));
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
