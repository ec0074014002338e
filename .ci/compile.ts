/**
 * `deno task compile`: `dist/meshctl`, the whole command line in one file. A compiled program where
 * Deno's stub can be downloaded, else the launcher, which the installed `deno` runs.
 *
 * @module
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compileProgram, TARGETS } from "./compile/program.ts";
import { launcherFile, windowsScript } from "./compile/launcher_file.ts";
import { launcherModule, makeRelease, type Release } from "./compile/release.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const HELP = `deno task compile [--target TARGET]… [--launcher] [--output FILE]

Makes dist/meshctl, or dist/meshctl-TARGET for each target of:
  ${TARGETS.join("\n  ")}
--launcher makes the form that the installed \`deno\` runs, without trying the other.
`;

/** Makes what is asked for; returns an exit code. */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      target: { type: "string", multiple: true, default: [] },
      launcher: { type: "boolean", default: false },
      output: { type: "string", default: join(ROOT, "dist", "meshctl") },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const unknown = values.target.filter((target) => !TARGETS.includes(target));
  if (unknown.length > 0) {
    console.error(`unknown target ${unknown.join(", ")}\n\n${HELP}`);
    return 2;
  }
  await mkdir(dirname(values.output), { recursive: true });
  const release = await makeRelease(ROOT);
  const targets = values.target.length === 0 ? [undefined] : values.target;
  for (const target of targets) {
    const isWindows = target?.includes("windows") ?? Deno.build.os === "windows";
    const output = target === undefined ? values.output : `${values.output}-${target}`;
    const problem = values.launcher
      ? "as asked"
      : await compiled(release, target, isWindows ? `${output}.exe` : output);
    if (problem === undefined) continue;
    console.error(
      `No compiled program (${problem}): the launcher instead, for the installed deno.`,
    );
    await writeLauncher(release, output, isWindows);
  }
  return 0;
}

/** Why there is no compiled program, if there is none. */
async function compiled(
  release: Release,
  target: string | undefined,
  output: string,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "meshctl-compile-"));
  try {
    const problem = await compileProgram({ release, folder, target, output });
    if (problem === undefined) console.log(`${output}: a compiled program, ${release.name}`);
    return problem;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeLauncher(
  { name, archive }: Release,
  output: string,
  isWindows: boolean,
): Promise<void> {
  const module = await launcherModule(ROOT);
  const file = isWindows ? `${output}.js` : output;
  await writeFile(file, launcherFile({ release: name, module, archive }));
  await chmod(file, 0o755);
  console.log(`${file}: the launcher, ${name}`);
  if (!isWindows) return;
  await writeFile(
    `${output}.cmd`,
    windowsScript(file.replaceAll("\\", "/").split("/").at(-1) ?? ""),
  );
  console.log(`${output}.cmd: runs it`);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
