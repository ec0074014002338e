/**
 * A terminal with a program in it, for end-to-end tests: a real one, by `script` of util-linux.
 *
 * @module
 */
import { shellWord } from "../output/shell_word.ts";
import type { TestMesh } from "./meshctl.ts";

/** How long something may take to appear, milliseconds. */
const PATIENCE_MS = 20_000;

/** A program that runs in a terminal. */
export interface Terminal {
  /** Presses keys. */
  type(keys: string): Promise<void>;
  /** Settles once `text` comes, with what was on the screen between the last one and it. */
  sees(text: string): Promise<string>;
  /** The exit code. */
  ended: Promise<number>;
}

/** Whether this machine can make a terminal. */
export function hasTerminals(): boolean {
  try {
    const { stdout } = new Deno.Command("script", { args: ["--version"] }).outputSync();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function inTerminal(mesh: TestMesh, columns: number, words: string[]): Deno.ChildProcess {
  const { command, args, env } = mesh.command(...words);
  const size = `stty cols ${columns} rows 24;`;
  const line = [size, "exec", ...[command, ...args].map(shellWord)].join(" ");
  return new Deno.Command("script", {
    args: ["--quiet", "--return", "--flush", "--command", line, "/dev/null"],
    cwd: mesh.home,
    env: { ...env, TERM: "xterm" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

/** Runs a command of `mesh` to its end in a terminal; what is on it then, in lines. */
export async function screenOf(
  mesh: TestMesh,
  columns: number,
  ...words: string[]
): Promise<string[]> {
  const child = inTerminal(mesh, columns, words);
  const { stdout } = await child.output();
  await child.stdin.close();
  return new TextDecoder().decode(stdout).trimEnd().split("\r\n");
}

/** Runs a command of `mesh` in a terminal of 100 columns. */
export function openTerminal(mesh: TestMesh, ...words: string[]): Terminal {
  const child = inTerminal(mesh, 100, words);
  const keyboard = child.stdin.getWriter();
  let screen = "";
  const waiting = new Set<() => void>();
  const read = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of child.stdout) {
      screen += decoder.decode(bytes, { stream: true });
      for (const look of waiting) look();
    }
  })();
  let over = false;
  void read.then(() => {
    over = true;
    for (const look of waiting) look();
  });
  return {
    type: (keys) => keyboard.write(new TextEncoder().encode(keys)),
    sees: (text) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = () => {
        const at = screen.indexOf(text);
        if (at >= 0) {
          resolve(screen.slice(0, at));
          screen = screen.slice(at + text.length);
        } else if (over) reject(missing(text, screen));
        else return;
        clearTimeout(late);
        waiting.delete(look);
      };
      const late = setTimeout(() => reject(missing(text, screen)), PATIENCE_MS);
      waiting.add(look);
      look();
      return promise;
    },
    ended: (async () => {
      const { code } = await child.status;
      await read;
      await keyboard.close().catch(() => {});
      return code;
    })(),
  };
}

function missing(text: string, screen: string): Error {
  return new Error(`the screen has no ${JSON.stringify(text)}: ${JSON.stringify(screen)}`);
}
