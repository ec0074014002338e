import { deepEqual, equal } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { byShell, type Program, type ShellStart } from "./shell.ts";

Deno.test("byShell() refuses an environment that a shell would not hand on", () => {
  for (const name of ["a.b", "a-b", "1A", "BASH_FUNC_f%%", ""]) {
    equal(byShell(["true"], { env: { [name]: "x" } }), undefined, name);
  }
});

/** Runs a program to its end, and returns what its output file has then. */
async function outputOf(program: Program, options: Omit<ShellStart, "output">): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-shell-"));
  try {
    const output = join(folder, "a 'file' of \"$HOME\"; \\ %s");
    const [command = "", ...args] = byShell(program, { ...options, output }) ?? [];
    const child = spawn(command, args, { env: { ...options.env }, stdio: "ignore" });
    await once(child, "exit");
    return await readFile(output, "utf8");
  } finally {
    await rm(folder, { recursive: true });
  }
}

processTest("byShell() hands on words and variables as they are", async () => {
  const words = ["-n", "", "two words", "$HOME `id` \\ '\"", "a\nb", "*"];
  const env = { PATH: "/usr/bin:/bin", GREETING: "a b\n'c' $d", PWD: "/" };
  const printed = await outputOf(["printf", "%s|", ...words], { env });
  equal(printed, words.map((word) => `${word}|`).join(""));
  const variables = (await outputOf(["env", "-0"], { env })).split("\0")
    .filter((line) => line !== "" && !line.startsWith("_=") && !line.startsWith("PWD="));
  deepEqual(variables.toSorted(), ["GREETING=a b\n'c' $d", "PATH=/usr/bin:/bin"]);
});

processTest("byShell() puts commands first, and sends both streams to the file", async () => {
  const env = { PATH: "/usr/bin:/bin" };
  const before = "ulimit -c 0; ";
  const printed = await outputOf(["sh", "-c", "echo out; echo err >&2; ulimit -c"], {
    env,
    before,
  });
  equal(printed, "out\nerr\n0\n");
});

processTest("byShell() closes descriptors that were left open", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const env = { PATH: "/usr/bin:/bin" };
  const before = "exec 4>/dev/null 9>/dev/null; ";
  const printed = await outputOf(["sh", "-c", "ls -l /proc/$$/fd"], { env, before });
  const open = [...printed.matchAll(/ (\d+) -> /g)].map(([, descriptor]) => descriptor);
  deepEqual(open.filter((each) => each === "4" || each === "9"), []);
  equal(open.includes("1"), true);
});
