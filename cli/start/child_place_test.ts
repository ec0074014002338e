import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { childGrant } from "../../runtime/sandbox/child_grant.ts";
import { runtimeLock } from "../analysis/agent_code.ts";
import { withFiles } from "../analysis/files_fixture.ts";
import { meshHome } from "../machine/home.ts";
import { childCode, prepareChild, prepareDenoDir, sharedDenoDir } from "./child_place.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** Keeps something in each store that needs no permission, and imports what an agent may. */
const AGENT = `
import { agent } from "mesh";
import * as z from "zod";
import { word } from "words/deep.ts";
import nunjucks from "nunjucks";
const stores = {
  caches: () => caches.open("x"),
  localStorage: () => localStorage.setItem("a", "b"),
  kv: async () => (await Deno.openKv()).close(),
};
const kept = [];
for (const [name, open] of Object.entries(stores)) {
  try {
    await open();
    kept.push(name);
  } catch {
    // It keeps nothing.
  }
}
const text = nunjucks.renderString("{{ word }}", { word: z.string().parse(word) });
console.log(JSON.stringify({ kept, text, cwd: Deno.cwd(), agent: typeof agent }));
`;

processTest(
  "prepareChild() makes a place in which agent code runs and stores nothing",
  async () => {
    await withFiles({
      "project/deno.json": JSON.stringify({ imports: { "words/": "./lib/" } }),
      "project/lib/deep.ts": 'export const word = "deep";',
      "project/agent.ts": AGENT,
      "home/data/other/file": "",
    }, async (folder) => {
      const home = meshHome(join(folder, "home"));
      const file = join(folder, "project/agent.ts");
      const cache = sharedDenoDir(Deno.env.toObject(), root);
      const places = { home, root, cache };
      const code = childCode("me", join(folder, "project"), places);
      prepareChild({ name: "me", file, lock: runtimeLock(root) }, places);
      const facts = { ...code, meshPorts: [], environment: {} };
      const reads = [file, join(folder, "project"), join(root, "runtime")];
      const run = () =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", ...code.args, ...childGrant({}, { read: reads }, facts).flags, file],
          cwd: code.cwd,
          env: { DENO_DIR: code.deno_dir },
          clearEnv: true,
          stdin: "null",
        }).output();
      const first = await run();
      const second = await run();
      for (const { stdout, stderr } of [first, second]) {
        const text = new TextDecoder().decode(stdout);
        ok(text !== "", new TextDecoder().decode(stderr));
        deepEqual(JSON.parse(text), {
          kept: [],
          text: "deep",
          cwd: join(folder, "project"),
          agent: "function",
        });
      }
      // What was compiled is kept for the next time, apart from that of others.
      ok(Deno.statSync(join(code.deno_dir, "gen")).isDirectory);
      equal(Deno.statSync(join(code.deno_dir, "location_data")).size, 0);
    });
  },
);

Deno.test("childCode() closes what the mesh keeps, the data of others, and what Deno compiled", async () => {
  await withFiles({
    "home/data/me/own": "",
    "home/data/me.json": "",
    "home/data/other/theirs": "",
    "cache/npm/registry/x": "",
    "cache/gen/y": "",
    "cache/v8_code_cache_v2": "",
  }, (given) => {
    const folder = Deno.realPathSync(given);
    const home = meshHome(join(folder, "home"));
    const cache = join(folder, "cache");
    const places = { home, root: "/project", cache };
    const { closed, unwritable } = childCode("me", folder, places, ["me", "new"]);
    const isClosed = (path: string) =>
      closed.some((each) => path === each || path.startsWith(`${each}/`));
    const shut = [
      ...["agents/me.json", "logs/me.log", "registry.json", "mcp_mesh_registry.kv", "deno/me"],
      ...["locks/me.code.json", "supervisors/1.json", "data/other/theirs", "data/me.json"],
      // It is started at the same time.
      ...["data/new", "data/new.json"],
    ].map((path) => join(home.root, path));
    for (const path of shut) ok(isClosed(path), path);
    for (const path of ["gen/y", "v8_code_cache_v2", "mesh_runtime/z"]) {
      ok(isClosed(join(cache, path)), path);
    }
    ok(!isClosed(join(home.root, "data/me/own")));
    ok(!isClosed(join(cache, "npm/registry/x")));
    ok(unwritable.includes(cache));
    ok(unwritable.includes("/project/runtime"));
    return Promise.resolve();
  });
});

Deno.test("prepareDenoDir() repairs what is not as it should be", async () => {
  await withFiles({
    "own/npm/mine": "",
    "own/location_data/kv": "",
    "shared/npm/theirs": "",
  }, (folder) => {
    const own = join(folder, "own");
    for (let time = 0; time < 2; time++) {
      prepareDenoDir(own, join(folder, "shared"));
      deepEqual([...Deno.readDirSync(join(own, "npm"))].map(({ name }) => name), ["theirs"]);
      deepEqual([...Deno.readDirSync(join(own, "remote"))], []);
      ok(Deno.lstatSync(join(own, "location_data")).isFile);
    }
    return Promise.resolve();
  });
});

Deno.test("sharedDenoDir() is where Deno keeps what it downloads", () => {
  equal(sharedDenoDir({ DENO_DIR: "/d", HOME: "/h" }, "/mesh"), "/d");
  equal(sharedDenoDir({ DENO_DIR: "d", HOME: "/h" }, "/mesh"), "/mesh/d");
  if (Deno.build.os !== "linux") return;
  equal(sharedDenoDir({ HOME: "/h" }, "/mesh"), "/h/.cache/deno");
  equal(sharedDenoDir({ HOME: "/h", XDG_CACHE_HOME: "/c" }, "/mesh"), "/c/deno");
  match(sharedDenoDir({}, "/mesh"), /\.cache\/deno$/);
});
