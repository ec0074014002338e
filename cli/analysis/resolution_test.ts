import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CliError } from "../base/exit.ts";
import { withFiles } from "./files_fixture.ts";
import { checkFlags, resolutionFlags, UNSTABLE } from "./resolution.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Entries of an import map by scope. */
type Scopes = Record<string, Record<string, string | null>>;

/** The import map among some flags, with URLs from a folder on. */
function mapIn(flags: string[], folder: string): { imports: unknown; scopes: Scopes } | undefined {
  const text = flags[flags.indexOf("--import-map") + 1] ?? "";
  if (!text.startsWith("data:")) return undefined;
  const json = decodeURIComponent(text.replace("data:application/json,", ""));
  return JSON.parse(json.replaceAll(pathToFileURL(folder).href, "~"));
}

/** The scopes of projects, without the runtime's. */
function projectsIn(flags: string[], folder: string): Scopes | undefined {
  const { "~/mesh/": _, ...scopes } = mapIn(flags, folder)?.scopes ?? {};
  return scopes;
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
        "/": "./",
        "wrong": 1,
      },
    }`,
  }, (folder, root) => {
    const flags = resolutionFlags([join(folder, "app/a.ts")], root);
    deepEqual(flags.slice(0, 3), ["--quiet", "--no-config", "--node-modules-dir=none"]);
    const map = mapIn(flags, folder);
    deepEqual(map?.imports, RUNTIME);
    deepEqual(projectsIn(flags, folder), {
      "~/app/": {
        "ms/": "npm:/ms@^2.1.3/",
        "ms": "npm:ms@^2.1.3",
        "@std/text/": "jsr:/@std/text@1/",
        "@std/text": "jsr:@std/text@1",
        "lodash/": "npm:/lodash@4/",
        "#own/": "~/app/lib/",
        "here": "~/shared/here.ts",
        "file:///": "~/app/",
      },
    });
  });
});

Deno.test("resolutionFlags() has modules of the runtime import what they are written to, wherever it lies", async () => {
  const names = (await readdir(join(ROOT, "runtime"), { recursive: true }))
    .filter((name) => name.endsWith(".ts") && !/_(test|bench|fixture)\.ts$|testdata/.test(name));
  const texts = await Promise.all(
    names.map((name) => readFile(join(ROOT, "runtime", name), "utf8")),
  );
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/(?:from |^import |import\()"([^."\n][^"\n]*)"/gm)].map(([, name = ""]) =>
      name
    )
  );
  ok(imported.length > 100, String(imported.length));
  await withFiles(
    { "deno.json": { imports: { "node:path": "./evil.ts" } } },
    async (folder, root) => {
      await Deno.copyFile(join(ROOT, "import_map.json"), join(root, "import_map.json"));
      const map = mapIn(resolutionFlags([join(folder, "a.ts")], root), folder);
      const own = map?.scopes["~/mesh/"] ?? {};
      const isOwn = (name: string) =>
        Object.keys(own).some((key) => key === name || (key.endsWith("/") && name.startsWith(key)));
      const inherited = new Set(imported.filter((name) => !isOwn(name)));
      deepEqual([...inherited], []);
      equal(own["node:path"], "node:path");
      equal(own["~/mesh/"], "~/mesh/", "its modules, by their URLs");
    },
  );
});

Deno.test("resolutionFlags() takes the import map that a deno.json names, and its scopes", async () => {
  await withFiles({
    "app/deno.jsonc": '{ "importMap": "./maps/map.json" }',
    "app/maps/map.json": {
      imports: { "ms": "npm:ms@2", "one": "npm:one@1" },
      scopes: {
        "../": { "two": "npm:two@2" },
        "../old/": { "ms": "npm:ms@1", "zod": "npm:zod@3" },
        "../new/a.ts": { "x": "./x.ts" },
      },
    },
  }, (folder, root) => {
    deepEqual(projectsIn(resolutionFlags([join(folder, "app/a.ts")], root), folder), {
      "~/app/old/": { "ms": "npm:ms@1", "one": "npm:one@1", "two": "npm:two@2" },
      "~/app/new/a.ts": {
        "ms": "npm:ms@2",
        "one": "npm:one@1",
        "two": "npm:two@2",
        "x": "~/app/maps/x.ts",
      },
      "~/app/": { "ms": "npm:ms@2", "one": "npm:one@1", "two": "npm:two@2" },
    });
  });
});

/** Scopes that are for modules of others, as a project may write them. */
const STRAY = [
  "file:///",
  "file://localhost/",
  "/",
  "../",
  "./../mesh/",
  "./%2e%2e/mesh/",
  "%2E%2E/",
  "../app",
  "../application/",
  "file:///proc/",
  "https://",
  "https://esm.sh/",
  "npm:",
  "npm:/zod@4.0.0/",
  "jsr:",
  "data:",
  "data:application/javascript,1",
  "blob:",
  "node:",
  "http://[",
];

for (const scope of STRAY) {
  Deno.test(`resolutionFlags() refuses the scope ${scope}`, async () => {
    await withFiles(
      { "app/deno.json": { scopes: { [scope]: { "node:path": "./evil.ts" } } } },
      (folder, root) => {
        throws(() => resolutionFlags([join(folder, "app/a.ts")], root), (error) => {
          ok(error instanceof CliError);
          equal(error.code, 2);
          match(error.message, /^the scope ".*" in \S+app\/deno\.json is for modules outside of /);
          ok(error.message.includes(`"${scope}"`));
          match(error.hint ?? "", /Write the entries into "imports"/);
          return true;
        });
      },
    );
  });
}

Deno.test("resolutionFlags() refuses scopes of the runtime that lies in the project", async () => {
  for (const scope of ["./mesh/", "./mesh/runtime/process/", "./mesh/runtime/base/log.ts"]) {
    await withFiles(
      { "deno.json": { scopes: { [scope]: { "./x.ts": "./evil.ts" } } } },
      (folder, root) => {
        throws(() => resolutionFlags([join(folder, "a.ts")], root), /is for modules outside of/);
      },
    );
  }
});

Deno.test("resolutionFlags() keeps projects apart that are run by one process", async () => {
  await withFiles({
    "deno.json": { imports: { "ms": "npm:ms@1", "node:fs": "./evil.ts", "#x/": "./x/" } },
    "in/deno.json": { imports: { "ms": "npm:ms@2" } },
    "in/deep/deno.json": { imports: { "own": "npm:own@1" } },
    "in/deep/a.ts": "",
  }, (folder, root) => {
    const files = ["a.ts", "in/a.ts", "in/deep/a.ts"].map((name) => join(folder, name));
    deepEqual(projectsIn(resolutionFlags(files, root), folder), {
      "~/": { "ms/": "npm:/ms@1/", "ms": "npm:ms@1", "node:fs": "~/evil.ts", "#x/": "~/x/" },
      "~/in/": { "ms/": "npm:/ms@2/", "ms": "npm:ms@2", "node:fs": "node:fs", "#x/": null },
      "~/in/deep/": {
        "ms/": null,
        "ms": null,
        "node:fs": "node:fs",
        "#x/": null,
        "own/": "npm:/own@1/",
        "own": "npm:own@1",
      },
    });
    deepEqual(Object.keys(projectsIn(resolutionFlags(files.slice(1, 2), root), folder) ?? {}), [
      "~/in/",
    ]);
  });
});

Deno.test("resolutionFlags() has a workspace's imports hold for its members", async () => {
  await withFiles({
    "deno.json": { workspace: ["./a"], imports: { "ms": "npm:ms@1", "one": "npm:one@1" } },
    "a/deno.json": { imports: { "ms": "npm:ms@2" } },
  }, (folder, root) => {
    const scopes = projectsIn(resolutionFlags([join(folder, "a/a.ts")], root), folder);
    const { "one": one, "ms": ms } = scopes?.["~/a/"] ?? {};
    deepEqual([one, ms], ["npm:one@1", "npm:ms@2"]);
  });
});

Deno.test("resolutionFlags() takes the runtime's import map where no project adds anything", async () => {
  await withFiles({
    "app/deno.json": { imports: { "mesh": "./x.ts", "mesh/testing": "./y.ts", "zod": "npm:zod" } },
    "broken/deno.json": "no JSON",
  }, (folder, root) => {
    for (const name of ["app/a.ts", "broken/a.ts", "none/a.ts", "mesh/agents/a.ts"]) {
      const flags = resolutionFlags([join(folder, name)], root);
      equal(flags.at(-1), join(root, "import_map.json"), name);
    }
  });
});

Deno.test("checkFlags() checks as strictly as the runtime's configuration says, with the same imports", async () => {
  await withFiles({ "app/deno.json": { imports: { ms: "npm:ms@2" } } }, (folder, root) => {
    const files = [join(folder, "app/a.ts")];
    const flags = checkFlags(files, root);
    deepEqual(flags.slice(0, 4), ["--quiet", "--no-lock", "--config", join(root, "deno.json")]);
    equal(flags.at(-1), resolutionFlags(files, root).at(-1));
  });
});

Deno.test("UNSTABLE is what deno.json switches on", async () => {
  const { unstable } = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  deepEqual(UNSTABLE, unstable.map((name: string) => `--unstable-${name}`));
});
