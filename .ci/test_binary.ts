/**
 * `deno task test:binary`: the end-to-end tests against the one file that people install, in a folder
 * outside of the checkout and with a `HOME` that is empty. Arguments choose test files.
 *
 * @module
 */
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What the tests start: agents as users have them. */
const USER_FILES = [
  "agents",
  "cli/e2e/fixtures",
  "runtime/bridge/testdata",
];

const PERMISSIONS = ["net", "env", "read", "write", "run", "sys"].map((kind) => `--allow-${kind}`);

async function run(args: string[], env: Record<string, string> = {}): Promise<number> {
  const { code } = await new Deno.Command(Deno.execPath(), { args, env, cwd: ROOT }).spawn().status;
  return code;
}

/** Builds, lays out and tests; returns an exit code. */
async function main(files: string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "meshctl-installed-"));
  try {
    const program = join(folder, "meshctl");
    const built = await run(["run", "-A", "--no-prompt", ".ci/compile.ts", "--output", program]);
    if (built !== 0) return built;
    await mkdir(join(folder, "home"));
    for (const path of USER_FILES) {
      await mkdir(dirname(join(folder, "project", path)), { recursive: true });
      await cp(join(ROOT, path), join(folder, "project", path), { recursive: true });
    }
    const tests = files.length === 0 ? ["cli/e2e"] : files;
    const options = ["test", "--no-check", "--parallel", "--no-prompt", ...PERMISSIONS];
    return await run([...options, ...tests], { MESHCTL: program });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
