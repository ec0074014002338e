import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { withFiles } from "../analysis/files_fixture.ts";
import { prepareDenoDir, sharedDenoDir } from "./child_place.ts";
import { COMPILED, type CompileOptions, compileRuntime, copyCompiled } from "./compiled_runtime.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");
const downloads = sharedDenoDir(Deno.env.toObject(), root);

/** Options with a cache of their own, with the packages of this machine. */
function optionsIn(cache: string): CompileOptions {
  return {
    deno: Deno.execPath(),
    root,
    cache,
    environment: { PATH: Deno.env.get("PATH") ?? "" },
    makeDenoDir: (folder) => prepareDenoDir(folder, downloads),
  };
}

/** Paths of all files below a folder, relative. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, path)).isFile()).toSorted();
}

/** The identity of a file and of its content. */
function fileState(path: string): string {
  const { ino, mtimeMs } = lstatSync(path);
  return `${ino} ${mtimeMs}`;
}

processTest(
  "what is compiled of the runtime once is copied, and compiled again when it changed",
  async () => {
    await withFiles({ "cache/x": "", "own/x": "", "used/gen/mine": "" }, async (folder) => {
      const cache = join(folder, "cache");
      await compileRuntime(optionsIn(cache));
      const [name = "", ...others] = readdirSync(join(cache, COMPILED));
      deepEqual(others, []);
      const made = join(cache, COMPILED, name);
      const stamp = join(made, "made_of.json");
      const first = fileState(stamp);
      await compileRuntime(optionsIn(cache));
      equal(fileState(stamp), first);

      const own = join(folder, "own");
      copyCompiled(own, cache, root);
      const copied = filesIn(own).filter((path) => path !== "x");
      deepEqual(copied, filesIn(made).filter((path) => path !== "made_of.json"));
      const program = copied.find((path) => path.endsWith("handler/child/main.ts.js")) ?? "";
      ok(copied.includes("v8_code_cache_v2") && program !== "");
      // Nothing is shared: what a process changes of its own is changed for no other.
      for (const path of copied) {
        ok(lstatSync(join(own, path)).isFile(), path);
        notEqual(lstatSync(join(own, path)).ino, lstatSync(join(made, path)).ino, path);
      }
      copyCompiled(join(folder, "used"), cache, root);
      deepEqual(filesIn(join(folder, "used")), ["gen/mine"]);

      const known = JSON.parse(Deno.readTextFileSync(stamp));
      ok(known.modules.includes(join(root, "runtime/handler/child/main.ts")));
      writeFileSync(stamp, JSON.stringify({ ...known, changed: known.changed - 1 }));
      await compileRuntime(optionsIn(cache));
      equal(JSON.parse(Deno.readTextFileSync(stamp)).changed, known.changed);
    });
  },
);

processTest("a process takes what was compiled as it is", async () => {
  await withFiles({ "cache/x": "", "own/x": "" }, async (folder) => {
    const [cache, own] = [join(folder, "cache"), join(folder, "own")];
    await compileRuntime(optionsIn(cache));
    prepareDenoDir(own, downloads);
    copyCompiled(own, cache, root);
    const files = filesIn(join(own, "gen"));
    const before = files.map((path) => fileState(join(own, "gen", path)));
    ok(files.length > 50);
    await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-config", "--import-map", join(root, "import_map.json"), "--cached-only"],
        ...["--no-lock", "--node-modules-dir=none", join(root, "runtime/handler/child/main.ts")],
      ],
      env: { DENO_DIR: own },
      stderr: "null",
    }).output();
    deepEqual(files.map((path) => fileState(join(own, "gen", path))), before);
  });
});

processTest(
  "compileRuntime() removes what belongs to runtimes that are gone, and fails for nothing",
  async () => {
    await withFiles({ "cache/x": "", "file": "" }, async (folder) => {
      const cache = join(folder, "cache");
      const gone = join(cache, COMPILED, "gone");
      mkdirSync(gone, { recursive: true });
      const madeOf = { root: join(folder, "no"), deno: "d", changed: 1, modules: [] };
      writeFileSync(
        join(gone, "made_of.json"),
        JSON.stringify({ ...madeOf, folders: [], files: [] }),
      );
      await compileRuntime(optionsIn(cache));
      ok(!existsSync(gone));
      equal(readdirSync(join(cache, COMPILED)).length, 1);
      await compileRuntime(optionsIn(join(folder, "file")));
      await compileRuntime({ ...optionsIn(join(folder, "new")), deno: join(folder, "none") });
      await compileRuntime({ ...optionsIn(join(folder, "new")), root: folder });
      // A folder that could not be filled is not left.
      deepEqual(existsSync(join(folder, "new", COMPILED)) ? filesIn(join(folder, "new")) : [], []);
      copyCompiled(join(folder, "nowhere"), join(folder, "new"), root);
      ok(!existsSync(join(folder, "nowhere")));
    });
  },
);
