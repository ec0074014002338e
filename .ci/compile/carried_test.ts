/** Everything that is needed where there is no checkout is carried. */
import { deepEqual, ok } from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { carriedFiles, carriedPaths } from "./carried.ts";
import { processTest } from "../fixtures/process_tests.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const Graph = z.object({ modules: z.array(z.object({ specifier: z.string() })) });

/** What agents import, and the modules that a path in the runtime or the command line names. */
const ENTRIES = [
  "runtime/mod.ts",
  "runtime/testing/mod.ts",
  "runtime/process/load_check.ts",
  "runtime/process/main.ts",
  "runtime/handler/child/main.ts",
  "runtime/handler/worker/worker.ts",
  "runtime/handler/worker/ignored_env.ts",
  "runtime/bridge/planned_server.ts",
];

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

/** Paths of the modules of this checkout that `entry` loads. */
async function loadedBy(entry: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
  }).output();
  const { modules } = Graph.parse(JSON.parse(new TextDecoder().decode(stdout)));
  return modules.map(({ specifier }) => specifier)
    .filter((specifier) => specifier.startsWith("file:"))
    .map((specifier) => relative(ROOT, fileURLToPath(specifier)));
}

processTest("carriedPaths() has every module that an agent or its host loads", async () => {
  const carried = new Set(await carriedPaths(ROOT));
  const loaded = (await Promise.all(ENTRIES.map(loadedBy))).flat();
  ok(loaded.length > 100, String(loaded.length));
  deepEqual(loaded.filter((path) => !carried.has(path)), []);
});

Deno.test("carriedPaths() has every file of the command line and the registry that is no module", async () => {
  const carried = new Set(await carriedPaths(ROOT));
  const all = [...await filesOf("cli"), ...await filesOf("registry"), ...await filesOf("runtime")];
  const assets = all.filter((path) =>
    !path.endsWith(".ts") && !/(^|\/)(testdata|e2e)\/|(^|\/)README\.md$/.test(path)
  );
  deepEqual(assets.filter((path) => !carried.has(path)), []);
});

Deno.test("no module of the bundle looks for a file beside itself: in the bundle it has moved", async () => {
  const modules = [...await filesOf("cli"), ...await filesOf("registry")]
    .filter((path) => /(?<!_test|_fixture|_bench|_fuzz)\.ts$/.test(path))
    .filter((path) => !/\/(testdata|e2e)\//.test(path));
  const texts = await Promise.all(
    modules.map(async (path) => [path, await readFile(join(ROOT, path), "utf8")] as const),
  );
  const looking = texts.filter(([, text]) =>
    /import\.meta\.(url|dirname|filename|resolve)/.test(text)
  )
    .map(([path]) => path);
  deepEqual(looking.toSorted(), ["cli/binary/launcher.ts", "cli/settings/runtime_location.ts"]);
});

processTest(
  "no module of the runtime that looks for a file beside itself is in the bundle",
  async () => {
    const loaded = await loadedBy("cli/binary/main.ts");
    const modules = loaded.filter((path) => path.startsWith("runtime/"));
    ok(modules.length > 10, String(modules.length));
    const texts = await Promise.all(
      modules.map(async (path) => [path, await readFile(join(ROOT, path), "utf8")] as const),
    );
    const looking = texts.filter(([, text]) => /import\.meta\.(url|dirname|filename)/.test(text));
    deepEqual(looking.map(([path]) => path), []);
  },
);

Deno.test("carriedFiles() has settings for agents, and none that only a checkout can follow", async () => {
  const files = await carriedFiles(ROOT);
  const project = JSON.parse(new TextDecoder().decode(files.get("deno.json")));
  deepEqual(Object.keys(project).toSorted(), [
    "compilerOptions",
    "importMap",
    "lock",
    "nodeModulesDir",
    "unstable",
  ]);
  ok(files.has("import_map.json"));
  deepEqual([...files.keys()].filter((path) => /_test\.ts$|testdata/.test(path)), []);
});

processTest(
  "carriedFiles() has the lock file of what the runtime imports, with all that it needs",
  async () => {
    const files = await carriedFiles(ROOT);
    const text = new TextDecoder().decode(files.get("deno.lock"));
    const folder = await Deno.makeTempDir();
    try {
      const lock = join(folder, "deno.lock");
      await writeFile(lock, text);
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["info", "--json", "--quiet", "--no-config", "--frozen", "--lock", lock],
          ...["--import-map", join(ROOT, "import_map.json"), join(ROOT, "runtime/process/main.ts")],
        ],
        stdout: "null",
      }).output();
      ok(success, new TextDecoder().decode(stderr));
    } finally {
      await rm(folder, { recursive: true });
    }
    const names = Object.keys(JSON.parse(text).npm);
    ok(names.includes("zod@4.6.7"), names.join());
    deepEqual(names.filter((name) => /^(puppeteer-core|hono|@grpc)/.test(name)), []);
  },
);
