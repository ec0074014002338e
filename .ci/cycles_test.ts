import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { cycles, type ModuleGraph } from "./cycles.ts";
import { processTest } from "./fixtures/process_tests.ts";

const root = new URL("..", import.meta.url);

/** The part of `deno info --json` that says what a module needs at run time. */
const Info = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    dependencies: z.array(z.object({
      code: z.object({ specifier: z.string().optional() }).optional(),
      isDynamic: z.boolean().default(false),
    })).default([]),
  })),
});

async function graphOf(entry: string): Promise<ModuleGraph> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: fileURLToPath(root),
  }).output();
  const { modules } = Info.parse(JSON.parse(new TextDecoder().decode(stdout)));
  const local = (specifier: string) =>
    specifier.startsWith(root.href) ? [specifier.slice(root.href.length)] : [];
  return new Map(
    modules.flatMap(({ specifier, dependencies }) =>
      local(specifier).map((name): [string, string[]] => [
        name,
        dependencies.flatMap(({ code, isDynamic }) =>
          isDynamic ? [] : local(code?.specifier ?? "")
        ),
      ])
    ),
  );
}

const CASES: [name: string, graph: Record<string, string[]>, expected: string[][]][] = [
  ["a diamond", { a: ["b", "c"], b: ["d"], c: ["d"], d: [] }, []],
  ["a module that imports itself", { a: ["a"] }, [["a"]]],
  ["a cycle behind its entry", { a: ["b"], b: ["c"], c: ["d"], d: ["b"] }, [["b", "c", "d"]]],
  ["two cycles", { a: ["b"], b: ["a"], c: ["d"], d: ["c"] }, [["a", "b"], ["c", "d"]]],
  ["a module that is not in the graph", { a: ["npm:zod"] }, []],
];

for (const [name, graph, expected] of CASES) {
  Deno.test(`cycles() of ${name}`, () => {
    assert.deepEqual(cycles(new Map(Object.entries(graph))), expected);
  });
}

for (
  const entry of [
    "cli/main.ts",
    "registry/main.ts",
    "runtime/process/load_check.ts",
    "runtime/process/main.ts",
    "runtime/handler/worker/worker.ts",
    "runtime/handler/child/main.ts",
    "runtime/mod.ts",
    "runtime/testing/mod.ts",
  ]
) {
  processTest(`no module that ${entry} loads imports itself through others`, async () => {
    const graph = await graphOf(entry);
    assert.ok((graph.get(entry) ?? []).length > 0);
    assert.deepEqual(cycles(graph), []);
  });
}
