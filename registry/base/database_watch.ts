/**
 * Whether the database keeps what is written into it. A disk that is full, and a file that was deleted or
 * replaced while the registry runs, must not go on as if all were well: then it is said once, the health
 * of the registry has it, and nobody is told that something was stored.
 *
 * @module
 */
import type { Log } from "./careful_log.ts";

/** What {@linkcode DatabaseWatch} works with. */
export interface DatabaseWatchOptions {
  kv: Deno.Kv;
  /** Says why what is written is lost although nothing fails, if so. @default it never is */
  lost?: (() => Promise<string | undefined>) | undefined;
  log: Log;
}

/** Written to see whether writing works again: as many bytes as the largest registration. */
const PROBE = { parts: 12, part: new Uint8Array(60_000) };
/** A fault that comes back so soon is not told again, milliseconds: a disk may be nearly full for long. */
const SAME_FAULT_MS = 60_000;

/** What a database is asked for, all of which answers later but `list` and `atomic`. */
const WRITING = ["set", "delete"] as const;
const READING = ["get", "getMany"] as const;

/** Looks after a database. */
export class DatabaseWatch {
  /** The database; what it is asked while it is lost fails. */
  readonly kv: Deno.Kv;
  readonly #options: DatabaseWatchOptions;
  /** Why the last write failed. */
  #refused: string | undefined;
  /** Why what is written is lost. */
  #lost: string | undefined;
  #looking: Promise<void> | undefined;
  /** The fault that the log says is there. */
  #reported: string | undefined;
  /** The last one that was reported. */
  #latest: { readonly fault: string; readonly at: number } | undefined;

  constructor(options: DatabaseWatchOptions) {
    this.#options = options;
    this.kv = this.#watched(options.kv);
  }

  /** What is wrong with the database, if anything; its log has had it. */
  get fault(): string | undefined {
    return this.#lost ?? this.#refused;
  }

  /** Looks whether the file is still there, and whether what did not work works again. Never throws. */
  look(): Promise<void> {
    return this.#looking ??= this.#look().finally(() => this.#looking = undefined);
  }

  async #look(): Promise<void> {
    this.#lost = await this.#options.lost?.();
    this.#report();
    if (this.#lost !== undefined || this.#refused === undefined) return;
    try {
      await this.#probe();
    } catch {
      // That it still does not is known.
      return;
    }
    // What is small may have worked all the time.
    this.#refused = undefined;
    this.#report();
  }

  /** A log that is silent about what follows from a fault that has been told. */
  quiet(log: Log): Log {
    return (line) => {
      if (this.fault === undefined) log(line);
    };
  }

  async #probe(): Promise<void> {
    const { kv } = this.#options;
    const [write, clear] = [kv.atomic(), kv.atomic()];
    for (let part = 0; part < PROBE.parts; part++) {
      write.set(["probe", part], PROBE.part);
      clear.delete(["probe", part]);
    }
    await write.commit();
    await clear.commit();
  }

  /** Says what has become of the database, if it differs from what was said. */
  #report(): void {
    const { fault } = this;
    if (fault === this.#reported) return;
    const now = performance.now();
    if (fault !== undefined) {
      if (fault === this.#latest?.fault && now - this.#latest.at < SAME_FAULT_MS) return;
      this.#latest = { fault, at: now };
    }
    this.#reported = fault;
    this.#options.log(fault ?? "the database keeps what is written again");
  }

  #noted<Args extends unknown[], Result>(operation: (...args: Args) => Promise<Result>) {
    return async (...args: Args): Promise<Result> => {
      this.#insist();
      try {
        return await operation(...args);
      } catch (error) {
        if (isOfDatabase(error)) this.#failed(error);
        throw error;
      }
    };
  }

  #failed(error: Error): void {
    this.#refused ??= `the database does not take writes: ${error.message}`;
    this.#report();
  }

  #insist(): void {
    if (this.#lost !== undefined) throw new Error(this.#lost);
  }

  #watched(kv: Deno.Kv): Deno.Kv {
    const watched = new Map<PropertyKey, unknown>();
    for (const name of WRITING) {
      // The type of a method that is chosen by its name is that of none of them.
      watched.set(name, this.#noted(kv[name].bind(kv) as (...args: unknown[]) => Promise<unknown>));
    }
    for (const name of READING) {
      const read = kv[name].bind(kv) as (...args: unknown[]) => Promise<unknown>;
      watched.set(name, async (...args: unknown[]) => {
        this.#insist();
        return await read(...args);
      });
    }
    watched.set("list", (...args: Parameters<Deno.Kv["list"]>) => {
      this.#insist();
      return kv.list(...args);
    });
    watched.set("atomic", () => {
      const commit = kv.atomic();
      commit.commit = this.#noted(commit.commit.bind(commit));
      return commit;
    });
    return new Proxy(kv, {
      get: (target, name) => {
        const known = watched.get(name);
        if (known !== undefined) return known;
        const member = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  }
}

/** What is said of a request and not of the database; both are of one class. */
const OF_REQUEST = /\(max |too (?:large|many)|cannot be empty|database (?:table )?is locked/i;

/** Whether an error says something of the database, and not of what it was asked to keep. */
function isOfDatabase(error: unknown): error is Error {
  return error instanceof Error && !OF_REQUEST.test(error.message);
}

/**
 * Says whether the file of a database is still the one that was opened.
 *
 * @param path Of the file, which is open.
 */
export async function openedFile(path: string): Promise<() => Promise<string | undefined>> {
  const { dev, ino } = await Deno.stat(path);
  return async () => {
    try {
      const now = await Deno.stat(path);
      if (now.dev === dev && now.ino === ino) return undefined;
      return `the database file ${path} was replaced while the registry runs; restart the registry`;
    } catch (error) {
      // Out of file descriptors, say: that tells nothing of the file.
      if (!(error instanceof Deno.errors.NotFound)) return undefined;
      return `the database file ${path} was deleted while the registry runs; restart the registry`;
    }
  };
}
