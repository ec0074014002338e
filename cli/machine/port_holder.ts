/**
 * Who listens on a port of this machine.
 *
 * @module
 */
import { output, readProc } from "./process_stat.ts";

/**
 * The process that listens on a TCP port, such as `process 123 (nginx -g daemon)`.
 *
 * @returns `undefined` where the system does not tell.
 */
export async function portHolder(port: number): Promise<string | undefined> {
  const inode = listeningInode(await readProc(["/proc/net/tcp", "/proc/net/tcp6"]), port);
  const pid = inode === undefined ? undefined : await processWithSocket(inode);
  if (pid === undefined) return undefined;
  const command = (await readProc([`/proc/${pid}/cmdline`])).split("\0").slice(0, 3).join(" ");
  return `process ${pid} (${command.trim()})`;
}

/** State of a listening socket in `/proc/net/tcp`. */
const LISTEN = "0A";

/**
 * The inode of the socket that listens on a port.
 *
 * @param table Contents of `/proc/net/tcp` (see proc_net_tcp(5)).
 */
export function listeningInode(table: string, port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of table.split("\n")) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (local?.endsWith(suffix) && state === LISTEN) return inode;
  }
  return undefined;
}

async function processWithSocket(inode: string): Promise<string | undefined> {
  // `find` fails for processes of other users, and still prints what it found.
  const found = await output("sh", [
    "-c",
    `find /proc/[0-9]*/fd -lname 'socket:\\[${inode}\\]' 2>/dev/null`,
  ]);
  return /^\/proc\/(\d+)\//.exec(found)?.[1];
}
