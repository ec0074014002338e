import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { withFiles } from "./files_fixture.ts";
import { configFiles, projectFolder } from "./agent_project.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

Deno.test("configFiles() are the nearest and those of the workspaces it is a member of", async () => {
  await withFiles({
    "deno.json": { workspace: ["./a", "./packages/*", "!./packages/old"] },
    "a/deno.json": {},
    "a/b/deno.jsonc": "{}",
    "packages/one/deno.json": {},
    "packages/old/deno.json": {},
    "of-members/deno.json": { workspace: { members: ["in"] } },
    "of-members/in/deno.json": {},
    "of-members/in/broken/deno.json": "no JSON",
  }, (folder, root) => {
    const found = (name: string) =>
      configFiles(join(folder, name), root).map((file) => file.slice(folder.length + 1));
    deepEqual(found("a"), ["a/deno.json", "deno.json"]);
    deepEqual(found("a/c"), ["a/deno.json", "deno.json"], "a folder in a member");
    deepEqual(found("a/b/c"), ["a/b/deno.jsonc"], "no member, though it lies in one");
    deepEqual(found("packages/one"), ["packages/one/deno.json", "deno.json"]);
    deepEqual(found("packages/old"), ["packages/old/deno.json"]);
    deepEqual(found("of-members/in"), ["of-members/in/deno.json", "of-members/deno.json"]);
    deepEqual(found("of-members/in/broken"), ["of-members/in/deno.json", "of-members/deno.json"]);
    deepEqual(found("other"), ["deno.json"]);
    deepEqual(found("mesh/agents"), [], "the runtime's own is that of everything in it");
  });
});

Deno.test("projectFolder() is that of the outermost configuration, never all that a user has", async () => {
  await withFiles({
    "deno.json": {},
    "home/deno.json": { workspace: ["./work/app"] },
    "home/work/app/deno.json": {},
    "home/work/app/src/agent.ts": "",
    "home/loose/agent.ts": "",
  }, (folder, root) => {
    const home = join(folder, "home");
    const found = (name: string) =>
      projectFolder(join(folder, name), root, home)?.slice(folder.length + 1);
    equal(found("home/work/app/src/agent.ts"), "home/work/app");
    equal(found("home/loose/agent.ts"), "home/loose");
    equal(found("home/agent.ts"), undefined, "in the home folder itself");
    equal(found("agent.ts"), undefined, "above it");
    equal(found("elsewhere/agent.ts"), "elsewhere");
    equal(found("mesh/agents/trip/agent.ts"), "mesh");
  });
});

processTest("configFiles() wait for no pipe, and read nothing of any size", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFiles({ "pipe/a.ts": "", "device/a.ts": "" }, async (folder, root) => {
    await new Deno.Command("mkfifo", { args: [join(folder, "pipe/deno.json")] }).output();
    await Deno.symlink("/dev/zero", join(folder, "device/deno.json"));
    for (const name of ["pipe", "device"]) deepEqual(configFiles(join(folder, name), root), []);
  });
});
