/**
 * The test files of the project, and how they run: `deno test` gives each file an isolate of its own,
 * which loads the modules of the mesh again and costs more than most files' tests do; so files that
 * start no process share some.
 *
 * @module
 */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Folders that hold no test files of this project. */
const LEFT_OUT = /(^|\/)(node_modules|\.git)\//;

/** Returns the test files of the project, relative to its folder, in the order of their names. */
export async function testFiles(): Promise<string[]> {
  const paths = await readdir(ROOT, { recursive: true });
  return paths.filter((path) => path.endsWith("_test.ts") && !LEFT_OUT.test(path)).toSorted();
}

/** Deals out `items` like cards, so that neighbours, which often take alike long, are apart. */
export function dealt<T>(items: readonly T[], hands: number): T[][] {
  const all = Array.from(
    { length: hands },
    (_, hand) => items.filter((_, index) => index % hands === hand),
  );
  return all.filter((hand) => hand.length > 0);
}

/** Options for {@linkcode runTests}. */
export interface TestRun {
  /** Files that have an isolate of their own; they run in this order, before the others. */
  readonly alone?: readonly string[];
  /** Files that share isolates. */
  readonly shared: readonly string[];
  /** How many isolates share the files of `shared`. */
  readonly hands: number;
  /** How many isolates run at a time. */
  readonly jobs: number;
  /** Kinds of permissions that the tests have. */
  readonly permissions: readonly string[];
  /** Further options of `deno test`. */
  readonly options: readonly string[];
}

/** Runs test files with `deno test`; returns its exit code. */
export async function runTests(run: TestRun): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-tests-"));
  try {
    const entries = await Promise.all(
      dealt(run.shared, run.hands).map(async (hand, index) => {
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
        ...run.permissions.map((kind) => `--allow-${kind}`),
        ...run.options,
        ...run.alone ?? [],
        ...entries,
      ],
      cwd: ROOT,
      env: { DENO_JOBS: String(run.jobs) },
    }).spawn().status;
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
