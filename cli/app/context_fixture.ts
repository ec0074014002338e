/**
 * A context for tests: nothing of it reaches the outside, everything written is kept.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { readConfig } from "../settings/config.ts";
import type { Context } from "./context.ts";
import { createOutput } from "../output/output.ts";
import { selfCommand } from "../settings/runtime_location.ts";

/** What a test may set; the rest is harmless. */
export interface ContextFixtureOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** What standard input says; a stream may go on saying it. @default nothing */
  stdin?: string | ReadableStream<Uint8Array<ArrayBuffer>>;
  /** @default false */
  isInteractive?: boolean;
  fetch?: typeof fetch;
  /** When it is; a sleep moves it on at once. */
  now?: number;
  root?: string;
  deno?: string;
  /** Characters of a line of standard output, as of a terminal. @default it is none */
  columns?: number;
}

/** A context and what was written to it. */
export interface ContextFixture {
  context: Context;
  /** All of standard output. */
  stdout(): string;
  /** All of standard error. */
  stderr(): string;
  /** Settles once standard output ends with `text`. */
  stdoutEndsWith(text: string): Promise<void>;
  /** Presses Ctrl+C. */
  interrupt(): void;
}

/** When tests take place, unless they say so. */
export const NOW = Date.parse("2026-06-01T12:00:00Z");

/** A context without a network, at {@linkcode NOW}, with no state on the machine. */
export function contextFixture(options: ContextFixtureOptions = {}): ContextFixture {
  const written = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  const readers = new Set<() => void>();
  const { cwd = "/nowhere", root = "/nowhere/project", deno = "deno" } = options;
  let now = options.now ?? NOW;
  const refuse = () => Promise.reject(new TypeError("connection refused"));
  return {
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    stdoutEndsWith: (text) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (!written.stdout.endsWith(text)) return;
        readers.delete(look);
        resolve();
      };
      readers.add(look);
      look();
      return promise;
    },
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    context: {
      config: readConfig({ MCP_MESH_HOME: "/nowhere/mesh", ...options.env }, cwd),
      cwd,
      stdout: createOutput({
        sink: (text) => {
          written.stdout += text;
          for (const look of readers) look();
        },
        colours: false,
        columns: () => options.columns,
      }),
      stderr: createOutput({
        sink: (text) => written.stderr += text,
        colours: false,
        columns: () => undefined,
      }),
      isInteractive: options.isInteractive ?? false,
      stdin: () =>
        options.stdin instanceof ReadableStream ? options.stdin : textStream(options.stdin),
      fetch: options.fetch ?? refuse,
      now: () => now,
      sleep: async (milliseconds) => {
        now += milliseconds;
        // Others get their turn, as they do while time passes.
        await nextTurn();
      },
      program: "meshctl",
      root,
      deno,
      self: (permissions) => selfCommand({ form: "checkout", root }, deno, permissions),
      onInterrupt: (listener) => {
        listeners.add(listener);
        return { [Symbol.dispose]: () => listeners.delete(listener) };
      },
    },
  };
}

function textStream(text = ""): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from([new TextEncoder().encode(text)]);
}
