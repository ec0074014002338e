import { deepEqual, equal } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configText, projectConfig } from "./project_config.ts";

const MAP = JSON.stringify({
  imports: { mesh: "./runtime/mod.ts", zod: "npm:zod@4.0.0", semver: "npm:semver@7.0.0" },
});

Deno.test("configText() shares zod and keeps what the runtime imports in its scope", () => {
  const config = '{"compilerOptions":{"strict":true},"tasks":{}}';
  const text = configText({ importMap: MAP, config, runtime: "/opt/a mesh" });
  const { imports, scopes, compilerOptions } = JSON.parse(text);
  deepEqual(compilerOptions, { strict: true });
  deepEqual(imports, {
    "mesh": "file:///opt/a%20mesh/runtime/mod.ts",
    "mesh/testing": "file:///opt/a%20mesh/runtime/testing/mod.ts",
    "zod": "npm:zod@4.0.0",
  });
  deepEqual(scopes, { "file:///opt/a%20mesh/runtime/": { semver: "npm:semver@7.0.0" } });
});

const PROJECTS: [what: string, files: Record<string, string>, path: string | undefined][] = [
  ["nothing", {}, "deno.json"],
  ["a deno.json of its user", { "deno.json": '{"imports":{}}' }, "greeter/deno.json"],
  ["a deno.jsonc of its user", { "deno.jsonc": "{ /* mine */ }" }, "greeter/deno.json"],
  ["a mesh already", { "deno.json": '{"imports":{"mesh":"./x.ts"}}' }, undefined],
  ["a mesh by an import map", {
    "deno.json": '{"importMap":"./map.json"}',
    "map.json": '{"imports":{"mesh":"./x.ts"}}',
  }, undefined],
  ["a mesh in the agent's own folder", {
    "greeter/deno.json": '{"imports":{"mesh":"./x.ts"}}',
  }, undefined],
];

for (const [what, files, path] of PROJECTS) {
  Deno.test(`projectConfig() where there is ${what}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "mesh-config-"));
    try {
      await mkdir(join(folder, "greeter"));
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      equal((await projectConfig(folder, "greeter", "/nowhere"))?.path, path);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
