/** The tests of a suite that runs over both hosts. */
import { processTest } from "../../.ci/fixtures/process_tests.ts";

/**
 * Returns the function that registers the tests of one kind of host. A sandbox is a worker that loads
 * the mesh again, which costs nearly as much as a process: `deno task test:unit` runs suites in thread.
 * Of sandboxes it runs `boundary/host_test.ts` and the tests of `sandbox/`, but for the ways in which
 * code does get at what it may read.
 */
export function hostTest(kind: string): (name: string, fn: Deno.TestDefinition["fn"]) => void {
  return kind === "sandboxed" ? processTest : Deno.test;
}
