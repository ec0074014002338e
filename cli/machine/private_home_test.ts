import { deepEqual, equal, match } from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { meshHome } from "./home.ts";
import { makePrivate, openedText } from "./private_home.ts";

const ignore = Deno.build.os === "windows";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "home-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

async function writeOpen(paths: string[], mode = 0o644): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "");
    await chmod(path, mode);
  }
}

Deno.test("makePrivate() makes a new home for its user alone, and has nothing to say of it", {
  ignore,
}, async () => {
  await inFolder(async (folder) => {
    const home = meshHome(join(folder, "new", "home"));
    deepEqual(await makePrivate(home), []);
    for (const path of [home.root, home.agents, home.logs, home.dataFolder, home.supervisors]) {
      equal(await modeOf(path), "700", path);
    }
  });
});

Deno.test("makePrivate() closes a home that others may enter, and all that is kept in it", {
  ignore,
}, async () => {
  await inFolder(async (folder) => {
    const home = meshHome(join(folder, "home"));
    const kept = [
      ...[home.log("a"), home.record("a"), home.registryKv, `${home.registryKv}-wal`],
      ...[home.shellHistory, home.registryRecord],
    ];
    const data = join(home.data("a"), "page.html");
    await writeOpen([...kept, data, home.startLock]);
    await chmod(home.root, 0o755);
    await chmod(home.logs, 0o755);

    const closed = await makePrivate(home);
    match(openedText(home, closed), /^Other users of this machine could read \S+home; from now on/);
    for (const path of [home.root, home.logs, home.agents]) equal(await modeOf(path), "700", path);
    for (const path of kept) equal(await modeOf(path), "600", path);
    equal(await modeOf(data), "644", "what an agent keeps in its folder is its own");
    deepEqual(await makePrivate(home), [], "once");
  });
});

Deno.test(
  "makePrivate() does not close a folder that holds other things, only what is kept in it",
  { ignore },
  async () => {
    await inFolder(async (folder) => {
      const home = meshHome(folder);
      await writeOpen([join(folder, "index.html"), home.log("a"), home.registryKv]);
      await chmod(folder, 0o755);
      await chmod(home.logs, 0o755);

      match(
        openedText(home, await makePrivate(home)),
        /^Other users of this machine could read logs, mcp_mesh_registry\.kv in \S+; from now on/,
      );
      equal(await modeOf(folder), "755");
      equal(await modeOf(join(folder, "index.html")), "644");
      equal(await modeOf(home.logs), "700");
      equal(await modeOf(home.registryKv), "600");
    });
  },
);
