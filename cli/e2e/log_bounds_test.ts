/** Logs stay small while agents talk without end, and nothing ends for what cannot be written. */
import { equal, match, ok } from "node:assert/strict";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LOG_BYTES } from "../../runtime/base/log_files.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import { type TestMesh, withMesh } from "./meshctl.ts";

const AGENT = `#!/usr/bin/env -S deno run
import { agent, tool } from "mesh";
import { z } from "zod";
const line = new TextEncoder().encode("x".repeat(1023) + "\\n");
export default agent({
  name: "talker",
  tools: {
    talk: tool({ input: z.object({ kib: z.number() }) }, ({ kib }) => {
      for (let at = 0; at < kib; at++) Deno.stdout.writeSync(line);
      return "done";
    }),
  },
});
`;

async function talkerIn({ home }: TestMesh): Promise<string> {
  const file = join(home, "agents-of-a-test", "talker.ts");
  await mkdir(join(home, "agents-of-a-test"));
  await writeFile(file, AGENT);
  return file;
}

/** Settles once no log of a home is larger than it may be; then, what there is of them, bytes. */
async function boundedLogs({ home }: TestMesh): Promise<number> {
  const folder = join(home, "logs");
  const sizes = async () =>
    await Promise.all(
      (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
    );
  const total = await waitInFolder(folder, async () => {
    const all = await sizes();
    return all.every((size) => size <= 2 * LOG_BYTES) && all.length > 1
      ? all.reduce((sum, size) => sum + size)
      : undefined;
  }, { signal: AbortSignal.timeout(30_000) });
  return total ?? Infinity;
}

for (
  const [name, options] of [["alone", []], ["packed", ["--pack"]], ["watched", [
    "--watch",
  ]]] as const
) {
  Deno.test(`what an agent says in the background is bounded while it runs, ${name}`, async () => {
    await withMesh(async (mesh) => {
      const started = await mesh.run("start", "-d", ...options, await talkerIn(mesh));
      equal(started.code, 0, started.stderr);
      const kib = 1.5 * LOG_BYTES / 1_024;
      equal((await mesh.run("call", "talk", `kib:=${kib}`)).code, 0);
      ok(await boundedLogs(mesh) < 4 * LOG_BYTES);
      equal((await mesh.run("call", "talk", `kib:=1`)).code, 0, "it goes on");
    });
  });
}

Deno.test("meshctl says that a disk is full, and goes on without its logs", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", "--registry-only")).code, 0);
    const { command, args, env } = mesh.command("start", "--connect-only", await talkerIn(mesh));
    // A file that may not grow is refused what is written to it, as on a full disk.
    const script = `trap "" XFSZ; ulimit -f 512; exec "$@"`;
    const child = new Deno.Command("bash", {
      args: ["-c", script, "bash", command, ...args],
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    await waitInFolder(join(mesh.home, "agents"), async () => {
      const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
      return agents.length === 1 ? true : undefined;
    }, { signal: AbortSignal.timeout(30_000) });
    for (let call = 1; call <= 2; call++) {
      const called = await mesh.run("call", "talk", "kib:=700", "-o", "value");
      equal(called.stdout, "done\n", called.stderr);
    }
    child.kill("SIGINT");
    const { code, stderr } = await output;
    equal(code, 0);
    const said = new TextDecoder().decode(stderr);
    match(said, /talker\.log cannot be written, and lines are dropped: .*too large/i);
    equal(said.match(/cannot be written/g)?.length, 1, "once");
    ok(said.length > 1_400 * 1_024, "the terminal has all of it");
  });
});
