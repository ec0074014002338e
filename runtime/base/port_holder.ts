/**
 * The process that has a port.
 *
 * @module
 */

/**
 * Returns who listens on a port, as ` by process <pid> (<command>)`; nothing where the system does not
 * tell.
 */
export function portHolder(port: number): string {
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
