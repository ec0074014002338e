/**
 * Files of the state's folder, which only their user may read.
 *
 * By Deno itself: loading `node:fs` takes longer than all else that reads and writes them.
 *
 * @module
 */
import { dirname } from "node:path";

/** Modes of what is kept: its user's alone. */
export const PRIVATE = { folder: 0o700, file: 0o600 } as const;

/** Writes a file, and the folder it is in, so that a reader sees all of it or what was before. */
export function writePrivate(path: string, text: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: PRIVATE.folder });
  const draft = `${path}.${Deno.pid}.tmp`;
  Deno.writeTextFileSync(draft, text, { mode: PRIVATE.file });
  Deno.renameSync(draft, path);
}
