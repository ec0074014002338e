/**
 * Registries in processes of their own, for tests.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** A registry in a process of its own. */
export interface RegistryProcess {
  /** Where it answers. */
  readonly url: string;
  kill(signal: Deno.Signal): void;
  /** The exit status and what was said on standard error, when it has ended. */
  ended(): Promise<Deno.CommandStatus & { errors: string }>;
}

/**
 * A registry process, once it has said where it listens.
 *
 * @param env Variables it has besides those of this process.
 * @param log File that its standard error goes to. @default what it says is read at its end
 * @param limits What the shell is told before it begins, such as `ulimit -n 64`.
 */
export async function spawned(
  kv: string,
  args: string[] = [],
  env: Record<string, string> = {},
  log?: string,
  limits = ":",
): Promise<RegistryProcess> {
  const run = [
    "run",
    "--no-prompt",
    "-A",
    "--unstable-kv",
    MAIN,
    "--port",
    "0",
    "--kv",
    kv,
    ...args,
  ];
  const errors = log === undefined ? "" : ` 2>>'${log}'`;
  const child = new Deno.Command("sh", {
    args: ["-c", `${limits}; exec "$0" "$@"${errors}`, Deno.execPath(), ...run],
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await lines.read();
  const url = /http:\/\/\S+/.exec(value)?.[0];
  return {
    url: url ?? "",
    kill: (signal: Deno.Signal) => child.kill(signal),
    async ended() {
      await lines.cancel();
      const errors = await new Response(child.stderr).text();
      return { ...await child.status, errors };
    },
  };
}

/** A database file in a folder of its own that does not exist yet, gone at the end. */
export async function temporaryDatabase(): Promise<AsyncDisposable & { path: string }> {
  const folder = await Deno.makeTempDir();
  return {
    path: `${folder}/not/there/yet/registry.kv`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
