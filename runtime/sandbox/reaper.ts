/**
 * The reaper: a shell beside a trusted process that looks at the processes of agent code and ends
 * them. Deno reads nothing below `/proc` and signals no process group unless it may do everything; a
 * shell of 1 MB does both with its own commands and starts no other program where there is a `/proc`.
 * It outlives the trusted process by the moment that it takes to end what that has left, whatever the
 * code does: it loops, ignores signals, has stopped itself or has started others.
 *
 * Where there is no shell, such as on Windows and in images without one, memory beyond the heap is not
 * limited and a process is ended without those that it started.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { errorText } from "../base/errors.ts";
import { createLineSplitter } from "../base/line_splitter.ts";
import type { LogLevel } from "../base/log.ts";
import { SHELL } from "../base/shell.ts";

/** Options for {@linkcode Reaper}. */
export interface ReaperOptions {
  /** Gets what keeps the reaper from its work. */
  readonly log: (level: LogLevel, message: string) => void;
  /** Time between two looks at the memory in use, milliseconds. @default {500} */
  readonly lookMs?: number;
  /** Path of the shell. @default {SHELL} */
  readonly shell?: string;
  /** Where the system describes processes; `ps` does so where this is missing. @default {"/proc"} */
  readonly proc?: string;
}

/** A process whose group ends at the latest when the trusted process does. */
interface Guarded {
  readonly limitBytes: number;
  readonly onOver: (usedBytes: number) => void;
}

/** Time between two looks at the memory in use, milliseconds. */
const LOOK_MS = 500;
/** How often a command is given when the shell ends with it: a new shell gets it once more. */
const ATTEMPTS = 2;

/**
 * The program of the shell. It reads commands of a word and a process id, and answers each with lines
 * and a full stop. `$1` is where the system describes processes. When its input ends it kills what it
 * still guards. A process is said to have begun as `birthOf` of `meshctl` says it.
 */
const PROGRAM = String.raw`
export LC_ALL=C
proc=$1
guarded=
page=4
if test -r "$proc/self/smaps"; then
  while read -r key value rest; do
    case $key in KernelPageSize:) page=$value; break ;; esac
  done <"$proc/self/smaps"
fi
look() {
  if test -r "$proc/self/statm"; then
    for each in $guarded; do
      if read -r size pages rest 2>/dev/null <"$proc/$each/statm"; then
        echo "$each $((pages * page))"
      fi
    done
  elif test -n "$guarded"; then
    ps -o pid= -o rss= -p "$(echo $guarded | tr ' ' ,)"
  fi
}
birth() {
  if test -r "$proc/self/stat"; then
    read -r boot <"$proc/sys/kernel/random/boot_id"
    read -r line 2>/dev/null <"$proc/$1/stat" || return
    set -f
    set -- ${"$"}{line##*) }
    set +f
    echo "$boot/${"$"}{20}"
  else
    ps -o lstart= -p "$1"
  fi
}
while read -r word pid; do
  case $word in
    guard) guarded="$guarded $pid" ;;
    forget)
      rest=
      for each in $guarded; do test "$each" = "$pid" || rest="$rest $each"; done
      guarded=$rest ;;
    look) look ;;
    birth) birth "$pid" ;;
    end) kill -9 "-$pid" ;;
  esac
  echo .
done
for each in $guarded; do kill -9 "-$each"; done
`;

/** Looks at the processes of agent code and ends them. */
export class Reaper implements AsyncDisposable {
  readonly #options: ReaperOptions;
  readonly #guarded = new Map<number, Guarded>();
  #shell: Shell | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether there is no shell that does its work. */
  #isMissing = false;

  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  /**
   * Guards a process that leads a group: the group ends at the latest when this process does.
   *
   * @param pid Id of the process.
   * @param limitBytes Largest resident size.
   * @param onOver Gets the resident size, in bytes, at every look that finds it above the limit.
   */
  guard(pid: number, limitBytes: number, onOver: (usedBytes: number) => void): void {
    const hasShell = this.#shell !== undefined;
    this.#guarded.set(pid, { limitBytes, onOver });
    // A new shell is given everything that is guarded.
    if (hasShell) void this.#ask(`guard ${pid}`);
    else this.#start();
    this.#lookLater();
  }

  /** Guards a process that has ended no longer. */
  forget(pid: number): void {
    if (this.#guarded.delete(pid)) void this.#ask(`forget ${pid}`);
  }

  /**
   * Kills everything in the group of a process. As long as anything of the group is left, no other
   * process gets its id.
   */
  async end(pid: number): Promise<void> {
    if (pid > 1) await this.#ask(`end ${pid}`);
  }

  /**
   * Returns when a process began, as `meshctl` compares it: no other process has this and the id.
   *
   * @returns `undefined` where the system does not say.
   */
  async birthOf(pid: number): Promise<string | undefined> {
    const [line = ""] = pid > 1 ? await this.#ask(`birth ${pid}`) : [];
    const birth = line.trim();
    return birth === "" || birth.endsWith("/") ? undefined : birth;
  }

  /** Ends every group that is still guarded. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#guarded.clear();
    clearTimeout(this.#timer);
    const shell = this.#shell;
    this.#shell = undefined;
    this.#isMissing = true;
    await shell?.[Symbol.asyncDispose]();
  }

  #lookLater(): void {
    if (this.#guarded.size === 0 || this.#isMissing) return;
    this.#timer ??= setTimeout(() => void this.#look(), this.#options.lookMs ?? LOOK_MS);
  }

  async #look(): Promise<void> {
    for (const line of await this.#ask("look")) {
      const use = parseUse(line);
      if (use === undefined) continue;
      const guarded = this.#guarded.get(use.pid);
      if (guarded !== undefined && use.bytes > guarded.limitBytes) guarded.onOver(use.bytes);
    }
    this.#timer = undefined;
    this.#lookLater();
  }

  /** Gives the shell a command and returns its answer; an empty one where there is no shell. */
  async #ask(command: string): Promise<readonly string[]> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const answer = await (this.#shell ?? this.#start())?.ask(command);
      if (answer !== undefined) return answer;
    }
    return [];
  }

  #start(): Shell | undefined {
    if (this.#isMissing) return undefined;
    const { shell = SHELL, proc = "/proc" } = this.#options;
    try {
      const started = this.#shell = new Shell(
        shell,
        proc,
        (reason) => this.#ended(started, reason),
      );
      for (const pid of this.#guarded.keys()) void started.ask(`guard ${pid}`);
      return started;
    } catch (error) {
      // Deno refuses to run it.
      this.#missing(errorText(error));
      return undefined;
    }
  }

  #ended(shell: Shell, reason: string): void {
    if (this.#shell !== shell) return;
    this.#shell = undefined;
    if (!shell.hasAnswered) return this.#missing(reason);
    this.#options.log(
      "warn",
      `the shell that looks after agent code ${reason}; another takes over`,
    );
  }

  #missing(reason: string): void {
    this.#isMissing = true;
    const { log, shell = SHELL } = this.#options;
    log(
      "warn",
      `the memory of agent code is limited by its heap alone, because ${shell} ${reason}; ` +
        "install a shell there",
    );
  }
}

/** One run of the shell. */
class Shell implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #gone = Promise.withResolvers<void>();
  /** Gets the answers, in the order of the commands; `undefined` when the shell ends without one. */
  readonly #waiting: ((answer: readonly string[] | undefined) => void)[] = [];
  #answer: string[] = [];
  #isGone = false;
  /** Whether it has ever answered. */
  hasAnswered = false;

  /** @param onEnd Gets how it ended, as `exited with code 1`. */
  constructor(path: string, proc: string, onEnd: (reason: string) => void) {
    // In a group of its own: it outlives a trusted process that is killed with its group.
    this.#process = spawn(path, ["-c", PROGRAM, "reaper", proc], {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const over = (reason: string) => {
      if (this.#isGone) return;
      this.#isGone = true;
      onEnd(reason);
      for (const resolve of this.#waiting.splice(0)) resolve(undefined);
      this.#gone.resolve();
    };
    this.#process.on("error", (error) => over(`cannot be run (${error.message})`));
    this.#process.on("close", (code, signal) => {
      over(signal === null ? `exited with code ${code}` : `was ended by ${signal}`);
    });
    // Its end is reported as such.
    this.#process.stdin?.on("error", () => {});
    const splitter = createLineSplitter();
    this.#process.stdout?.on("data", (bytes: Uint8Array) => {
      for (const line of splitter.push(bytes)) this.#receive(line);
    });
  }

  /** @returns `undefined` when it has ended instead of answering. */
  ask(command: string): Promise<readonly string[] | undefined> {
    if (this.#isGone) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<readonly string[] | undefined>();
    this.#waiting.push(resolve);
    this.#process.stdin?.write(`${command}\n`);
    return promise;
  }

  /** Ends its input, upon which it ends what it guards and itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin?.end();
    await this.#gone.promise;
  }

  #receive(line: string): void {
    if (line !== ".") {
      this.#answer.push(line);
      return;
    }
    this.hasAnswered = true;
    const answer = this.#answer;
    this.#answer = [];
    this.#waiting.shift()?.(answer);
  }
}

/** Reads a process id and its resident size in KiB; a process that has ended has none. */
function parseUse(line: string): { readonly pid: number; readonly bytes: number } | undefined {
  const [, pid, kib] = /^\s*(\d+)\s+(\d+)\s*$/.exec(line) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), bytes: Number(kib) * 1024 };
}
