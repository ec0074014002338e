/**
 * `deno task compile`: `dist/meshctl`, the whole command line in one file. A compiled program where
 * Deno's stub can be downloaded, else the launcher, which the installed `deno` runs.
 *
 * @module
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeChecksums } from "./compile/checksums.ts";
import { compileProgram, TARGETS } from "./compile/program.ts";
import { launcherFile, windowsScript } from "./compile/launcher_file.ts";
import { launcherModule, makeRelease, type Release } from "./compile/release.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const HELP = `deno task compile [--target TARGET]… [--launcher] [--output FILE]

Makes dist/meshctl, or dist/meshctl-TARGET for each target of:
  ${TARGETS.join("\n  ")}
and dist/meshctl.js, the launcher for \`deno install\`, which is the same everywhere; and
dist/SHA256SUMS, their digests, for \`install.sh --sha256\`.
--launcher makes dist/meshctl the launcher too, without trying to compile.
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
  const [release, module] = await Promise.all([makeRelease(ROOT), launcherModule(ROOT)]);
  const launcher = launcherFile({ release: release.name, module, archive: release.archive });
  const script = `${values.output}.js`;
  await writeFile(script, launcher);
  console.log(`${script}: the launcher, ${release.name}`);
  const made = [script];
  for (const target of values.target.length === 0 ? [undefined] : values.target) {
    const isWindows = target?.includes("windows") ?? Deno.build.os === "windows";
    const output = target === undefined ? values.output : `${values.output}-${target}`;
    const program = isWindows ? `${output}.exe` : output;
    const problem = values.launcher ? "not asked for" : await compiled(release, target, program);
    if (problem === undefined) {
      made.push(program);
      continue;
    }
    console.error(
      `No compiled program (${problem}): the launcher instead, for the installed deno.`,
    );
    const [file, text] = isWindows
      ? [`${output}.cmd`, windowsScript(basename(script))]
      : [output, launcher];
    await writeFile(file, text);
    await chmod(file, 0o755);
    made.push(file);
    console.log(`${file}: the launcher`);
  }
  await writeChecksums(dirname(values.output), made);
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

if (import.meta.main) Deno.exit(await main(Deno.args));
