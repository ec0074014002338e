/** Completion in real shells, of a mesh that runs. Shells that are not installed are left out. */
import { deepEqual, equal, match } from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fixture, type TestMesh, withMesh } from "./meshctl.ts";

/** How each shell is asked what it would offer for a line. */
const ASK: Record<string, (line: string, option: string) => string[]> = {
  bash: (line, option) => [
    "-c",
    `source <(meshctl completion bash ${option})
     COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:' COMP_LINE="$1"; COMP_POINT=\${#COMP_LINE}
     _meshctl; printf '%s\\n' "\${COMPREPLY[@]}"`,
    "bash",
    line,
  ],
  zsh: (line, option) => [
    "-fc",
    `compdef() { }; _files() { print files }; _describe() { print -rl -- "\${(@P)2}" }
     source <(meshctl completion zsh ${option})
     words=("\${(@s: :)1}"); CURRENT=\${#words}; _meshctl`,
    "zsh",
    line,
  ],
  fish: (line, option) => [
    "--no-config",
    "-c",
    `meshctl completion fish ${option} | source; complete -C "$argv[1]"`,
    line,
  ],
};

async function isInstalled(shell: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `command -v ${shell} >/dev/null`],
  }).output();
  return success;
}

/** Puts a program `meshctl` into the mesh's home, and a shell beside it. */
async function shellIn(
  mesh: TestMesh,
  shell: string,
  option = "",
): Promise<(line: string) => Promise<string[]>> {
  const { command, args, env } = mesh.command();
  const program = join(mesh.home, "meshctl");
  await writeFile(program, `#!/bin/sh\nexec ${[command, ...args].join(" ")} "$@"\n`);
  await chmod(program, 0o755);
  return async (line) => {
    const { stdout, stderr } = await new Deno.Command(shell, {
      args: ASK[shell]?.(line, option) ?? [],
      cwd: mesh.home,
      env: { ...env, PATH: `${mesh.home}${delimiter}${Deno.env.get("PATH")}` },
    }).output();
    equal(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout).split("\n").filter((word) => word.trim() !== "");
  };
}

for (const shell of Object.keys(ASK)) {
  Deno.test({
    name: `${shell} completes commands, options, agents and tools`,
    ignore: !await isInstalled(shell),
    fn: () =>
      withMesh(async (mesh) => {
        equal((await mesh.run("start", "-d", fixture("greeter"))).code, 0);
        const complete = await shellIn(mesh, shell);
        const words = async (line: string) =>
          (await complete(line)).map((word) => word.split(/\t|(?<!\\):/)[0] ?? "");
        deepEqual(await words("meshctl sta"), ["start", "status"]);
        deepEqual(await words("meshctl registry d"), ["drain"]);
        deepEqual(await words("meshctl list --jso"), ["--json"]);
        deepEqual(await words("meshctl stop gre"), ["greeter"]);
        match((await complete("meshctl status gre")).join(), /^greeter\b/);
        match((await complete("meshctl call gre")).join(), /greet\b/);
        match((await complete("meshctl call greeter:gre")).join(), /greet\b/);
        match(
          (await complete("meshctl sta")).join(),
          shell === "bash" ? /^start,/ : /Start agents/,
        );
        const bare = await shellIn(mesh, shell, "--no-descriptions");
        // zsh takes a colon behind every candidate.
        const candidates = (await bare("meshctl sta")).map((word) => word.replace(/:$/, ""));
        deepEqual(candidates, ["start", "status"]);
        equal((await mesh.run("stop")).code, 0);
      }),
  });
}

Deno.test("a shell that there is no script for is refused", async () => {
  await withMesh(async (mesh) => {
    const { code, stderr } = await mesh.run("completion", "tcsh");
    equal(code, 2);
    match(stderr, /there is no completion for "tcsh"/);
  });
});
