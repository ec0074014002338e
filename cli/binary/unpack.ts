/**
 * Puts the files that `meshctl` carries on disk, whole or not at all: several may do it at once, and
 * any of them may be killed at any moment.
 *
 * @module
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Files } from "./archive.ts";

/** After this, whoever was unpacking is not any more, milliseconds. */
const ABANDONED_MS = 10 * 60_000;

/**
 * Makes `folder` hold these files, unless it is there already.
 *
 * @param folder Absolute; its name says which release it is.
 * @param files Called only when they are needed.
 * @throws {Error} of the file system, with nothing left behind.
 */
export function unpackInto(folder: string, files: () => Files): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  // The state's folder may be made by this; it is its user's alone.
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  removeAbandoned(parent, Date.now());
  const unfinished = join(parent, `.${basename(folder)}.${crypto.randomUUID()}`);
  try {
    for (const [path, bytes] of files()) {
      const file = join(unfinished, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Somebody else was faster: theirs are the same files.
    if (!existsSync(folder)) throw error;
  }
}

function removeAbandoned(parent: string, now: number): void {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    const changed = name.startsWith(".")
      ? statSync(path, { throwIfNoEntry: false })?.mtimeMs
      : undefined;
    if (changed !== undefined && now - changed > ABANDONED_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}
