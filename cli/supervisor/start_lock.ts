/**
 * One at a time: held while a registry is being started, so that two `start`s do not start two.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Waits for the lock and takes it. The operating system lets go of it when the process ends,
 * however it ends.
 *
 * @param path The lock file; stays behind, empty.
 */
export async function takeStartLock(path: string): Promise<Disposable> {
  await mkdir(dirname(path), { recursive: true });
  const file = await Deno.open(path, { create: true, write: true });
  await file.lock(true);
  return file;
}
