import { deepEqual, equal, match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { processTest } from "./fixtures/process_tests.ts";
import { inOrder, LONGEST, startsProcesses } from "./test_all.ts";
import { dealt, testFiles } from "./test_files.ts";
import { unitTests } from "./test_unit.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const PATHS = [
  ".ci/docs_test.ts",
  "cli/app/help_test.ts",
  "cli/e2e/start_test.ts",
  "runtime/base/sse_test.ts",
];

const rows: [choices: string[], files: string[]][] = [
  [[], [".ci/docs_test.ts", "cli/app/help_test.ts", "runtime/base/sse_test.ts"]],
  [["cli"], ["cli/app/help_test.ts"]],
  [["./cli/", ".ci"], [".ci/docs_test.ts", "cli/app/help_test.ts"]],
  [["runtime/base/sse_test.ts"], ["runtime/base/sse_test.ts"]],
  [["run"], []],
  [["cli/e2e"], []],
];
for (const [choices, files] of rows) {
  Deno.test(`unitTests() chosen by ${choices.join(" ") || "nothing"}`, () => {
    deepEqual(unitTests(PATHS, choices), files);
  });
}

Deno.test("dealt() gives every item to one hand, and neighbours to different ones", () => {
  deepEqual(dealt([1, 2, 3, 4, 5], 2), [[1, 3, 5], [2, 4]]);
  deepEqual(dealt([1], 4), [[1]]);
});

Deno.test("inOrder() begins with the files that take longest", () => {
  deepEqual(inOrder(["a", "b", "c", "d"], ["d", "gone", "b"]), ["d", "b", "a", "c"]);
});

Deno.test("the files that take longest are there", async () => {
  const files = new Set(await testFiles());
  deepEqual(LONGEST.filter((path) => !files.has(path)), []);
});

const starting: [path: string, text: string, expected: boolean][] = [
  ["cli/e2e/start_test.ts", "", true],
  [".ci/docs/man_test.ts", "", true],
  ["runtime/a_test.ts", 'import { processTest } from "../.ci/fixtures/process_tests.ts";', true],
  ["runtime/a_test.ts", 'import { withMesh } from "../../cli/e2e/meshctl.ts";', true],
  ["runtime/a_test.ts", 'import { sse } from "./sse.ts";', false],
];
for (const [path, text, expected] of starting) {
  Deno.test(`startsProcesses() of ${path} with ${text || "no imports"}`, () => {
    equal(startsProcesses(path, text), expected);
  });
}

processTest(
  "deno task test:unit runs what it is given, without permission to start processes",
  async () => {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "test:unit", ".ci/fixtures/process_tests_test.ts"],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    equal(code, 0, text);
    match(text, /\d+ passed .*\| 0 failed/);
  },
);
