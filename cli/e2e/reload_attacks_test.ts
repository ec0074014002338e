/** Code that is being loaded anew has no more power than code that runs: the code before it runs on. */
import { equal, match } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { type TestMesh, withMesh } from "./meshctl.ts";

const READY = "Ctrl+C stops everything";

/** An agent that says a word, after it has tried something. */
function speaker(word: string, attack = ""): string {
  return `#!/usr/bin/env -S deno run
import { agent, tool } from "mesh";
import * as z from "zod";
${attack}
export default agent({
  name: "speaker",
  tools: { say: tool({ input: z.object({}), output: z.string() }, () => ${JSON.stringify(word)}) },
});
`;
}

const NEIGHBOUR = speaker("well").replaceAll('"speaker"', '"neighbour"');

/** Attempts while the module is loaded, each with what is said of it. */
const ATTACKS: readonly (readonly [attack: string, said: RegExp])[] = [
  ["Deno.exit(0);", /runs on/],
  ["Deno.kill(Deno.pid, 'SIGKILL');", /runs on/],
  ["throw null;", /runs on/],
  ["Deno.writeTextFileSync(new URL(import.meta.url), 'gone');", /runs on: .*write access/],
  ["Deno.removeSync(new URL(import.meta.url));", /runs on: .*write access/],
  [
    "const { Socket } = await import('node:net'); new Socket({ fd: 3 }).end('x'.repeat(99_999));\n" +
    "await new Promise((done) => setTimeout(done, 200));",
    /runs on/,
  ],
];

/** Attempts that come to no end: the next save takes their place. */
const ENDLESS = ["for (;;);", "await new Promise(() => {});", "Deno.kill(Deno.pid, 'SIGSTOP');"];

async function said(mesh: TestMesh, tool: string): Promise<string> {
  const { stdout, stderr } = await mesh.run("call", tool, "{}");
  equal(stderr, "");
  return JSON.parse(stdout).content[0].text;
}

async function pidOf(mesh: TestMesh, name: string): Promise<number> {
  return JSON.parse(await readFile(join(mesh.home, "agents", `${name}.json`), "utf8")).pid;
}

processTest("start -w survives code that attacks while it is loaded", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withMesh(async (mesh) => {
    const file = join(mesh.home, "speaker.ts");
    await writeFile(file, speaker("first"));
    await writeFile(join(mesh.home, "neighbour.ts"), NEIGHBOUR);
    const running = mesh.spawn("start", "-w", "--no-check", "speaker.ts", "neighbour.ts");
    let line = await running.line(READY);
    const pids = [await pidOf(mesh, "speaker"), await pidOf(mesh, "neighbour")];
    for (const [attack, says] of ATTACKS) {
      const text = speaker("first", attack);
      await writeFile(file, text);
      line = await running.line("the code before it runs on", line);
      match(line, says, attack);
      equal(await said(mesh, "speaker:say"), "first", attack);
      equal(await readFile(file, "utf8"), text);
    }
    for (const [index, attack] of ENDLESS.entries()) {
      const begun = `Deno.stdout.writeSync(new TextEncoder().encode("begun ${index}\\n"));`;
      await writeFile(file, speaker("endless", `${begun}\n${attack}`));
      line = await running.line(`begun ${index}`, line);
      equal(await said(mesh, "speaker:say"), "first", attack);
    }
    await writeFile(file, speaker("last"));
    await running.line(" reloaded ", line);
    equal(await said(mesh, "speaker:say"), "last");
    equal(await said(mesh, "neighbour:say"), "well");
    equal(String([await pidOf(mesh, "speaker"), await pidOf(mesh, "neighbour")]), String(pids));
    running.signal("SIGINT");
    equal((await running.ended).code, 0);
  });
});
