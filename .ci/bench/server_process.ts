/**
 * A server in a process of its own, for as long as it is measured.
 *
 * @module
 */
import { freePort } from "../fixtures/free_port.ts";

/** A server that answers. */
export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
  /** Processor time it has used, in seconds; `undefined` where the system does not tell. */
  cpuSeconds(): Promise<number | undefined>;
  /** Memory it holds, in bytes; `undefined` where the system does not tell. */
  memoryBytes(): Promise<number | undefined>;
  /** Ends it without a word. */
  kill(): Promise<void>;
}

/** How long a server may take until it listens, and between two looks, milliseconds. */
const STARTS_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 25;

/**
 * Starts `deno` with the arguments for a port nobody has, and waits until something listens there.
 *
 * @param env Added to this process's environment.
 * @throws {Error} When it ends, or does not listen in time.
 */
export async function startServer(
  args: (port: number) => string[],
  env: Record<string, string> = {},
): Promise<ServerProcess> {
  const port = freePort();
  const command = new Deno.Command(Deno.execPath(), {
    args: args(port),
    env: { ...env, MCP_MESH_HTTP_PORT: String(port), MCP_MESH_LOG_LEVEL: "error" },
    stdout: "null",
    stderr: "inherit",
  });
  const child = command.spawn();
  let exit: Deno.CommandStatus | undefined;
  const ended = child.status.then((status) => exit = status);
  const stop = async () => {
    if (exit === undefined) child.kill("SIGTERM");
    await ended;
  };
  const limit = performance.now() + STARTS_WITHIN_MS;
  while (!await listens(port)) {
    if (exit !== undefined) throw new Error(`the server ended with exit code ${exit.code}`);
    if (performance.now() > limit) {
      await stop();
      throw new Error(`nothing listens on port ${port} after ${STARTS_WITHIN_MS / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return {
    port,
    cpuSeconds: async () => {
      const fields = (await procFile(child.pid, "stat"))?.split(") ")[1]?.split(" ");
      // User and system time, in ticks of 10 ms (proc_pid_stat(5), fields 14 and 15).
      return fields && (Number(fields[11]) + Number(fields[12])) / 100;
    },
    memoryBytes: async () => {
      const kib = (await procFile(child.pid, "status"))?.match(/^VmRSS:\s+(\d+) kB$/m)?.[1];
      return kib === undefined ? undefined : Number(kib) * 1024;
    },
    kill: async () => {
      if (exit === undefined) child.kill("SIGKILL");
      await ended;
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** A file of Linux about a process. */
async function procFile(pid: number, name: string): Promise<string | undefined> {
  // Deno lets only a process with every permission read /proc itself.
  const { success, stdout } = await new Deno.Command("cat", {
    args: [`/proc/${pid}/${name}`],
    stderr: "null",
  }).output();
  return success ? new TextDecoder().decode(stdout) : undefined;
}

async function listens(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
