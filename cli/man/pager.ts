/**
 * Long texts on a terminal, page by page.
 *
 * @module
 */
import { spawn } from "node:child_process";
import type { Context } from "../app/context.ts";

/** Colours pass, a short text needs no key, and it stays on the screen. */
const USUAL_PAGER = "less -FRX";

/** Shows a text: on a terminal through `$PAGER`, elsewhere as it is. */
export async function showPaged(text: string, context: Context): Promise<void> {
  const { stdout, config } = context;
  const shown = () => text.split("\n").map((line) => stdout.shown(line)).join("\n");
  if (stdout.columns === undefined || !await throughPager(shown(), config.pager ?? USUAL_PAGER)) {
    stdout.write(text);
  }
}

/** Whether there is such a program and it took the text. */
async function throughPager(text: string, command: string): Promise<boolean> {
  // A shell reads it, as it does for every program that honours PAGER.
  const child = spawn(command, { shell: true, stdio: ["pipe", "inherit", "ignore"] });
  // Who has read enough quits before the end.
  child.stdin.on("error", () => {});
  child.stdin.end(text);
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(NO_PROGRAM));
    child.once("close", resolve);
  });
  return code !== NO_PROGRAM;
}

/** What a shell ends with when there is no such program. */
const NO_PROGRAM = 127;
