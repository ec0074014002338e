/**
 * Runs the lines of a shell, one after the other.
 *
 * @module
 */
import { loadCommand } from "../app/commands.ts";
import type { Context } from "../app/context.ts";
import { showError } from "../app/dispatch.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import type { LineReader } from "./line_reader.ts";
import { readShellLine, SHELL_HELP } from "./shell_line.ts";

/** What {@linkcode runShell} needs. */
export interface ShellOptions {
  reader: LineReader;
  /** Options of every command, such as which registry to talk to. */
  common: readonly string[];
  /** Told of every line before it runs. */
  onLine(line: string): Promise<void>;
  /** What lines run in. */
  context: Context;
  interruption: Interruption;
}

/** Ctrl+C while a line runs. */
export class Interruption {
  #running: AbortController | undefined;
  readonly #listeners = new Set<() => void>();

  /** Ends what runs; `false` when nothing does. */
  interrupt(): boolean {
    if (this.#running === undefined) return false;
    if (this.#listeners.size > 0) {
      for (const listener of this.#listeners) listener();
    } else this.#running.abort(new DOMException("given up", "AbortError"));
    return true;
  }

  /** The context with requests and listeners that end with what runs. */
  within(context: Context): Context {
    return {
      ...context,
      fetch: (input, init) => {
        const signals = [init?.signal ?? [], this.#running?.signal ?? []].flat();
        return context.fetch(input, { ...init, signal: AbortSignal.any(signals) });
      },
      onInterrupt: (listener) => {
        this.#listeners.add(listener);
        return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
      },
    };
  }

  /** Runs `body`; `undefined` when it was given up. */
  async run<Result>(body: () => Promise<Result>): Promise<Result | undefined> {
    const running = new AbortController();
    this.#running = running;
    try {
      return await body();
    } catch (error) {
      if (running.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#running = undefined;
    }
  }
}

/**
 * Runs lines until there are no more, or one says `exit`.
 *
 * @returns The code of the first line that failed.
 */
export async function runShell(options: ShellOptions): Promise<ExitCode> {
  const { reader, context, interruption } = options;
  let first: ExitCode = EXIT.ok;
  for (;;) {
    const line = await reader.next();
    if (line === undefined) return first;
    let code: ExitCode | "exit" | undefined;
    try {
      // From here on Ctrl+C is for what runs, not for the line that is being written.
      code = await interruption.run(async () => {
        await options.onLine(line);
        return await runLine(line, options);
      });
    } catch (error) {
      code = showError(error, context.stderr);
    }
    if (code === "exit") return first;
    if (code === undefined) context.stderr.write("Given up.\n");
    if (first === EXIT.ok) first = code ?? EXIT.failure;
  }
}

async function runLine(
  line: string,
  { context, common, interruption }: ShellOptions,
): Promise<ExitCode | "exit"> {
  const meaning = readShellLine(line);
  switch (meaning.kind) {
    case "nothing":
      return EXIT.ok;
    case "exit":
      return "exit";
    case "help":
      context.stdout.write(SHELL_HELP);
      return EXIT.ok;
    case "command": {
      const command = await loadCommand(meaning.name);
      if (command === undefined) throw new TypeError(`there is no command ${meaning.name}`);
      const args = [...withForm(meaning.name, meaning.args), ...common];
      return await command.execute(interruption.within(context), args);
    }
  }
}

/** In a shell a call shows the value, unless it says otherwise. */
function withForm(name: string, args: readonly string[]): readonly string[] {
  const says = args.some((arg) => /^(-o.*|--output(=.*)?|--json|--raw|--help|-h)$/.test(arg));
  return name !== "call" || says ? args : [...args, "--output=value"];
}
