/**
 * What commands take as whole processes, run from the one file that people install, beside the least
 * that the installed `deno` takes. Part of `deno task bench`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { oneByOne } from "../../.ci/bench/load.ts";
import type { Section } from "../../.ci/bench/section.ts";
import { fixture, withMesh } from "./meshctl.ts";

const ROUNDS = 30;

/** Runs the benchmark; about 30 s. */
export async function benchCommands(): Promise<Section[]> {
  const sections: Section[] = [];
  await withMesh(async (mesh) => {
    const meshctl = join(mesh.home, "meshctl");
    await run(Deno.execPath(), [
      ...[
        "run",
        "-A",
        "--no-prompt",
        fileURLToPath(new URL("../../.ci/compile.ts", import.meta.url)),
      ],
      ...["--launcher", "--output", meshctl],
    ]);
    await mesh.run("start", "-d", fixture("greeter"));
    const { env } = mesh.command();
    const commands: [what: string, command: string, args: string[]][] = [
      ["meshctl --version", meshctl, ["--version"]],
      ["meshctl list", meshctl, ["list"]],
      ["deno eval ''", Deno.execPath(), ["eval", ""]],
    ];
    const times = new Map<string, number[]>(commands.map(([what]) => [what, []]));
    // In turn, so that all of them meet the same machine; the first round unpacks and compiles.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [what, command, args] of commands) {
        const start = performance.now();
        await run(command, args, env);
        if (round > 0) times.get(what)?.push(performance.now() - start);
      }
    }
    sections.push({
      title: "A command as a whole process, one agent in the mesh",
      rows: [...times].map(([what, taken]) => ({
        what,
        ...(what.startsWith("deno") && { role: "limit" as const }),
        ...oneByOne(taken),
      })),
    });
  });
  return sections;
}

/** Runs a program to its end, which must be good. */
async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const options = { args, env, stdin: "null", stdout: "null", stderr: "piped" } as const;
  const { success, stderr } = await new Deno.Command(command, options).output();
  if (!success) {
    throw new Error(`${command} ${args.join(" ")}\n${new TextDecoder().decode(stderr)}`);
  }
}
