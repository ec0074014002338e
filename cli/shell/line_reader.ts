/**
 * Where the lines of a shell come from: a terminal, with editing, history and completion, or a
 * stream.
 *
 * @module
 */
import process from "node:process";
import readline from "node:readline";
import { visibleLine } from "../../runtime/base/visible.ts";
import { createLineSplitter } from "../../runtime/base/line_splitter.ts";
import type { Completion } from "./completion.ts";

/** Lines, one after the other. */
export interface LineReader extends Disposable {
  /** The next line; `undefined` after the last. */
  next(): Promise<string | undefined>;
}

/** What a terminal is read with. */
export interface TerminalOptions {
  prompt: string;
  /** Lines of before, the newest first. */
  history: string[];
  complete(line: string): Promise<Completion>;
  /**
   * Ctrl+C was pressed.
   *
   * @returns Whether it ended something; if not, it is for the line that is being written.
   */
  interrupt(): boolean;
}

/** Reads a terminal. The prompt is written to standard error: standard output is for data. */
export function terminalLines(options: TerminalOptions): LineReader {
  const reader = readline.createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: true,
    prompt: options.prompt,
    history: [...options.history],
    removeHistoryDuplicates: true,
    completer: (line: string, answer: (error: Error | null, found: Completion) => void) => {
      // Completion is a help: when the mesh does not answer there is none.
      void options.complete(line).catch((): Completion => [[], line])
        // It lists them by itself; what a terminal would take for commands is left out.
        .then(([found, word]) => answer(null, [found.filter(isPlain), word]));
    },
  });
  const lines: string[] = [];
  let closed = false;
  let wake = () => {};
  reader.on("line", (line) => {
    lines.push(line);
    wake();
  });
  reader.on("close", () => {
    closed = true;
    wake();
  });
  const interrupt = () => {
    if (closed || options.interrupt()) return;
    process.stderr.write("^C\n");
    reader.write(null, { ctrl: true, name: "e" });
    reader.write(null, { ctrl: true, name: "u" });
    reader.prompt();
  };
  // A line that was entered just before is running by then.
  reader.on("SIGINT", () => void setImmediate(interrupt));
  return {
    next: async () => {
      if (lines.length === 0 && !closed) {
        reader.prompt();
        await new Promise<void>((resolve) => wake = resolve);
      }
      return lines.shift();
    },
    [Symbol.dispose]: () => reader.close(),
  };
}

function isPlain(candidate: string): boolean {
  return candidate === visibleLine(candidate);
}

/** Reads the lines of a stream. */
export function streamLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): LineReader {
  const lines = linesOf(stream);
  return {
    next: async () => {
      const { value, done } = await lines.next();
      return done ? undefined : value;
    },
    [Symbol.dispose]: () => void lines.return(undefined),
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const splitter = createLineSplitter();
  for await (const bytes of stream) yield* splitter.push(bytes);
  yield* splitter.end();
}
