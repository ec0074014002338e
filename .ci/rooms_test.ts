import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import plugin, { importProblem } from "./rooms.ts";

const ALLOWED: [from: string, specifier: string][] = [
  ["runtime/define/agent.ts", "zod"],
  ["runtime/define/agent.ts", "./tool.ts"],
  ["runtime/define/agent.ts", "node:path"],
  ["runtime/suites/testdata/suite_agent.ts", "mesh"],
  ["registry/routes/agents.ts", "../../runtime/protocol/listing.ts"],
  ["registry/app/app.ts", "../../runtime/metrics/metrics.ts"],
  ["registry/suites/heartbeat_bench.ts", "../../.ci/bench/load.ts"],
  ["cli/main.ts", "../registry/mod.ts"],
  ["cli/main.ts", "../runtime/base/errors.ts"],
  ["cli/e2e/start_test.ts", "../../agents/trip-planner/poi-agent.ts"],
  ["agents/trip-planner/poi-agent.ts", "mesh"],
  ["agents/trip-planner/poi-agent.ts", "zod"],
  ["agents/trip-planner/poi-agent.ts", "./data/places.ts"],
  ["agents/trip-planner/poi-agent_test.ts", "mesh/testing"],
  ["deploy/edge.ts", "../registry/mod.ts"],
  [".ci/bench.ts", "../registry/mod.ts"],
  ["runtime/tracing/redis_delivery_test.ts", "../../.ci/fixtures/redis_server.ts"],
  ["registry/trace/span_fixture.ts", "../../.ci/fixtures/redis_server.ts"],
  ["deploy/edge_test.ts", "../.ci/fixtures/redis_server.ts"],
  ["cli/e2e/traces_test.ts", "../../.ci/fixtures/redis_server.ts"],
  [".ci/compile_test.ts", "./fixtures/free_port.ts"],
  [".ci/fixtures/redis_server.ts", "./free_port.ts"],
  [".ci/fixtures/redis_server.ts", "ioredis"],
];

for (const [from, specifier] of ALLOWED) {
  Deno.test(`importProblem() lets ${from} import ${specifier}`, () => {
    assert.equal(importProblem(from, specifier), undefined);
  });
}

const REFUSED: [from: string, specifier: string, reason: RegExp][] = [
  ["runtime/define/agent.ts", "../../registry/mod.ts", /runtime may import its own files/],
  ["runtime/define/agent.ts", "../../cli/base/exit.ts", /runtime may import/],
  ["runtime/define/agent.ts", "../../agents/trip-planner/poi-agent.ts", /runtime may import/],
  ["runtime/define/agent.ts", "../../runtime-old/agent.ts", /runtime may import/],
  ["runtime/define/agent.ts", "../../.ci/bench/load.ts", /runtime may import/],
  [
    "registry/app/app.ts",
    "../../runtime/define/agent.ts",
    /registry may import its own files, runtime\/base, runtime\/protocol/,
  ],
  ["runtime/define/agent.ts", "../../.ci/fixtures/redis_server.ts", /runtime may import/],
  ["runtime/define/agent_test.ts", "../../.ci/bench/load.ts", /runtime may import/],
  ["runtime/define/agent_test.ts", "../../.ci/fixtures-old/a.ts", /runtime may import/],
  ["agents/trip-planner/poi-agent_test.ts", "../../.ci/fixtures/redis_server.ts", /agents may/],
  [".ci/fixtures/redis_server.ts", "../../registry/mod.ts", /\.ci\/fixtures may import its own/],
  [".ci/fixtures/redis_server.ts", "mesh", /\.ci\/fixtures may import its own/],
  [".ci/fixtures/redis_server.ts", "../bench/load.ts", /\.ci\/fixtures may import its own/],
  ["registry/app/app.ts", "mesh", /registry may import/],
  ["registry/app/app.ts", "../../cli/base/exit.ts", /registry may import/],
  ["registry/app/app.ts", "../../runtime/trace/span.ts", /registry may import/],
  ["registry/app/app_test.ts", "../../runtime/define/agent.ts", /registry may import/],
  ["cli/main.ts", "../agents/trip-planner/poi-agent.ts", /cli may import/],
  ["agents/trip-planner/poi-agent.ts", "../../runtime/mod.ts", /agents may import "mesh"/],
  ["agents/trip-planner/poi-agent.ts", "../other/data.ts", /agents may import/],
  ["agents/trip-planner/poi-agent.ts", "mesh/testing", /agents may import/],
  ["deploy/edge.ts", "../cli/main.ts", /deploy may import/],
  ["cli/main.ts", "npm:zod@4", /import_map\.json/],
  ["cli/main.ts", "jsr:@std/path", /import_map\.json/],
  [".ci/bench.ts", "https://example.com/mod.ts", /import_map\.json/],
];

for (const [from, specifier, reason] of REFUSED) {
  Deno.test(`importProblem() refuses ${specifier} in ${from}`, () => {
    const problem = importProblem(from, specifier) ?? "";
    assert.match(problem, reason);
    assert.ok(problem.includes(from) && problem.includes(`"${specifier}"`), problem);
  });
}

function lint(file: string, source: string): string[] {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  return Deno.lint.runPlugin(plugin, path, source).map(({ id, message }) => `${id}: ${message}`);
}

Deno.test("rooms/imports sees every form of import", () => {
  const forms = [
    'import { a } from "../cli/a.ts";',
    'import "../cli/a.ts";',
    'import type { A } from "../cli/a.ts";',
    'export { a } from "../cli/a.ts";',
    'export * from "../cli/a.ts";',
    'await import("../cli/a.ts");',
  ];
  for (const form of forms) {
    assert.match(
      lint("runtime/a.ts", form).join(),
      /^rooms\/imports: runtime\/a\.ts imports/,
      form,
    );
  }
});

Deno.test("rooms/documented wants documentation of what is exported, once a name", () => {
  const message = "rooms/documented: exported a has no documentation; say what it is in /** … */";
  assert.deepEqual(lint("runtime/a.ts", "export const a = 1;"), [message]);
  assert.deepEqual(lint("runtime/a.ts", "/** A. */\nexport const b = 1;\nexport function a() {}"), [
    message,
  ]);
  assert.deepEqual(lint("runtime/a.ts", "// A.\nexport class a {}"), [message]);
  assert.deepEqual(
    lint("runtime/a.ts", "/** A — b. */\nexport const a = 1;\nexport type a = 1;"),
    [],
  );
  assert.deepEqual(
    lint("runtime/a.ts", "/** A. */\n// deno-lint-ignore x\nexport interface a {}"),
    [],
  );
  assert.deepEqual(lint("runtime/a_test.ts", "export const a = 1;"), []);
});

Deno.test("rooms/once refuses a function of the ground floor outside of it", () => {
  const source = "function sleep() {}";
  const message = "rooms/once: sleep() is written already; import it from runtime/base/sleep.ts, " +
    "or name another thing otherwise";
  for (const file of ["runtime/a.ts", "registry/b/a.ts", "cli/a.ts"]) {
    assert.deepEqual(lint(file, source), [message]);
  }
  for (const file of ["runtime/base/a.ts", "cli/a_test.ts", "agents/x/a.ts", ".ci/a.ts"]) {
    assert.deepEqual(lint(file, source), []);
  }
  assert.deepEqual(lint("cli/a.ts", "function asleep() {}\nconst sleep = 1;"), []);
});
