/**
 * `deno task test`: all tests. Arguments are those of `deno test`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Every permission of a test. */
const PERMISSIONS = ["net", "env", "read", "write", "run", "sys"].map((kind) => `--allow-${kind}`);

/** Returns how many test files run at a time: more than there are cores, because many tests wait. */
export function jobsFor(cores: number): number {
  return Math.ceil(cores * 1.5);
}

if (import.meta.main) {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--parallel", "--no-prompt", ...PERMISSIONS, ...Deno.args],
    cwd: ROOT,
    env: { DENO_JOBS: String(jobsFor(navigator.hardwareConcurrency)) },
  }).spawn().status;
  Deno.exit(code);
}
