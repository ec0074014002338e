/**
 * A terminal with a program in it, for end-to-end tests: a real one, by `script` of util-linux.
 *
 * @module
 */
import type { TestMesh } from "./meshctl.ts";

/** A program that runs in a terminal. */
export interface Terminal {
  /** Presses keys. */
  type(keys: string): Promise<void>;
  /** Settles with everything on the screen since the last time, once it contains `text`. */
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

/** Runs a command of `mesh` in a terminal of 100 columns. */
export function openTerminal(mesh: TestMesh, ...words: string[]): Terminal {
  const { command, args, env } = mesh.command(...words);
  const line = ["stty cols 100 rows 24;", "exec", ...[command, ...args].map(quoted)].join(" ");
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--flush", "--command", line, "/dev/null"],
    cwd: mesh.home,
    env: { ...env, TERM: "xterm" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let screen = "";
  const waiting = new Set<() => void>();
  const read = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of child.stdout) {
      screen += decoder.decode(bytes, { stream: true });
      for (const look of waiting) look();
    }
    for (const look of waiting) look();
    return true;
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
        const seen = screen;
        if (seen.includes(text)) {
          screen = "";
          resolve(seen);
        } else if (over) reject(new Error(`ended without ${JSON.stringify(text)}: ${seen}`));
        else return;
        waiting.delete(look);
      };
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

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
