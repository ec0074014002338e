/**
 * The process that runs the code of an agent, as the trusted process sees it: started with limits,
 * heard, and ended whatever its code does. Its messages go over a channel, whose contents are not
 * this module's business; what it writes to its standard output and error are log lines.
 *
 * The process ends with its exit, not with its channel or its output: programs that it has started
 * inherit both.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Duplex, type Readable } from "node:stream";
import { errorText } from "../base/errors.ts";
import { createLineSplitter } from "../base/line_splitter.ts";
import { LINE_LENGTH } from "../base/log_files.ts";
import { byShell } from "../base/shell.ts";
import { TokenBucket } from "../base/token_bucket.ts";
import { visibleLine } from "../base/visible.ts";
import { type ExitReason, exitReason, overLimit, saysHeapIsFull } from "./exit_reason.ts";
import { LogBudget } from "./log_budget.ts";
import type { Reaper } from "./reaper.ts";

/** The stream that a line was written to. */
export type LineSource = "stdout" | "stderr";

/** Options for {@linkcode startCodeProcess}. */
export interface CodeProcessOptions {
  /** Flags of `deno run`, permissions among them. The limits are added after them, so that they hold. */
  readonly flags: readonly string[];
  /** The module to run and its arguments. */
  readonly program: readonly [module: string, ...args: string[]];
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute working folder; it must exist. */
  readonly cwd: string;
  /** Largest resident size, bytes. */
  readonly memoryBytes: number;
  /** Looks at the memory of the process and ends what it leaves. One does for all of a trusted process. */
  readonly reaper: Reaper;
  /** Gets each line that the process writes, fit for a terminal. */
  readonly onLine: (source: LineSource, line: string) => void;
  /** Bounds the lines. @default a budget of its own, which reports as a line of `stderr` */
  readonly logBudget?: LogBudget;
}

/** A process that runs the code of an agent. */
export interface CodeProcess {
  /** 0 when it could not be started. */
  readonly pid: number;
  /**
   * When the process began, as records have it: no other process has this and the id. `undefined` where
   * the system does not say.
   */
  readonly birth: Promise<string | undefined>;
  /**
   * File descriptor 3 of the process, as a stream of bytes. Nobody needs to listen to its errors. It is
   * closed at the latest when {@linkcode CodeProcess.exited} settles.
   */
  readonly channel: Duplex;
  /**
   * Settles when the process has ended and all that it had written was handed out. A program that it
   * has started and that still writes is waited for a moment only.
   */
  readonly exited: Promise<ExitReason>;
  /** Settles when the programs that it had started in its group have been killed too. */
  readonly gone: Promise<void>;
  /**
   * Kills it with everything in its group: also when it loops, ignores signals or has stopped itself.
   *
   * @param reason Why, as {@linkcode ExitReason.text} is to say it. @default `was ended by SIGKILL`
   */
  kill(reason?: string): void;
}

/** Output that is read a second, bytes; a process that writes more waits until it is read. */
const READ_PER_SECOND = 8 * 1024 * 1024;
/** A line takes as long to read as so many bytes of one that is long. */
const LINE_COST = 64;
/** How long output may keep coming after the exit, when a program that was started has the pipes. */
const DRAIN_MS = 200;
/** The part of its memory that a process may use for its heap; buffers and the program need the rest. */
const HEAP_PART = 0.75;

/**
 * Starts a process that runs the code of an agent, in a group of its own. The trusted process needs
 * permission to run `Deno.execPath()`.
 */
export function startCodeProcess(options: CodeProcessOptions): CodeProcess {
  const heapBytes = Math.floor(options.memoryBytes * HEAP_PART);
  try {
    return new RunningCode(spawnCode(options, heapBytes), heapBytes, options);
  } catch (error) {
    return unstarted(errorText(error));
  }
}

function spawnCode(options: CodeProcessOptions, heapBytes: number): ChildProcess {
  const { flags, program, cwd, env } = options;
  const heap = `--v8-flags=--max-old-space-size=${Math.floor(heapBytes / 1024 ** 2)}`;
  const deno = [Deno.execPath(), "run", ...flags, heap, ...program] as const;
  const [command, ...args] = byShell(deno, { env, before: WITHOUT_CORE }) ?? deno;
  return spawn(command, args, {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
}

/**
 * Sets a limit for good: no core file is written, which would hold all of its memory. Deno has no call
 * for that.
 */
const WITHOUT_CORE = "ulimit -c 0; ";

class RunningCode implements CodeProcess {
  readonly pid: number;
  readonly birth: Promise<string | undefined>;
  readonly channel: Duplex;
  readonly exited: Promise<ExitReason>;
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  #killedFor: string | undefined;
  #heapIsFull = false;

  constructor(
    child: ChildProcess,
    heapBytes: number,
    { memoryBytes, reaper, onLine, logBudget }: CodeProcessOptions,
  ) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    // Node's types know of three streams; the fourth is a socket, as `stdio` asks for.
    this.channel = (child.stdio as unknown as (Duplex | null | undefined)[])[3] ?? closedChannel();
    // The end of the channel says nothing that the exit does not.
    this.channel.on("error", () => {});
    const budget = logBudget ?? new LogBudget((_level, text) => onLine("stderr", text));
    const output = new Output(child, budget, (source, line) => {
      this.#heapIsFull ||= source === "stderr" && saysHeapIsFull(line);
      onLine(source, line);
    });
    const { promise: gone, resolve: resolveGone } = Promise.withResolvers<void>();
    this.gone = gone;
    const { promise: exited, resolve } = Promise.withResolvers<ExitReason>();
    this.exited = exited;
    child.on("error", (error) => {
      resolve(notStarted(errorText(error)));
      resolveGone();
    });
    child.on("exit", (code, signal) => {
      output.finish();
      const drained = setTimeout(() => close(), DRAIN_MS);
      const close = () => {
        clearTimeout(drained);
        output[Symbol.dispose]();
        this.channel.destroy();
        const killedFor = this.#killedFor;
        resolve(exitReason({ code, signal, killedFor, heapIsFull: this.#heapIsFull, heapBytes }));
      };
      child.on("close", close);
      void reaper.end(this.pid).then(() => {
        reaper.forget(this.pid);
        resolveGone();
      });
    });
    if (this.pid > 0) {
      reaper.guard(this.pid, memoryBytes, (used) => this.kill(overLimit(used, memoryBytes)));
    }
    this.birth = reaper.birthOf(this.pid);
  }

  kill(reason?: string): void {
    // The first reason is why it ends.
    this.#killedFor ??= reason;
    // The rest of its group follows at its exit.
    this.#child.kill("SIGKILL");
  }
}

/** Hands out what a process writes, line by line, within a budget. */
class Output implements Disposable {
  readonly #child: ChildProcess;
  readonly #onLine: CodeProcessOptions["onLine"];
  readonly #budget: LogBudget;
  readonly #pace = new TokenBucket(READ_PER_SECOND, Date.now);
  readonly #ends: (() => void)[] = [];
  readonly #resumes = new Set<ReturnType<typeof setTimeout>>();
  #isFinishing = false;
  #isOver = false;

  constructor(child: ChildProcess, budget: LogBudget, onLine: CodeProcessOptions["onLine"]) {
    this.#child = child;
    this.#budget = budget;
    this.#onLine = onLine;
    this.#read("stdout", child.stdout);
    this.#read("stderr", child.stderr);
  }

  /** Reads what is left in the pipes at once: a process that has ended writes no more. */
  finish(): void {
    this.#isFinishing = true;
    for (const timer of this.#resumes) clearTimeout(timer);
    this.#child.stdout?.resume();
    this.#child.stderr?.resume();
  }

  /** Reads no more, and hands out the line that is unfinished. */
  [Symbol.dispose](): void {
    if (this.#isOver) return;
    for (const end of this.#ends) end();
    this.#isOver = true;
    this.#budget.flush();
  }

  #read(source: LineSource, stream: Readable | null): void {
    if (stream === null) return;
    const splitter = createLineSplitter(LINE_LENGTH);
    stream.on("data", (bytes: Uint8Array) => {
      if (this.#isOver) return;
      const lines = splitter.push(bytes);
      this.#handOut(source, lines);
      this.#slowDown(stream, bytes.length + lines.length * LINE_COST);
    });
    stream.on("error", () => {});
    this.#ends.push(() => {
      this.#handOut(source, splitter.end());
      stream.destroy();
    });
  }

  #handOut(source: LineSource, lines: readonly string[]): void {
    const admitted = this.#budget.admit(lines);
    for (const line of lines.slice(0, admitted)) this.#onLine(source, visibleLine(line));
  }

  /** A process that writes without end costs this one no more than a part of its time. */
  #slowDown(stream: Readable, cost: number): void {
    const waitMs = this.#pace.take(cost);
    if (waitMs === 0 || this.#isFinishing) return;
    stream.pause();
    const timer = setTimeout(() => {
      this.#resumes.delete(timer);
      stream.resume();
    }, waitMs);
    this.#resumes.add(timer);
  }
}

function unstarted(reason: string): CodeProcess {
  return {
    pid: 0,
    birth: Promise.resolve(undefined),
    channel: closedChannel(),
    exited: Promise.resolve(notStarted(reason)),
    gone: Promise.resolve(),
    kill: () => {},
  };
}

function notStarted(reason: string): ExitReason {
  return { code: null, signal: null, text: `could not be started (${reason})` };
}

function closedChannel(): Duplex {
  const channel = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  channel.on("error", () => {});
  return channel.destroy();
}
