/**
 * Binding a port for an agent.
 *
 * @module
 */
import { MeshError } from "./errors.ts";

/** A bound port. */
export interface Listener {
  readonly port: number;
  /** Stops accepting; waits at most `graceMs` milliseconds for answers that are under way. */
  close(graceMs: number): Promise<void>;
}

/**
 * Listens and serves.
 *
 * @param port 0 lets the operating system choose.
 * @throws {MeshError} `port_taken` naming the port; never silently another port.
 */
export function listen(
  hostname: string,
  port: number,
  handler: (request: Request) => Promise<Response>,
): Listener {
  try {
    const server = Deno.serve({ hostname, port, onListen: () => {} }, handler);
    return {
      port: server.addr.port,
      async close(graceMs) {
        const late = Promise.withResolvers<void>();
        const timer = setTimeout(late.resolve, graceMs);
        await Promise.race([server.shutdown(), late.promise]);
        clearTimeout(timer);
      },
    };
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      throw new MeshError(
        "port_taken",
        `port ${port} on ${hostname} is taken${
          portHolder(port)
        }; stop its holder, or choose another port with MCP_MESH_HTTP_PORT (0 = any free one)`,
        { cause, details: { port } },
      );
    }
    throw cause;
  }
}

/**
 * Who listens on a port, as ` by process <pid> (<command>)`; empty where the system does not tell.
 */
function portHolder(port: number): string {
  try {
    const inode = listeningInode(port);
    if (inode === undefined) return "";
    for (const { name: pid } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      if (holdsSocket(pid, inode)) {
        const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").slice(0, 3);
        return ` by process ${pid} (${command.join(" ").trim()})`;
      }
    }
  } catch {
    // No /proc, or no permission to read it: the port alone has to do.
  }
  return "";
}

function listeningInode(port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of Deno.readTextFileSync(table).split("\n").slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (local?.endsWith(suffix) && state === "0A") return inode;
    }
  }
  return undefined;
}

function holdsSocket(pid: string, inode: string): boolean {
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
      if (Deno.readLinkSync(`/proc/${pid}/fd/${name}`) === `socket:[${inode}]`) return true;
    }
  } catch {
    // A process of another user, or one that just ended.
  }
  return false;
}
