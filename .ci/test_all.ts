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

/**
 * Test files that take longest, the longest first. They begin first, so that in the end no core waits
 * for one that began late.
 */
export const LONGEST: readonly string[] = [
  "cli/e2e/watch_test.ts",
  "cli/e2e/cases_test.ts",
  "cli/e2e/failure_test.ts",
  "cli/e2e/enemy_project_test.ts",
  ".ci/compile_test.ts",
  "cli/e2e/attacks_process_test.ts",
  "cli/e2e/attacks_worker_test.ts",
  "cli/e2e/scaffold_test.ts",
  ".ci/docs/agents_test.ts",
  ".ci/docs/trip_planner_test.ts",
  "cli/e2e/foreground_test.ts",
  ".ci/docs/man_test.ts",
  "cli/e2e/start_test.ts",
  "cli/e2e/traces_test.ts",
  "cli/e2e/trip_planner_test.ts",
  "runtime/bridge/conformance_test.ts",
  "cli/e2e/drain_test.ts",
  "cli/e2e/chat_history_test.ts",
  "registry/trace/pipeline_test.ts",
  "cli/e2e/mesh_mcp_test.ts",
  ".ci/docs/cli_test.ts",
];

/** Returns test files in the order in which they begin: those of `first` as they stand there. */
export function inOrder(paths: readonly string[], first: readonly string[] = LONGEST): string[] {
  const isThere = new Set(paths);
  const isFirst = new Set(first);
  return [
    ...first.filter((path) => isThere.has(path)),
    ...paths.filter((path) => !isFirst.has(path)),
  ];
}

/** Returns whether the test file at `path`, relative to the root, with this text starts processes. */
export function startsProcesses(path: string, text: string): boolean {
  return STARTS_PROCESSES.test(path) || PROCESS_FIXTURES.test(text);
}

/** Runs the tests; returns an exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = args.filter((arg) => arg.startsWith("-"));
  const choices = args.filter((arg) => !arg.startsWith("-"));
  // More than there are cores, because tests that start processes wait for them.
  const jobs = Math.ceil(1.5 * navigator.hardwareConcurrency);
  const run = { hands: jobs, jobs, permissions: PERMISSIONS, options };
  if (choices.length > 0) return await runTests({ ...run, alone: choices, shared: [] });
  const files = await Promise.all((await testFiles()).map(async (path) => ({
    path,
    isAlone: startsProcesses(path, await readFile(fileURLToPath(new URL(path, ROOT)), "utf8")),
  })));
  return await runTests({
    ...run,
    alone: inOrder(files.filter(({ isAlone }) => isAlone).map(({ path }) => path)),
    shared: files.filter(({ isAlone }) => !isAlone).map(({ path }) => path),
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
