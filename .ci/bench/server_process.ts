/**
 * A server in a process of its own, for as long as it is measured.
 *
 * @module
 */
import { freePort } from "../fixtures/free_port.ts";
import { type Used, usedIn } from "./process_tree.ts";

export { freePort };

/** A server that answers. */
export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
  /** Its process id. */
  readonly pid: number;
  /**
   * Processor time that it and all processes below it have used, in seconds; `undefined` where the
   * system does not tell.
   */
  cpuSeconds(): Promise<number | undefined>;
  /** Resident memory of it and all processes below it, in bytes; `undefined` likewise. */
  memoryBytes(): Promise<number | undefined>;
  /** Resident memory of it alone. */
  ownMemoryBytes(): Promise<number | undefined>;
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
  args: (port: number) => string[] | Promise<string[]>,
  env: Record<string, string> = {},
): Promise<ServerProcess> {
  const port = freePort();
  const command = new Deno.Command(Deno.execPath(), {
    args: await args(port),
    env: { MCP_MESH_HTTP_PORT: String(port), MCP_MESH_LOG_LEVEL: "error", ...env },
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
    pid: child.pid,
    cpuSeconds: async () => (await usedBelow(child.pid))?.cpuSeconds,
    memoryBytes: async () => (await usedBelow(child.pid))?.memoryBytes,
    ownMemoryBytes: async () => (await usedBelow(child.pid))?.ownMemoryBytes,
    kill: async () => {
      if (exit === undefined) child.kill("SIGKILL");
      await ended;
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Returns what a process and all below it use; `undefined` where the system does not tell. */
export async function usedBelow(pid: number): Promise<Used | undefined> {
  // Deno lets only a process with every permission read /proc itself.
  const { stdout } = await new Deno.Command("sh", {
    // A process may end before its file is read.
    args: ["-c", "cat /proc/[0-9]*/stat 2>/dev/null"],
    stderr: "null",
  }).output();
  return usedIn(new TextDecoder().decode(stdout), pid);
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
