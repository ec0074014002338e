import { deepEqual, equal } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { configFiles, lockFlags, resolutionFlags } from "./resolution.ts";

/** A runtime in `mesh/`, and files beside it. */
async function withFiles(
  files: Record<string, unknown>,
  body: (folder: string, root: string) => Promise<void> | void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "resolution-"));
  const root = join(folder, "mesh");
  const runtime = { imports: { mesh: "./runtime/mod.ts", zod: "npm:zod@4.0.0" } };
  try {
    const all = { "mesh/deno.json": {}, "mesh/import_map.json": runtime, ...files };
    for (const [name, value] of Object.entries(all)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      const text = typeof value === "string" ? value : JSON.stringify(value);
      await writeFile(join(folder, name), text);
    }
    await body(folder, root);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The import map among some flags, with URLs from a folder on. */
function mapIn(flags: string[], folder: string): unknown {
  const at = flags.indexOf("--import-map");
  if (at === -1) return undefined;
  const text = decodeURIComponent((flags[at + 1] ?? "").replace("data:application/json,", ""));
  return JSON.parse(text.replaceAll(pathToFileURL(folder).href, "~"));
}

const RUNTIME = { mesh: "~/mesh/runtime/mod.ts", zod: "npm:zod@4.0.0" };

Deno.test("resolutionFlags() has a project's modules import what its deno.json says, and no others", async () => {
  await withFiles({
    "app/deno.json": `{
      // What agents share with the runtime is the runtime's.
      "imports": {
        "mesh": "./.mesh/runtime/mod.ts",
        "zod": "npm:zod@3",
        "ms": "npm:ms@^2.1.3",
        "@std/text": "jsr:@std/text@1",
        "lodash/": "npm:/lodash@4/",
        "#own/": "./lib/",
        "here": "../shared/here.ts",
        "wrong": 1,
      },
    }`,
  }, (folder, root) => {
    const flags = resolutionFlags([join(folder, "app/a.ts")], root);
    deepEqual(flags.slice(0, 3), ["--quiet", "--config", join(root, "deno.json")]);
    deepEqual(mapIn(flags, folder), {
      imports: RUNTIME,
      scopes: {
        "~/app/": {
          "ms/": "npm:/ms@^2.1.3/",
          "ms": "npm:ms@^2.1.3",
          "@std/text/": "jsr:/@std/text@1/",
          "@std/text": "jsr:@std/text@1",
          "lodash/": "npm:/lodash@4/",
          "#own/": "~/app/lib/",
          "here": "~/shared/here.ts",
        },
        "~/mesh/": RUNTIME,
      },
    });
  });
});

Deno.test("resolutionFlags() takes the import map that a deno.json names, and its scopes", async () => {
  await withFiles({
    "app/deno.jsonc": '{ "importMap": "./maps/map.json" }',
    "app/maps/map.json": {
      imports: { "ms": "npm:ms@2" },
      scopes: { "../old/": { "ms": "npm:ms@1" } },
    },
  }, (folder, root) => {
    deepEqual(mapIn(resolutionFlags([join(folder, "app/a.ts")], root), folder), {
      imports: RUNTIME,
      scopes: {
        "~/app/old/": { "ms": "npm:ms@1" },
        "~/app/": { "ms": "npm:ms@2" },
        "~/mesh/": RUNTIME,
      },
    });
  });
});

Deno.test("resolutionFlags() says nothing of imports where no project does", async () => {
  await withFiles({
    "app/deno.json": { imports: { "mesh": "./x.ts", "mesh/testing": "./y.ts", "zod": "npm:zod" } },
    "broken/deno.json": "no JSON",
  }, (folder, root) => {
    for (const name of ["app/a.ts", "broken/a.ts", "none/a.ts", "mesh/agents/a.ts"]) {
      equal(resolutionFlags([join(folder, name)], root).includes("--import-map"), false, name);
    }
  });
});

Deno.test("configFiles() are the nearest and those of the workspaces around it", async () => {
  await withFiles({
    "deno.json": { workspace: ["./a"] },
    "a/deno.json": {},
    "a/b/deno.jsonc": "{}",
  }, (folder, root) => {
    const found = (name: string) =>
      configFiles(join(folder, name), root).map((file) => file.slice(folder.length + 1));
    deepEqual(found("a/b/c"), ["a/b/deno.jsonc", "deno.json"]);
    deepEqual(found("a"), ["a/deno.json", "deno.json"]);
    deepEqual(found("mesh/agents"), []);
  });
});

Deno.test("lockFlags() keep what other projects import out of the lock file", () => {
  deepEqual(lockFlags(["/mesh/a.ts", "/mesh/b.ts"], "/mesh"), []);
  deepEqual(lockFlags(["/mesh/a.ts", "/meshes/b.ts"], "/mesh"), ["--no-lock"]);
});
