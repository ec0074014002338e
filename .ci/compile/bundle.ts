/**
 * The modules of the command line as few small files without a type in them: what a command needs is
 * loaded when it is used. The same sources make the same bytes, wherever they are.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Texts of bundled modules by file name; the entry is named as its source is. */
export type Bundle = Map<string, string>;

/** How often the bundler is started. */
const TRIES = 5;

/** The end of a name that the bundler has made. */
const MADE_NAME = /-[A-Z0-9]{8}\.js/g;

/** How {@linkcode bundle} bundles. */
export interface BundleOptions {
  /** Without names and blanks that only people need. @default {true} */
  minify?: boolean;
}

/**
 * Bundles a module and all it imports.
 *
 * @param root Absolute folder of the checkout.
 * @param entry Its path in there.
 * @throws {Error} with what Deno says.
 */
export async function bundle(
  root: string,
  entry: string,
  { minify = true }: BundleOptions = {},
): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "meshctl-bundle-"));
  try {
    const options = ["--quiet", "--code-splitting", "--outdir", folder];
    if (minify) options.push("--minify", "--keep-names");
    await runBundler(root, [...options, entry]);
    const names = (await readdir(folder)).toSorted();
    const read = (name: string) => readFile(join(folder, name), "utf8");
    return namedByContent(
      new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const))),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @throws {Error} with what Deno says. */
async function runBundler(root: string, args: readonly string[]): Promise<void> {
  for (let tries = 1;; tries++) {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", ...args],
      cwd: root,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (success) return;
    const said = new TextDecoder().decode(stderr);
    // Bundlers that start at once on a new machine are in each other's way while they unpack.
    const isUnpacking = /esbuild/.test(said);
    if (!isUnpacking || tries === TRIES) {
      throw new Error(`${args.at(-1)} cannot be bundled\n${said}`);
    }
  }
}

/**
 * Gives modules names that depend on nothing but what is in them: the bundler's also depend on where
 * packages are on this machine.
 *
 * @throws {Error} when two modules would have one name.
 */
export function namedByContent(bundle: Bundle): Bundle {
  const names = new Map<string, string>();
  for (const [name, text] of bundle) {
    const hash = createHash("sha256").update(text.replaceAll(MADE_NAME, ".js")).digest("hex");
    names.set(name, name.replace(MADE_NAME, `-${hash.slice(0, 12)}.js`));
  }
  if (new Set(names.values()).size < names.size) throw new Error("two modules have one name");
  const pattern = new RegExp(`[\\w$]+${MADE_NAME.source}`, "g");
  return new Map([...bundle].map(([name, text]) => [
    names.get(name) ?? name,
    text.replaceAll(pattern, (old) => names.get(old) ?? old),
  ]));
}
