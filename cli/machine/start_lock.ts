/**
 * One at a time: held while a registry is being started, so that two `start`s do not start two.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { PRIVATE } from "./private_file.ts";

/**
 * Waits for the lock and takes it. The operating system lets go of it when the process ends,
 * however it ends.
 *
 * @param path The lock file; stays behind, empty.
 * @param signal Stops waiting when it aborts.
 * @param tooLate What is thrown when the signal aborts first.
 */
export async function takeStartLock(
  path: string,
  signal: AbortSignal,
  tooLate: () => Error | Promise<Error>,
): Promise<Disposable> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE.folder });
  const file = await Deno.open(path, { create: true, write: true, mode: PRIVATE.file });
  if (signal.aborted) {
    file.close();
    throw await tooLate();
  }
  const { promise: aborted, resolve: abort } = Promise.withResolvers<"aborted">();
  const onAbort = () => abort("aborted");
  signal.addEventListener("abort", onAbort, { once: true });
  const locked = file.lock(true);
  const outcome = await Promise.race([locked, aborted]);
  signal.removeEventListener("abort", onAbort);
  if (outcome !== "aborted") return file;
  // Waiting cannot be taken back: let go of the lock as soon as it comes.
  void locked.finally(() => file.close());
  throw await tooLate();
}
