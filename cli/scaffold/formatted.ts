/**
 * Source as `deno fmt` leaves it.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { extname } from "node:path";
import { text as textOf } from "node:stream/consumers";

/** What of it `deno fmt` is asked to format. */
const FORMATTED = [".ts", ".json", ".jsonc"];

/**
 * The text as `deno fmt` with the house's width leaves it; as it is when there is no such program, or it
 * knows no such file.
 *
 * @param path Its name, which says what is in it.
 * @param deno The `deno` binary.
 */
export async function formatted(text: string, path: string, deno: string): Promise<string> {
  const extension = extname(path);
  if (!FORMATTED.includes(extension)) return text;
  const args = ["fmt", "--quiet", "--no-config", "--line-width=100", `--ext=${extension.slice(1)}`];
  const child = spawn(deno, [...args, "-"], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", (code) => resolve(code));
  });
  // It may be gone before it has read everything; its exit code tells.
  child.stdin.on("error", () => {});
  child.stdin.end(text);
  const [output, code] = await Promise.all([textOf(child.stdout), ended]);
  return code === 0 ? output : text;
}
