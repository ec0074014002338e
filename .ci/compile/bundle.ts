/**
 * The modules of the command line as few small files without a type in them: what a command needs is
 * loaded when it is used. The same sources make the same bytes, wherever they are.
 *
 * @module
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bundled modules by file name; the entry is named as its source is. */
export type Bundle = Map<string, Uint8Array<ArrayBuffer>>;

/**
 * Bundles a module and all it imports.
 *
 * @param root Absolute folder of the checkout.
 * @param entry Its path in there.
 * @throws {Error} with what Deno says.
 */
export async function bundle(root: string, entry: string): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "meshctl-bundle-"));
  try {
    const options = ["--quiet", "--minify", "--keep-names", "--code-splitting", "--outdir", folder];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", ...options, entry],
      cwd: root,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) {
      throw new Error(`${entry} cannot be bundled\n${new TextDecoder().decode(stderr)}`);
    }
    const names = (await readdir(folder)).toSorted();
    const read = async (name: string) => new Uint8Array(await readFile(join(folder, name)));
    return new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
  } finally {
    await rm(folder, { recursive: true });
  }
}
