/**
 * Binding a port for an agent.
 *
 * @module
 */
import { errorText, MeshError } from "./errors.ts";

/** A bound port. */
export interface Listener {
  readonly port: number;
  /** Stops accepting; waits at most `graceMs` milliseconds for answers that are under way. */
  close(graceMs: number): Promise<void>;
}

/** First and longest wait before listening again, in milliseconds. */
const AGAIN_MS = { first: 50, longest: 2_000 };

/**
 * Listens and serves. A listener that the system closes, because this process has run out of file
 * descriptors, is opened again.
 *
 * @param port 0 lets the operating system choose.
 * @param onLost Told why the listener was lost.
 * @throws {MeshError} `port_taken` naming the port; never silently another port.
 */
export function listen(
  hostname: string,
  port: number,
  handler: (request: Request) => Promise<Response>,
  onLost: (message: string) => void = () => {},
): Listener {
  let closed = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = (port: number) => {
    const server = Deno.serve({ hostname, port, onListen: () => {} }, handler);
    server.finished.catch((error) => {
      onLost(`no longer listening on port ${server.addr.port}: ${errorText(error)}; trying again`);
      reopen(server.addr.port, AGAIN_MS.first);
    });
    return server;
  };
  const reopen = (port: number, wait: number) => {
    if (closed) return;
    again = setTimeout(() => {
      try {
        server = open(port);
      } catch {
        reopen(port, Math.min(wait * 2, AGAIN_MS.longest));
      }
    }, wait);
  };
  let server = openFirst(hostname, port, open);
  return {
    port: server.addr.port,
    async close(graceMs) {
      closed = true;
      clearTimeout(again);
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, graceMs);
      await Promise.race([server.shutdown(), late.promise]);
      clearTimeout(timer);
    },
  };
}

function openFirst<T>(hostname: string, port: number, open: (port: number) => T): T {
  try {
    return open(port);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new MeshError(
      "port_taken",
      `port ${port} on ${hostname} is taken${
        portHolder(port)
      }; stop its holder, or choose another port with MCP_MESH_HTTP_PORT (0 = any free one)`,
      { cause, details: { port } },
    );
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
