/**
 * Who sent a request, as far as the connection tells.
 *
 * @module
 */

import { isLoopback } from "../../runtime/base/loopback.ts";

/** What is known of a request besides the request. */
export interface Peer {
  /** Address of the other end of the connection; absent where there is none to know. */
  remote?: string;
  /** The port it came in by. @default "main" */
  door?: "main" | "admin";
}

/** Headers by which a proxy says that it speaks for somebody else. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/**
 * Whether a request comes from this machine: over a loopback connection, not passed on for somebody
 * else by a proxy that runs here, and not sent by a page of another site open in a browser here.
 */
export function isLocal(request: Request, { remote }: Peer): boolean {
  if (remote === undefined || !isLoopback(remote)) return false;
  if (FORWARDED.some((name) => request.headers.has(name))) return false;
  const origin = request.headers.get("origin");
  return origin === null || (URL.canParse(origin) && isLoopback(new URL(origin).hostname));
}
