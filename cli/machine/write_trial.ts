/**
 * Whether a folder takes what a process is about to write there.
 *
 * @module
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type SystemProblem, systemProblem } from "../base/system_problem.ts";

/** What a new database and the first lines of a log need, bytes. */
const TRIAL_BYTES = 128 * 1024;

/**
 * Writes a file as large as the least that a registry needs, and removes it. Tried, not asked: the
 * free space of a disk says nothing of quotas and limits.
 *
 * @param folder Absolute.
 * @param write Stands in for the disk in tests.
 * @returns What the system refused; `undefined` when it took everything.
 */
export async function tryWriting(
  folder: string,
  write: (path: string, bytes: Uint8Array) => Promise<void> = writeFile,
): Promise<SystemProblem | undefined> {
  const path = join(folder, `.trial-${crypto.randomUUID()}`);
  try {
    await write(path, new Uint8Array(TRIAL_BYTES));
    return undefined;
  } catch (error) {
    return systemProblem(error);
  } finally {
    // Where it could not be made, there is nothing to remove.
    await rm(path, { force: true }).catch(() => {});
  }
}
