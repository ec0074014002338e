/**
 * `deno task test:unit`: the tests that start no process. Arguments choose files and folders; options
 * are those of `deno test`, each written as one argument: `--filter=name`.
 *
 * @module
 */
import { runTests, testFiles } from "./test_files.ts";

/** Test files that start processes throughout. */
const LEFT_OUT = /^cli\/e2e\//;

/**
 * Returns the unit test files among `paths`, relative to the root, that `choices` name: files, or
 * folders for all in them. Without choices it returns all.
 */
export function unitTests(paths: readonly string[], choices: readonly string[]): string[] {
  const wanted = choices.map((choice) => choice.replace(/^\.\//, "").replace(/\/+$/, ""));
  return paths
    .filter((path) => !LEFT_OUT.test(path))
    .filter((path) =>
      wanted.length === 0 || wanted.some((at) => path === at || path.startsWith(`${at}/`))
    );
}

/** Runs the tests; returns an exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = args.filter((arg) => arg.startsWith("-"));
  const choices = args.filter((arg) => !arg.startsWith("-"));
  const shared = unitTests(await testFiles(), choices);
  if (shared.length === 0) {
    console.error(`No unit test lies in ${choices.join(", ")}.`);
    return 1;
  }
  // More than there are cores, because some tests wait for a clock.
  const jobs = 2 * navigator.hardwareConcurrency;
  const permissions = ["net", "env", "read", "write", "sys"];
  return await runTests({ shared, hands: jobs, jobs, permissions, options });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
