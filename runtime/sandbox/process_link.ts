/**
 * Agent code in a process of its own: the boundary that Deno maintains.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { errorText, MeshError } from "../base/errors.ts";
import type { LogLevel } from "../base/log.ts";
import type { ToAgent } from "../boundary/agent_messages.ts";
import type { CodeStart } from "../boundary/code_start.ts";
import { fromAgentMessage, toAgentFrame } from "../boundary/framed_messages.ts";
import { type FrameBody, FrameReader, FrameWriter } from "../boundary/frames.ts";
import { childEnvironment, type ChildFacts, childGrant } from "./child_grant.ts";
import type { CodeLink, LinkEvents } from "./code_link.ts";
import { type CodeProcess, startCodeProcess } from "./code_process.ts";
import { LogBudget, withinLogBudget } from "./log_budget.ts";
import type { Reaper } from "./reaper.ts";
import type { ChildGrant, Permissions, Reach } from "./grant.ts";
import { ReadBudget } from "./read_budget.ts";
import { loadingPermissions } from "./reach.ts";

/** The places and limits of a process for agent code. */
export interface CodePlace {
  /** Flags of `deno run` that say how modules resolve. */
  readonly args: readonly string[];
  /** Folder of Deno's caches for this agent; absolute. */
  readonly denoDir: string;
  /** Working folder; absolute. */
  readonly cwd: string;
  /** Returns what decides about its flags, as it is when the process is started. */
  facts(): ChildFacts;
  /** Largest resident size of the process, in bytes. */
  readonly memoryBytes: number;
  /** Looks after the process. */
  readonly reaper: Reaper;
  /** Gets the process, which has just been started, and what it may do. */
  onStart?(started: { readonly process: CodeProcess; readonly grant: ChildGrant }): void;
}

/** Options of {@linkcode ProcessLink}. */
export interface ProcessLinkOptions {
  /** URL of the agent module. */
  readonly url: string;
  readonly permissions: Permissions;
  readonly reach: Reach | undefined;
  readonly place: CodePlace;
  /** Gets the lines that the process writes. */
  readonly log: (level: LogLevel, message: string) => void;
}

/** Bytes that may wait to be taken by the code before it is not called any more. */
const WAITING_MAX = 64 * 1024 * 1024;
/** Bytes that are read at a stretch: small frames make the most work of them, a few milliseconds. */
const SLICE = 8 * 1024;
const PROGRAM = fileURLToPath(new URL("../handler/child/main.ts", import.meta.url));
/** Last words of code that fails at its top level, as Deno writes them. */
const UNCAUGHT = /^error: Uncaught (?:\(in promise\) )?(.*)/;

/** Agent code in a process of its own. */
export class ProcessLink implements CodeLink {
  readonly #events: LinkEvents;
  readonly #process: CodeProcess;
  readonly #writer = new FrameWriter();
  readonly #reader: FrameReader;
  readonly #budget = new ReadBudget();
  #isFlushing = false;
  #isEnded = false;
  #resume: ReturnType<typeof setTimeout> | undefined;
  /** The error that the code ended with, as Deno wrote it. */
  #uncaught: string | undefined;

  constructor(options: ProcessLinkOptions, events: LinkEvents) {
    const { url, permissions, reach, place } = options;
    const logBudget = new LogBudget((level, text) => options.log(level, text));
    this.#events = withinLogBudget(events, logBudget);
    this.#reader = new FrameReader((head, body) => this.#frame(head, body));
    const facts = place.facts();
    const grant = childGrant(permissions, loadingPermissions(fileURLToPath(url), reach), facts);
    this.#process = startCodeProcess({
      flags: [...place.args, ...grant.flags],
      program: [PROGRAM],
      env: environmentOf(place.denoDir, facts, permissions),
      cwd: place.cwd,
      memoryBytes: place.memoryBytes,
      reaper: place.reaper,
      logBudget,
      onLine: (source, line) => {
        this.#uncaught ??= source === "stderr" ? UNCAUGHT.exec(line)?.[1] : undefined;
        options.log(source === "stdout" ? "info" : "warn", line);
      },
    });
    place.onStart?.({ process: this.#process, grant });
    this.#process.channel.on("data", (bytes: Uint8Array) => this.#came(bytes));
    void this.#process.exited.then(({ text }) => {
      this.#end(this.#uncaught ?? `its process ${text}`);
    });
    const start: CodeStart = { module: url };
    this.#writer.write({ head: JSON.stringify(start) });
    this.#flushLater();
  }

  get isFull(): boolean {
    return this.#process.channel.writableLength > WAITING_MAX;
  }

  post(message: ToAgent): void {
    try {
      this.#writer.write(toAgentFrame(message));
    } catch (cause) {
      return this.#events.unsent(message, cause);
    }
    this.#flushLater();
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#resume);
    this.#process.kill();
    await this.#process.gone;
  }

  #flushLater(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // After all that this turn brings: each write costs more than its content.
    setImmediate(() => {
      this.#isFlushing = false;
      const pieces = this.#writer.take();
      if (this.#isEnded) return;
      for (const piece of pieces) this.#process.channel.write(piece);
    });
  }

  #came(bytes: Uint8Array): void {
    const { channel } = this.#process;
    for (let at = 0; at < bytes.length && !this.#isEnded;) {
      const waitMs = this.#read(bytes.subarray(at, at + SLICE));
      at += SLICE;
      if (waitMs === 0 || this.#isEnded) continue;
      channel.pause();
      if (at < bytes.length) channel.unshift(bytes.subarray(at));
      this.#resume = setTimeout(() => channel.resume(), waitMs);
      return;
    }
  }

  /** Reads some bytes; returns for how long no more are to be read, in milliseconds. */
  #read(bytes: Uint8Array): number {
    const begun = performance.now();
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#end(errorText(error));
      return 0;
    }
    return this.#budget.spend(bytes.length, performance.now() - begun);
  }

  #frame(head: unknown, body: FrameBody): void {
    if (this.#isEnded) return;
    this.#budget.count();
    let message: unknown;
    try {
      message = fromAgentMessage(head, body);
    } catch (cause) {
      const text = `sent a message that cannot be read: ${errorText(cause)}`;
      throw new MeshError("protocol", text, { cause });
    }
    this.#events.received([message]);
  }

  #end(reason: string): void {
    if (this.#isEnded) return;
    void this.end();
    this.#events.ended(reason);
  }
}

/** Returns the environment of a process, whose output is for a log. */
function environmentOf(
  denoDir: string,
  { environment }: ChildFacts,
  permissions: Permissions,
): Record<string, string> {
  const { FORCE_COLOR: _, ...passed } = childEnvironment(environment, permissions);
  return { ...passed, NO_COLOR: "1", DENO_DIR: denoDir };
}
