/**
 * The lines a user typed in a shell, kept from one run to the next.
 *
 * @module
 */
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { PRIVATE } from "../machine/private_file.ts";

/** Most lines that are kept. */
const MOST_LINES = 1_000;

/** The history file of a shell. */
export interface History {
  /** Lines of before, the newest first. */
  lines: string[];
  /** Adds a line; one that begins with a blank is not kept. */
  add(line: string): Promise<void>;
}

/** Opens the history at `path`; it is made when the first line is added. */
export async function openHistory(path: string): Promise<History> {
  const kept = await readLines(path);
  const lines = kept.slice(-MOST_LINES);
  if (kept.length > 2 * MOST_LINES) {
    await writeFile(path, `${lines.join("\n")}\n`, { mode: PRIVATE.file });
  }
  let last = lines.at(-1);
  return {
    lines: lines.toReversed(),
    add: async (line) => {
      if (line.trim() === "" || /^\s/.test(line) || line === last) return;
      last = line;
      await mkdir(dirname(path), { recursive: true, mode: PRIVATE.folder });
      await appendFile(path, `${line}\n`, { mode: PRIVATE.file });
    },
  };
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
