import assert from "node:assert/strict";
import { cycles } from "./cycles.ts";
import { graphOf, importsOf, layeredModules } from "./imports.ts";
import { layerOf, layerProblem, LAYERS } from "./layers.ts";

Deno.test("layerOf() is the deepest layer that a file is in", () => {
  const rows: [file: string, layer: string | undefined][] = [
    ["runtime/base/errors.ts", "runtime/base"],
    ["runtime/define/check/kind.ts", "runtime/define"],
    ["runtime/handler/worker/worker.ts", "runtime/handler/worker"],
    ["runtime/handler/operations.ts", "runtime/handler"],
    ["cli/commands/scaffold/add.ts", "cli/commands"],
    ["runtime/mod.ts", undefined],
    ["runtime/base/errors_test.ts", undefined],
    ["runtime/suites/testdata/suite_agent.ts", undefined],
    ["agents/trip-planner/poi-agent.ts", undefined],
  ];
  for (const [file, layer] of rows) assert.equal(layerOf(file), layer, file);
});

Deno.test("layerProblem() lets a layer import what its row names, and nothing else", () => {
  const rows: [from: string, to: string, problem: RegExp | undefined][] = [
    ["runtime/node/node.ts", "runtime/wiring/slots.ts", undefined],
    ["runtime/node/node.ts", "runtime/node/calls.ts", undefined],
    ["runtime/node/node.ts", "runtime/handler/operations.ts", /runtime\/node may import/],
    ["runtime/sandbox/sandboxed.ts", "runtime/handler/worker/worker.ts", /runtime\/sandbox may/],
    ["runtime/process/main.ts", "runtime/in_thread/in_thread.ts", /runtime\/process may import/],
    ["runtime/base/log.ts", "runtime/protocol/trace.ts", /runtime\/base may import nothing else/],
    ["runtime/base/log.ts", "runtime/mod.ts", /runtime\/base may import nothing else/],
    ["runtime/define/servable.ts", "runtime/in_thread/serve_in_thread.ts", undefined],
    ["runtime/define/servable.ts", "runtime/in_thread/in_thread.ts", /runtime\/define may import/],
    ["registry/directory/sweep.ts", "runtime/base/errors.ts", undefined],
    ["registry/directory/sweep.ts", "registry/routes/agents.ts", /registry\/directory may import/],
    ["cli/app/commands.ts", "cli/commands/start.ts", undefined],
    ["cli/app/dispatch.ts", "cli/commands/start.ts", /cli\/app may import/],
    ["runtime/base/log_test.ts", "runtime/protocol/trace.ts", undefined],
  ];
  for (const [from, to, problem] of rows) {
    const told = layerProblem(from, to);
    if (problem === undefined) assert.equal(told, undefined, `${from} -> ${to}`);
    else assert.match(told ?? "", problem, `${from} -> ${to}`);
  }
});

Deno.test("layers of a room are listed lowest first, so that there is no circle of folders", () => {
  const order = [...LAYERS.keys()];
  for (const [layer, allowed] of LAYERS) {
    const room = layer.split("/")[0] ?? "";
    for (const other of allowed) {
      if (!other.startsWith(`${room}/`)) continue;
      assert.ok(order.includes(other), `${layer} names ${other}, which is no layer`);
      assert.ok(order.indexOf(other) < order.indexOf(layer), `${layer} is above ${other}`);
    }
  }
});

Deno.test("trusted code of the runtime never imports the side of the agent's code", () => {
  const agentSide = [...LAYERS.keys()].filter((layer) =>
    /^runtime\/(handler(\/|$)|llm\/chat$)/.test(layer)
  );
  assert.ok(agentSide.includes("runtime/handler/child"), agentSide.join());
  const theirs = new Set([...agentSide, "runtime/in_thread"]);
  for (const [layer, allowed] of LAYERS) {
    if (!layer.startsWith("runtime/") || theirs.has(layer)) continue;
    for (const other of agentSide) assert.ok(!allowed.has(other), `${layer} may import ${other}`);
  }
});

Deno.test("importsOf() sees every form of import that is made when a module is loaded", () => {
  const text = [
    'import { a } from "./a.ts";',
    'import type { B } from "../b.ts";',
    'import "./c.ts";',
    'export * from "./d.ts";',
    'export type {\n  E,\n} from "./e.ts";',
    'import { join } from "node:path";',
    'const later = () => import("./later.ts");',
    'const text = "from \\"./no.ts\\"";',
  ].join("\n");
  assert.deepEqual(importsOf("x/y/z.ts", text), [
    "x/y/a.ts",
    "x/b.ts",
    "x/y/c.ts",
    "x/y/d.ts",
    "x/y/e.ts",
  ]);
});

Deno.test("no module imports itself through others, types included", async () => {
  const modules = await layeredModules();
  assert.ok(modules.length > 500, `${modules.length} modules`);
  assert.deepEqual(cycles(graphOf(modules)), []);
});
