import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  leadsNowhere,
  linkedRuntime,
  linkRuntime,
  type Project,
  projectOf,
} from "./project_link.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-project-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const LINK = '{"imports":{"mesh":"./.mesh/runtime/mod.ts"}}';

type Form = Project["form"] | undefined;
const PROJECTS: [what: string, files: Record<string, string>, form: Form, dead: boolean][] = [
  ["nothing", {}, undefined, false],
  ["a deno.json without a mesh", { "deno.json": '{"imports":{}}' }, undefined, false],
  ["a deno.json with comments", { "deno.json": "{ /* mine */ }" }, undefined, false],
  ["a link that is not there", { "deno.json": LINK }, "link", true],
  [
    "a path",
    { "deno.json": '{"imports":{"mesh":"./x.ts"}}', "x.ts": "" },
    "path",
    false,
  ],
  ["a path to nowhere", { "deno.json": '{"imports":{"mesh":"file:///gone/x.ts"}}' }, "path", true],
  ["a package", { "deno.json": '{"imports":{"mesh":"jsr:@some/mesh"}}' }, "path", false],
  [
    "an import map",
    {
      "deno.json": '{"importMap":"./maps/map.json"}',
      "maps/map.json": '{"imports":{"mesh":"../x.ts"}}',
      "x.ts": "",
    },
    "map",
    false,
  ],
  ["a mesh in the agent's own folder", { "greeter/deno.json": LINK }, "link", true],
];

for (const [what, files, form, dead] of PROJECTS) {
  Deno.test(`projectOf() and leadsNowhere() where there is ${what}`, async () => {
    await inFolder(async (folder) => {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), text);
      }
      const project = await projectOf(join(folder, "greeter"));
      equal(project?.form, form);
      equal(project !== undefined && leadsNowhere(project), dead);
    });
  });
}

Deno.test("linkRuntime() makes a link that git does not see, and moves it to another runtime", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "deno.json"), LINK);
    const project = await projectOf(folder);
    if (project === undefined) throw new Error("there is a project");
    for (const runtime of ["one", "two"]) {
      const root = join(folder, runtime);
      await mkdir(join(root, "runtime"), { recursive: true });
      await writeFile(join(root, "runtime", "mod.ts"), runtime);
      deepEqual([await linkRuntime(folder, root), await linkRuntime(folder, root)], [true, false]);
      equal(await linkedRuntime(project), join(root, "runtime"));
      equal(await readFile(join(folder, ".mesh/runtime/mod.ts"), "utf8"), runtime);
      equal(leadsNowhere(project), false);
    }
    equal(await readFile(join(folder, ".mesh/.gitignore"), "utf8"), "*\n");
    await rm(join(folder, "two"), { recursive: true });
    equal(leadsNowhere(project), true);
  });
});

Deno.test("linkRuntime() does not remove what is no link", async () => {
  await inFolder(async (folder) => {
    await mkdir(join(folder, ".mesh/runtime"), { recursive: true });
    await rejects(linkRuntime(folder, "/nowhere"), /the link to the runtime cannot be made/);
    equal((await stat(join(folder, ".mesh/runtime"))).isDirectory(), true);
  });
});

Deno.test("linkRuntime() writes nothing through links that a project has in their place", async () => {
  await inFolder(async (folder) => {
    const [outside, project] = [join(folder, "outside"), join(folder, "project")];
    for (const path of [outside, join(project, ".mesh")]) await mkdir(path, { recursive: true });
    await writeFile(join(outside, "kept.txt"), "kept");
    await symlink(join(outside, "kept.txt"), join(project, ".mesh", ".gitignore"));
    await linkRuntime(project, folder);
    equal(await readFile(join(outside, "kept.txt"), "utf8"), "kept");

    const other = join(folder, "other");
    await mkdir(other);
    await symlink(outside, join(other, ".mesh"));
    await rejects(linkRuntime(other, folder), { code: 1, message: /is not a folder of its own/ });
    deepEqual(await readdir(outside), ["kept.txt"]);
  });
});
