import { deepEqual, equal, match } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { configSources, configText } from "../scaffold/project_config.ts";
import { linkRuntime } from "../scaffold/project_link.ts";
import { projectFindings } from "./project_check.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

async function inProject(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-project-check-"));
  try {
    await mkdir(join(folder, "greeter"));
    await writeFile(join(folder, "deno.json"), configText(await configSources(root)));
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Of the agent's folder and of where it is run, which are in one project. */
async function found(folder: string, cwd = folder) {
  return await projectFindings([cwd, join(folder, "greeter")], { cwd, root, program: "meshctl" });
}

Deno.test("projectFindings() has nothing against this meshctl's runtime, or no project", async () => {
  await inProject(async (folder) => {
    await linkRuntime(folder, root);
    deepEqual(await found(folder), []);
    await rm(join(folder, "deno.json"));
    deepEqual(await found(folder), []);
  });
  deepEqual(await projectFindings([root], { cwd: root, root, program: "meshctl" }), []);
});

Deno.test("projectFindings() tells once of a link that is not there, from wherever it is asked", async () => {
  await inProject(async (folder) => {
    const [finding, ...others] = await found(folder);
    deepEqual(others, []);
    equal(finding?.level, "warning");
    match(
      finding?.text ?? "",
      /^"mesh" in deno\.json leads nowhere: .*\/\.mesh\/runtime\/mod\.ts is/,
    );
    equal(finding?.fix, "meshctl scaffold project");
    const [above] = await found(folder, dirname(folder));
    equal(above?.fix, `meshctl scaffold project -o ${folder.slice(dirname(folder).length + 1)}`);
  });
});

Deno.test("projectFindings() tells of another meshctl's runtime, and of its imports", async () => {
  await inProject(async (folder) => {
    await mkdir(join(folder, "other", "runtime"), { recursive: true });
    await writeFile(join(folder, "other", "runtime", "mod.ts"), "");
    await linkRuntime(folder, join(folder, "other"));
    const [other] = await found(folder);
    equal(other?.text, '"mesh" in deno.json is of another version of meshctl than this one');
    await linkRuntime(folder, root);
    const file = join(folder, "deno.json");
    const config = JSON.parse(await Deno.readTextFile(file));
    config.imports["zod"] = "npm:zod@4.0.0";
    await writeFile(file, JSON.stringify(config));
    equal((await found(folder))[0]?.text, other?.text);
  });
});
