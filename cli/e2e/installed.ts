/**
 * Programs of the machine that some tests need; without them those tests are left out, and the run
 * says how many.
 *
 * @module
 */
import { delimiter, join } from "node:path";

/** Where a program is, of the first of some names that there is. */
export function installed(...names: string[]): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  const files = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return files.find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
