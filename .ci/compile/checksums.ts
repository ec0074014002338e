/**
 * Digests of what was made, for those who install it from elsewhere.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** The file of digests, as `sha256sum --check` reads it. */
export const CHECKSUMS = "SHA256SUMS";

/**
 * Writes the digests of files into their folder.
 *
 * @param files Paths in `folder`.
 */
export async function writeChecksums(folder: string, files: readonly string[]): Promise<void> {
  const lines = await Promise.all(files.map(async (file) => {
    const digest = createHash("sha256").update(await readFile(file)).digest("hex");
    return `${digest}  ${basename(file)}\n`;
  }));
  await writeFile(join(folder, CHECKSUMS), lines.join(""));
}
