import { deepEqual, equal, match } from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type TestMesh, withMesh } from "./meshctl.ts";

const READY = "Ctrl+C stops everything";

/** An agent that says a word of a module of its own, after a while if it is asked to. */
const SPEAKER = `#!/usr/bin/env -S deno run
import { agent, tool } from "mesh";
import * as z from "zod";
import { word } from "./word.ts";

export default agent({
  name: "speaker",
  tools: {
    say: tool({
      capability: "word",
      description: "Says a word",
      input: z.object({ after_ms: z.number().default(0) }),
      output: z.string(),
    }, async ({ after_ms }, { log }) => {
      log.info("asked");
      await new Promise((resolve) => setTimeout(resolve, after_ms));
      return word;
    }),
  },
});
`;

/** An agent that has nothing to do with the other. */
const IDLER = SPEAKER.replace(
  'import { word } from "./word.ts";\n',
  'const word: string = "idle";\n',
)
  .replaceAll('"speaker"', '"idler"').replace('capability: "word"', 'capability: "idle"')
  .replace("say:", "idle:");

async function writeAgents(mesh: TestMesh): Promise<(word: string) => Promise<void>> {
  const folder = join(mesh.home, "agents-of-user");
  await mkdir(folder);
  const save = (text: string) => writeFile(join(folder, "word.ts"), text);
  await save(wordModule("first"));
  await writeFile(join(folder, "speaker.ts"), SPEAKER);
  await writeFile(join(folder, "idler.ts"), IDLER);
  return save;
}

function wordModule(word: string): string {
  return `export const word: string = ${JSON.stringify(word)};\n`;
}

async function said(mesh: TestMesh, args = "{}"): Promise<string> {
  const { stdout, stderr } = await mesh.run("call", "speaker:say", args);
  equal(stderr, "");
  return JSON.parse(stdout).content[0].text;
}

async function record(mesh: TestMesh, name: string): Promise<{ pid: number; endpoint: string }> {
  const text = await readFile(join(mesh.home, "agents", `${name}.json`), "utf8");
  const { pid, endpoint } = JSON.parse(text);
  return { pid, endpoint };
}

Deno.test("start -w runs what is saved in the same process at the same address, and only that", async () => {
  await withMesh(async (mesh) => {
    const save = await writeAgents(mesh);
    const running = mesh.spawn("start", "-w", "agents-of-user");
    await running.line(READY);
    const before = await record(mesh, "speaker");
    equal(await said(mesh), "first");
    const first = await running.line("asked");

    const slow = said(mesh, '{"after_ms":1500}');
    await running.line("asked", first);
    await save(wordModule("second"));
    match(
      await running.line("reloaded"),
      /^speaker \| .* reloaded \d+ ms after the save: word\.ts$/,
    );
    equal(await said(mesh), "second");
    equal(await slow, "first");
    deepEqual(await record(mesh, "speaker"), before);

    running.signal("SIGINT");
    const { code, stderr } = await running.ended;
    equal(code, 0);
    equal(/^idler \| .*reloaded/m.test(stderr), false);
    // The compiler of a check that was given up has been killed, and is gone a moment later.
    for (let looks = 0; looks < 100 && (await mesh.processes()).length > 0; looks++) {
      await delay(50);
    }
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("start -w keeps the old code when a save cannot run or does not type-check, and says why", async () => {
  await withMesh(async (mesh) => {
    const save = await writeAgents(mesh);
    const running = mesh.spawn("start", "-w", "agents-of-user");
    await running.line(READY);
    await save("export const word: string = ;\n");
    match(
      await running.line("not reloaded"),
      /the code before it runs on: .*word\.ts:1/,
    );
    equal(await said(mesh), "first");
    await save("export const word: string = 5;\n");
    const refused = await running.line("the code before it runs again");
    match(refused, /does not type-check.*: .*word\.ts:1:14.*'number'.*'string'/);
    equal(await said(mesh), "first");
    await save(wordModule("mended"));
    await running.line(" reloaded ", refused);
    equal(await said(mesh), "mended");
    running.signal("SIGINT");
    equal((await running.ended).code, 0);
  });
});

Deno.test("start -w --check lets nothing run that does not type-check", async () => {
  await withMesh(async (mesh) => {
    const save = await writeAgents(mesh);
    const running = mesh.spawn("start", "-w", "--check", "agents-of-user");
    await running.line(READY);
    await save("export const word: string = 5;\n");
    match(await running.line("not reloaded"), /it does not type-check: .*word\.ts:1:14/);
    equal(await said(mesh), "first");
    running.signal("SIGINT");
    const { stderr } = await running.ended;
    equal(stderr.includes("reloaded "), false);
  });
});

Deno.test("start -w has agents import what the deno.json of their project says, also when that changes", async () => {
  await withMesh(async (mesh) => {
    await writeAgents(mesh);
    const project = (imports: Record<string, string>) =>
      writeFile(join(mesh.home, "agents-of-user/deno.json"), JSON.stringify({ imports }));
    const write = (module: string) =>
      writeFile(
        join(mesh.home, "agents-of-user/speaker.ts"),
        SPEAKER.replace('"./word.ts"', JSON.stringify(module)),
      );
    await project({ "#word": "./word.ts" });
    await write("#word");
    const running = mesh.spawn("start", "-w", "agents-of-user/speaker.ts");
    await running.line(READY);
    equal(await said(mesh), "first");
    const before = await record(mesh, "speaker");
    await writeFile(join(mesh.home, "agents-of-user/other.ts"), wordModule("other"));
    await write("#other");
    const refused = await running.line("not reloaded");
    match(refused, /Import "#other" not a dependency/);
    await project({ "#word": "./word.ts", "#unused": "./word.ts" });
    match(await running.line("not reloaded", refused), /Import "#other" not a dependency/);
    equal(await said(mesh), "first", "what would not start does not take its place");
    await project({ "#other": "./other.ts" });
    // Its runtime imports nothing of the project's and goes on.
    match(
      await running.line("ms after the save"),
      /INFO {2}reloaded \d+ ms after the save: deno\.json$/,
    );
    equal(await said(mesh), "other");
    const { endpoint, pid } = await record(mesh, "speaker");
    deepEqual([endpoint, pid], [before.endpoint, before.pid]);
    running.signal("SIGINT");
    equal((await running.ended).code, 0);
  });
});

Deno.test("start -w starts an agent again that has crashed, on its next save", async () => {
  await withMesh(async (mesh) => {
    const save = await writeAgents(mesh);
    const running = mesh.spawn("start", "-w", "agents-of-user");
    await running.line(READY);
    const before = await record(mesh, "speaker");
    Deno.kill(before.pid, "SIGKILL");
    await running.line("speaker was ended by SIGKILL; the next save starts it again");
    await save(wordModule("revived"));
    await running.line("started again");
    equal(await said(mesh), "revived");
    const after = await record(mesh, "speaker");
    equal(after.endpoint, before.endpoint);
    running.signal("SIGINT");
    equal((await running.ended).code, 0);
  });
});

Deno.test("start -w follows agents that come into its folder and go from it", async () => {
  await withMesh(async (mesh) => {
    await writeAgents(mesh);
    const folder = join(mesh.home, "agents-of-user");
    await rm(join(folder, "idler.ts"));
    const running = mesh.spawn("start", "-w", "agents-of-user");
    await running.line(READY);
    await writeFile(join(folder, "idler.ts"), IDLER);
    await running.line("started: ");
    equal((await mesh.run("call", "idler:idle", "{}")).code, 0);
    await rm(join(folder, "idler.ts"));
    await running.line("stopped: ");
    equal((await mesh.run("call", "speaker:say", "{}")).code, 0);
    running.signal("SIGINT");
    await running.ended;
    deepEqual(await mesh.processes(), []);
  });
});

Deno.test("start -w -d watches behind, and stop ends that too", async () => {
  await withMesh(async (mesh) => {
    const save = await writeAgents(mesh);
    const started = await mesh.run("start", "-w", "-d", "agents-of-user");
    equal(started.code, 0, started.stderr);
    const log = mesh.spawn("logs", "-f", "speaker");
    await save(wordModule("behind"));
    await log.line("reloaded");
    equal(await said(mesh), "behind");
    log.signal("SIGINT");
    await log.ended;
    const stopped = await mesh.run("stop");
    deepEqual([stopped.code, stopped.stderr], [0, ""]);
    deepEqual(await mesh.processes(), []);
  });
});
