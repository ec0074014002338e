/**
 * Which `meshctl` the end-to-end tests run: the sources of this checkout or, when `MESHCTL` names a
 * program, that one, as somebody who has no checkout. Its folder has then, besides it:
 *
 * | folder     | what is there                                                   |
 * | ---------- | --------------------------------------------------------------- |
 * | `project/` | copies of the agents that the tests run, with the same paths    |
 * | `home/`    | `HOME`, with nothing in it but what the program itself has made |
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FLAGS = ["net", "env", "read", "write", "run", "sys"].map((kind) => `--allow-${kind}`);

/** Absolute path of the program under test; `undefined` when the checkout is. */
export const BINARY: string | undefined = Deno.env.get("MESHCTL") || undefined;

/** The beginning of every command line. */
export const MESHCTL: readonly string[] = BINARY === undefined
  ? [Deno.execPath(), "run", "--quiet", "--no-prompt", ...FLAGS, join(ROOT, "cli", "main.ts")]
  : [BINARY];

/** Variables of whoever uses the program; nobody else's caches help it. */
export const USER: Readonly<Record<string, string>> = BINARY === undefined ? {} : userOf(BINARY);

function userOf(binary: string): Record<string, string> {
  const home = join(dirname(binary), "home");
  return { HOME: home, DENO_DIR: join(home, ".cache", "deno") };
}

/** Absolute path of a file that users have, by its path in this repository. */
export function userFile(path: string): string {
  return BINARY === undefined ? join(ROOT, path) : join(dirname(BINARY), "project", path);
}

/**
 * The `deno.json` that an agent runs with when its file is run by itself.
 *
 * @param home `MCP_MESH_HOME`.
 */
export async function projectConfig(home: string): Promise<string> {
  if (BINARY === undefined) return join(ROOT, "deno.json");
  // Its first run unpacks what it carries.
  const env = { ...USER, MCP_MESH_HOME: home };
  await new Deno.Command(BINARY, { args: ["--version"], env, stdout: "null" }).output();
  const [release = ""] = await readdir(join(home, "runtime"));
  return join(home, "runtime", release, "deno.json");
}
