import { deepEqual, equal } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { moduleGraph, readModuleGraph } from "./module_graph.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

async function withModules(
  modules: Record<string, string>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "graph-"));
  try {
    for (const [name, text] of Object.entries(modules)) await writeFile(join(folder, name), text);
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const read = (roots: string[]) =>
  readModuleGraph(roots, { deno: Deno.execPath(), root: ROOT }, { environment: {} });

processTest("readModuleGraph() knows the own modules of each agent", async () => {
  await withModules({
    "a.ts": 'import { agent } from "mesh";\nimport "./shared.ts";\nagent({ name: "a" });\n',
    "b.ts": 'import "./shared.ts";\nimport type { T } from "./types.ts";\nexport type { T };\n',
    "shared.ts": 'import data from "./data.json" with { type: "json" };\nconsole.log(data);\n',
    "types.ts": "export type T = 1;\n",
    "data.json": "{}",
  }, async (folder) => {
    const [a = "", b = ""] = ["a.ts", "b.ts"].map((name) => join(folder, name));
    const graph = await read([a, b]);
    const names = (root: string) =>
      graph.filesOf(root).map((file) => file.slice(folder.length + 1));
    deepEqual(names(a), ["a.ts", "shared.ts", "data.json"]);
    deepEqual(names(b).toSorted(), ["b.ts", "data.json", "shared.ts", "types.ts"]);
    deepEqual([a, b].flatMap(graph.problemsOf), []);
  });
});

processTest("readModuleGraph() tells where what is wrong", async () => {
  await withModules({
    "a.ts": 'import "./missing.ts";\nimport x from "no-such-package";\nimport "./bad.ts";\nx();\n',
    "bad.ts": "const x = ;\n",
    "good.ts": 'try {\n  await import("./optional.ts");\n} catch {\n  // Not there.\n}\n',
  }, async (folder) => {
    const [a = "", good = ""] = ["a.ts", "good.ts"].map((name) => join(folder, name));
    const graph = await read([a, good]);
    const problems = graph.problemsOf(a).map((
      { file, line, column, specifier, reason },
    ) => [`${file.slice(folder.length + 1)}:${line}:${column}`, specifier, reason.slice(0, 20)]);
    deepEqual(problems, [
      ["a.ts:1:8", "./missing.ts", 'Module not found "fi'],
      ["a.ts:2:15", "no-such-package", 'Import "no-such-pack'],
      ["bad.ts:1:11", undefined, "SyntaxError: Express"],
    ]);
    equal(graph.filesOf(a).includes(join(folder, "missing.ts")), true, "it may yet come");
    deepEqual(graph.problemsOf(good), [], "what is imported at run time may be caught");
  });
});

Deno.test("moduleGraph() leaves the runtime out and copes with circles", () => {
  const module = (name: string, ...imports: string[]) => ({
    specifier: `file:///${name}`,
    dependencies: imports.map((specifier) => ({
      specifier,
      code: { specifier: `file:///${specifier}`, span: { start: { line: 0, character: 0 } } },
    })),
  });
  const modules = [
    module("app/a.ts", "app/b.ts", "mesh/runtime/mod.ts"),
    module("app/b.ts", "app/a.ts"),
    module("mesh/runtime/mod.ts", "mesh/runtime/agent.ts"),
  ];
  deepEqual(moduleGraph({ modules }, "/mesh").filesOf("/app/a.ts"), ["/app/a.ts", "/app/b.ts"]);
});

Deno.test("moduleGraph() has the address that a name of JSR stands for among the imports", () => {
  const span = { start: { line: 0, character: 7 } };
  const address = "https://jsr.io/@std/path/1.0.0/mod.ts";
  const code = { specifier: "jsr:@std/path@1", span };
  const modules = [
    { specifier: "file:///app/a.ts", dependencies: [{ specifier: "@std/path", code }] },
    { specifier: address },
  ];
  const graph = moduleGraph({ modules, redirects: { "jsr:@std/path@1": address } }, "/mesh");
  deepEqual(
    graph.importsOf("/app/a.ts").map(({ target }) => target),
    ["jsr:@std/path@1", address],
  );
});
