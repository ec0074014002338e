/**
 * Tells of files whose contents have changed: at once, and again when nothing has changed for a
 * while. A file that is touched or written as it was has not changed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** What {@linkcode FileWatch} needs. */
export interface FileWatchOptions {
  /** How long nothing must have changed, milliseconds. */
  quietMs: number;
  /** Whether a file is of interest that was not named; files that were named are. */
  wants(path: string): boolean;
  /** Told of every change at once, unless it leaves the file empty or gone. */
  onChange(path: string): void;
  /** Told of all changes since the last time, once nothing has changed for a while. */
  onQuiet(paths: string[], lastAt: number): void;
}

/** What is watched; absolute paths. */
export interface WatchedPaths {
  /** These files, which need not exist. */
  files: Iterable<string>;
  /** Everything of interest directly in these folders. */
  folders: Iterable<string>;
  /** Everything of interest in these folders and below. */
  trees: Iterable<string>;
}

/** Watches files. */
export class FileWatch implements Disposable {
  readonly #options: FileWatchOptions;
  readonly #known = new Map<string, string>();
  readonly #pending = new Set<string>();
  /** Files that were seen empty or gone, as each file is for a moment while it is written. */
  readonly #emptied = new Set<string>();
  /** Folders as the system names them, and as they were given. */
  readonly #given = new Map<string, string>();
  #watchers: Deno.FsWatcher[] = [];
  #watched = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastAt = 0;

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** Watches these and nothing else. What files that were not watched yet contain now is known. */
  watch({ files, folders, trees }: WatchedPaths): void {
    const named = [...files];
    const known = new Map(named.map((path) => [path, this.#known.get(path) ?? digestOf(path)]));
    for (const [path, digest] of known) this.#known.set(path, digest);
    const flat = existing([...named.map((path) => dirname(path)), ...folders]);
    const deep = existing(trees);
    const watched = JSON.stringify([flat, deep]);
    if (watched === this.#watched) return;
    const before = this.#watchers;
    this.#watched = watched;
    this.#given.clear();
    for (const folder of [...flat, ...deep]) this.#given.set(realpathSync(folder), folder);
    this.#watchers = [
      ...(flat.length > 0 ? [Deno.watchFs(flat, { recursive: false })] : []),
      ...(deep.length > 0 ? [Deno.watchFs(deep)] : []),
    ];
    for (const watcher of this.#watchers) void this.#follow(watcher);
    for (const watcher of before) watcher.close();
    this.look();
  }

  /** Looks at every file that is known: changes may have come before they were watched. */
  look(): void {
    for (const path of this.#known.keys()) this.#seen(path);
  }

  async #follow(watcher: Deno.FsWatcher): Promise<void> {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      for (const path of paths) {
        const folder = dirname(path);
        const given = join(this.#given.get(folder) ?? folder, basename(path));
        if (this.#known.has(given) || (!isTemporary(given) && this.#options.wants(given))) {
          this.#seen(given);
        }
      }
    }
  }

  #seen(path: string): void {
    const digest = digestOf(path);
    if (digest === (this.#known.get(path) ?? ABSENT)) return;
    this.#lastAt = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#quiet(), this.#options.quietMs);
    if (digest === ABSENT) {
      this.#emptied.add(path);
      return;
    }
    this.#known.set(path, digest);
    this.#pending.add(path);
    this.#options.onChange(path);
  }

  #quiet(): void {
    const stillEmpty = [...this.#emptied].filter((path) => digestOf(path) === ABSENT);
    this.#emptied.clear();
    for (const path of stillEmpty) this.#known.set(path, ABSENT);
    const paths = [...this.#pending.union(new Set(stillEmpty))];
    this.#pending.clear();
    if (paths.length > 0) this.#options.onQuiet(paths, this.#lastAt);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}

/** What stands for the contents of a file that is empty or not there. */
const ABSENT = "";

function digestOf(path: string): string {
  try {
    const contents = readFileSync(path);
    return contents.length === 0 ? ABSENT : createHash("sha1").update(contents).digest("base64");
  } catch {
    // Not there, or a folder, or not readable: none of it can be run.
    return ABSENT;
  }
}

/** Each folder, or the nearest one above it that exists, once. */
function existing(folders: Iterable<string>): string[] {
  const found = new Set<string>();
  for (let folder of folders) {
    while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
    found.add(folder);
  }
  return [...found].toSorted();
}

/** Whether a file is one that editors keep beside the one that is edited. */
function isTemporary(path: string): boolean {
  return /^[.#]|~$|\.(swp|swx|tmp|bak)$/.test(basename(path));
}
