/**
 * `deno task test:unit`: the tests that start no process. Deno gives each test file an isolate of its
 * own, which loads the modules of the mesh again and costs more than most files' tests do; here some
 * files share one. Arguments choose files and folders; options are those of `deno test`, each written
 * as one argument: `--filter=name`.
 *
 * @module
 */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Every permission of a test but the one to start processes. */
const PERMISSIONS = ["net", "env", "read", "write", "sys"].map((kind) => `--allow-${kind}`);

/** Test files that start processes throughout, and folders that hold no test files. */
const LEFT_OUT = /^(cli\/e2e|node_modules|\.git)\//;

/**
 * Returns the unit test files among `paths`, relative to the root, that `choices` name: files, or
 * folders for all in them. Without choices it returns all.
 */
export function unitTests(paths: readonly string[], choices: readonly string[]): string[] {
  const wanted = choices.map((choice) => choice.replace(/^\.\//, "").replace(/\/+$/, ""));
  return paths
    .filter((path) => path.endsWith("_test.ts") && !LEFT_OUT.test(path))
    .filter((path) =>
      wanted.length === 0 || wanted.some((at) => path === at || path.startsWith(`${at}/`))
    )
    .toSorted();
}

/** Deals out `items` like cards, so that neighbours, which often take alike long, are apart. */
export function dealt<T>(items: readonly T[], hands: number): T[][] {
  const all = Array.from(
    { length: hands },
    (_, hand) => items.filter((_, index) => index % hands === hand),
  );
  return all.filter((hand) => hand.length > 0);
}

/** Runs the tests; returns an exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = args.filter((arg) => arg.startsWith("-"));
  const choices = args.filter((arg) => !arg.startsWith("-"));
  const files = unitTests(await readdir(ROOT, { recursive: true }), choices);
  if (files.length === 0) {
    console.error(`No unit test lies in ${choices.join(", ")}.`);
    return 1;
  }
  // More than there are cores, because some tests wait for a clock.
  const jobs = 2 * navigator.hardwareConcurrency;
  const folder = await mkdtemp(join(tmpdir(), "mesh-unit-tests-"));
  try {
    const entries = await Promise.all(
      dealt(files, jobs).map(async (hand, index) => {
        const imports = hand.map((file) =>
          `import ${JSON.stringify(pathToFileURL(join(ROOT, file)).href)};\n`
        );
        const entry = join(folder, `part_${index + 1}.ts`);
        await writeFile(entry, imports.join(""));
        return entry;
      }),
    );
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["test", "--config", join(ROOT, "deno.json"), "--no-check", "--parallel", "--no-prompt"],
        ...PERMISSIONS,
        ...options,
        ...entries,
      ],
      cwd: ROOT,
      env: { DENO_JOBS: String(jobs) },
    }).spawn().status;
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
