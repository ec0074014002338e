/**
 * MCP over the standard streams of a process that is started for it. The SDK has such a transport;
 * this one also knows how the process ended and what it said last, and needs no more than the
 * permission to run that one command.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import {
  deserializeMessage,
  type JSONRPCMessage,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/client";
import { within } from "../base/within.ts";
import { errorText, MeshError } from "../base/errors.ts";
import { MessageLines } from "./message_lines.ts";
import type { CommandTarget } from "./target.ts";

/** What a {@linkcode ChildTransport} needs. */
export interface ChildTransportOptions {
  readonly target: CommandTarget;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Gets every line the process writes to its standard error. */
  readonly onLine: (line: string) => void;
  /** Makes a message of the server one that the SDK reads. */
  readonly readable: (text: string) => string;
}

/** Largest message of a server, in bytes. */
const LARGEST_MESSAGE = 64 * 1024 * 1024;
/** Longest line of standard error that is kept in one piece, in characters. */
const LONGEST_LINE = 8_192;
/** How long the process may take to end once its input is closed, and again once asked, in milliseconds. */
const GRACE_MS = 500;

/** A process and the messages to and from it. */
export class ChildTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  /** Tells the SDK that this is a pipe to a process, on which silence is no outage. */
  readonly stderr = null;
  readonly #options: ChildTransportOptions;
  readonly #lines = new MessageLines(LARGEST_MESSAGE);
  #child: Deno.ChildProcess | undefined;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #ended: Promise<void> = Promise.resolve();
  #exit: Deno.CommandStatus | undefined;
  #lastLine = "";

  constructor(options: ChildTransportOptions) {
    this.#options = options;
  }

  /** Id of the process, once it has started. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** How the process ended, in a sentence, once it has. */
  get ending(): string | undefined {
    if (this.#exit === undefined) return undefined;
    const { code, signal } = this.#exit;
    const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    const last = this.#lastLine === "" ? "" : `: ${this.#lastLine}`;
    return `${this.#options.target.text} ${how}${last}`;
  }

  /**
   * Starts the process.
   *
   * @throws {MeshError} `unreachable` when there is no such command, `permission_denied`.
   */
  start(): Promise<void> {
    return Promise.try(() => {
      const child = this.#child = this.#spawn();
      this.#input = child.stdin.getWriter();
      this.#ended = this.#follow(child);
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const input = this.#input;
    if (input === undefined || this.#exit !== undefined) {
      const text = this.ending ?? "the server is not running";
      throw new MeshError("unreachable", text, { nothingRan: true });
    }
    try {
      await input.write(new TextEncoder().encode(serializeMessage(message)));
    } catch (cause) {
      await this.#ended;
      throw new MeshError("interrupted", this.ending ?? errorText(cause), { cause });
    }
  }

  /** Ends the process: its input is closed, then it is asked, then it is killed. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    // Fails when the process is gone already.
    await this.#input?.close().catch(() => {});
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      if (await this.#endsWithin(GRACE_MS)) break;
      try {
        child.kill(signal);
      } catch {
        // It has ended in the meantime.
      }
    }
    await this.#ended;
  }

  #spawn(): Deno.ChildProcess {
    const { target, env } = this.#options;
    try {
      return new Deno.Command(target.command, {
        args: [...target.args],
        env: { ...env },
        clearEnv: true,
        ...(target.cwd === undefined ? {} : { cwd: target.cwd }),
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (cause) {
      if (cause instanceof Deno.errors.NotCapable) {
        throw new MeshError("permission_denied", cause.message, { cause });
      }
      throw new MeshError("unreachable", notStarted(target, cause), { cause });
    }
  }

  async #follow(child: Deno.ChildProcess): Promise<void> {
    const enough = new AbortController();
    const output = Promise.all([
      this.#readMessages(child, enough.signal),
      this.#readLines(child, enough.signal),
    ]);
    const status = await child.status;
    // Something it started may hold its streams open; what it wrote itself is there by then.
    await within(GRACE_MS, Promise.allSettled([output]));
    enough.abort();
    this.#exit = status;
    await Promise.allSettled([output, this.#input?.abort()]);
    this.onclose?.();
  }

  async #endsWithin(ms: number): Promise<boolean> {
    return await within(ms, this.#ended.then(() => true, () => true), false);
  }

  async #readMessages(child: Deno.ChildProcess, signal: AbortSignal): Promise<void> {
    const write = async (bytes: Uint8Array) => {
      for (const line of this.#lines.push(bytes)) await this.#deliver(line);
    };
    try {
      await child.stdout.pipeTo(new WritableStream({ write }), { signal });
    } catch (error) {
      if (signal.aborted) return;
      // What follows a message that is too large cannot be told apart from it.
      this.#fail(error);
      child.kill("SIGKILL");
    }
  }

  async #deliver(line: string): Promise<void> {
    try {
      this.onmessage?.(deserializeMessage(this.#options.readable(line)));
      // The SDK takes a notification a moment later, an answer at once: without a moment between
      // them, the last progress of a request would come after its answer, and be dropped.
      await Promise.resolve();
    } catch (error) {
      // One message that is none does not take the others along; what is not JSON is just printed.
      if (!(error instanceof SyntaxError)) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.onerror?.(error instanceof Error ? error : new Error(errorText(error)));
  }

  async #readLines(child: Deno.ChildProcess, signal: AbortSignal): Promise<void> {
    let rest = "";
    const take = (line: string) => {
      const text = stripVTControlCharacters(line).trimEnd();
      if (text === "") return;
      this.#lastLine = telling(this.#lastLine, text.trim());
      this.#options.onLine(text);
    };
    const write = (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(take);
      if (rest.length <= LONGEST_LINE) return;
      take(rest);
      rest = "";
    };
    try {
      const text = child.stderr.pipeThrough(new TextDecoderStream());
      await text.pipeTo(new WritableStream({ write }), { signal });
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
    take(rest);
  }
}

/** Which of two lines tells more: the later, but what npm says of a failure it says first. */
function telling(before: string, line: string): string {
  const isNpm = /^npm (error|ERR!)/;
  if (!isNpm.test(line)) return line;
  return isNpm.test(before) && !/^npm \S+ code /.test(before) ? before : line;
}

function notStarted({ command, cwd }: CommandTarget, cause: unknown): string {
  if (!(cause instanceof Deno.errors.NotFound)) {
    return `the command "${command}" cannot be started: ${errorText(cause)}`;
  }
  if (cwd !== undefined) {
    return `the command "${command}" cannot be started in ${cwd}: one of the two does not exist`;
  }
  const hint = command === "npx"
    ? '; without Node, "deno run -A npm:<package>" runs the same servers'
    : "; install it, or correct the command";
  return `the command "${command}" is not found${hint}`;
}
