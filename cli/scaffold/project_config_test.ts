import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import {
  configSources,
  configText,
  isCurrent,
  newConfig,
  repairedConfig,
  RUNTIME_PACKAGES,
} from "./project_config.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const SOURCES = {
  importMap: JSON.stringify({
    imports: { mesh: "./runtime/mod.ts", zod: "npm:zod@4.0.0", semver: "npm:semver@7.0.0" },
  }),
  config: '{"compilerOptions":{"strict":true},"tasks":{}}',
};
const MESH = {
  "mesh": "./.mesh/runtime/mod.ts",
  "mesh/testing": "./.mesh/runtime/testing/mod.ts",
  "zod": "npm:zod@4.0.0",
};
const SCOPES = { "./.mesh/runtime/": { semver: "npm:semver@7.0.0" } };

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-config-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("configText() shares zod, keeps what the runtime imports in its scope, and names no machine", () => {
  const { imports, scopes, compilerOptions } = JSON.parse(configText(SOURCES));
  deepEqual(compilerOptions, { strict: true });
  deepEqual(imports, MESH);
  deepEqual(scopes, SCOPES);
});

Deno.test("newConfig() leaves a configuration of its user alone", async () => {
  await inFolder(async (folder) => {
    equal(newConfig(folder, "greeter", SOURCES).path, "deno.json");
    for (const taken of ["deno.json", "deno.jsonc"]) {
      await writeFile(join(folder, taken), "{}");
      equal(newConfig(folder, "greeter", SOURCES).path, "greeter/deno.json");
      await rm(join(folder, taken));
    }
  });
});

Deno.test("repairedConfig() replaces what leads to a runtime, and keeps everything else", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "deno.json");
    const before = {
      imports: { "mesh": "file:///gone/runtime/mod.ts", "ms": "npm:ms@2", "zod": "npm:zod@3" },
      scopes: { "file:///gone/runtime/": { "hono": "npm:hono@1" }, "./mine/": { "a": "./b.ts" } },
      tasks: { mine: "true" },
    };
    await writeFile(file, JSON.stringify(before));
    equal(isCurrent(JSON.stringify(before), SOURCES), false);
    const after = await repairedConfig({ file, form: "path" }, SOURCES);
    deepEqual(JSON.parse(after), {
      imports: { ...MESH, "ms": "npm:ms@2" },
      scopes: { "./mine/": { "a": "./b.ts" }, ...SCOPES },
      tasks: { mine: "true" },
    });
    equal(isCurrent(after, SOURCES), true);
    const spread = after.replaceAll("\n", "\n\n");
    await writeFile(file, spread);
    equal(await repairedConfig({ file, form: "link" }, SOURCES), spread);
  });
});

Deno.test("repairedConfig() leaves comments where they are", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "deno.jsonc");
    await writeFile(file, '{\n  "imports": {\n    "ms": "npm:ms@2", // why\n  },\n}\n');
    const after = await repairedConfig({ file, form: "path" }, SOURCES);
    match(after, /"ms": "npm:ms@2", \/\/ why\n/);
    equal(isCurrent(after, SOURCES), true);
  });
});

Deno.test("repairedConfig() keeps the byte order mark and the line ends of a file", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "deno.json");
    await writeFile(file, '\uFEFF{\r\n  "imports": {\r\n    "ms": "npm:ms@2"\r\n  }\r\n}\r\n');
    const after = await repairedConfig({ file, form: "path" }, SOURCES);
    match(after, /^\uFEFF\{\r\n {2}"[^]*"ms": "npm:ms@2"\r\n/);
    equal(/(?<!\r)\n/.test(after), false);
    equal(isCurrent(after, SOURCES), true);
  });
});

const Graph = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    dependencies: z.array(z.record(z.string(), z.unknown())).default([]),
  })),
});

processTest("RUNTIME_PACKAGES are what the modules of the runtime import", async () => {
  const root = new URL("../..", import.meta.url);
  const roots = ["runtime/mod.ts", "runtime/testing/mod.ts"];
  const entry = roots.map((path) => `import "${new URL(path, root)}";`).join("");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `data:application/typescript,${encodeURIComponent(entry)}`],
    cwd: fileURLToPath(root),
  }).output();
  const { modules } = Graph.parse(JSON.parse(new TextDecoder().decode(stdout)));
  const imported = JSON.stringify(
    modules.filter(({ specifier }) => specifier.startsWith(`${root}runtime/`)),
  );
  const { importMap } = await configSources(fileURLToPath(root));
  const packages = Object.entries<string>(JSON.parse(importMap).imports)
    .filter(([name, url]) => name !== "zod" && url.startsWith("npm:"))
    // The name of a package stands for all modules in it.
    .filter(([name, url]) =>
      !name.endsWith("/") &&
      [`"${url}"`, `"${url.replace("npm:", "npm:/")}/`].some((each) => imported.includes(each))
    );
  deepEqual(packages.map(([name]) => name).toSorted(), RUNTIME_PACKAGES);
});

Deno.test("repairedConfig() refuses what it would spoil", async () => {
  await inFolder(async (folder) => {
    await mkdir(join(folder, "x"));
    const file = join(folder, "deno.json");
    await writeFile(file, '{ "imports": {} ');
    await rejects(repairedConfig({ file, form: "path" }, SOURCES), /is no configuration/);
    await writeFile(file, '{ "importMap": "map.json" }');
    await rejects(repairedConfig({ file, form: "map" }, SOURCES), /has an import map of its own/);
  });
});
