/**
 * `deno task test`: all tests. Arguments choose files and folders, each file in an isolate of its own;
 * options are those of `deno test`, each written as one argument: `--filter=name`.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runTests, testFiles } from "./test_files.ts";

const ROOT = new URL("../", import.meta.url);
const PERMISSIONS = ["net", "env", "read", "write", "run", "sys"];

/** Test files that start processes: by their folder, or because they import one of these modules. */
const STARTS_PROCESSES = /^cli\/e2e\/|^\.ci\/docs/;
const PROCESS_FIXTURES = /from "[^"]*(\/process_tests|\/e2e\/\w+)\.ts"/;

/** Returns whether the test file at `path`, relative to the root, with this text starts processes. */
export function startsProcesses(path: string, text: string): boolean {
  return STARTS_PROCESSES.test(path) || PROCESS_FIXTURES.test(text);
}

/** Runs the tests; returns an exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = args.filter((arg) => arg.startsWith("-"));
  const choices = args.filter((arg) => !arg.startsWith("-"));
  // More than there are cores, because tests that start processes wait for them.
  const jobs = 2 * navigator.hardwareConcurrency;
  const run = { hands: jobs, jobs, permissions: PERMISSIONS, options };
  if (choices.length > 0) return await runTests({ ...run, alone: choices, shared: [] });
  const files = await Promise.all((await testFiles()).map(async (path) => ({
    path,
    isAlone: startsProcesses(path, await readFile(fileURLToPath(new URL(path, ROOT)), "utf8")),
  })));
  return await runTests({
    ...run,
    alone: files.filter(({ isAlone }) => isAlone).map(({ path }) => path),
    shared: files.filter(({ isAlone }) => !isAlone).map(({ path }) => path),
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
