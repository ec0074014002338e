/**
 * Which names a request may call the registry by: a browser page that has its own host name point
 * at this machine (DNS rebinding) must not be able to talk to a registry on loopback.
 *
 * @module
 */
import { problem } from "./problem.ts";

/** Names that always mean this machine. */
export const LOOPBACK_NAMES: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Answers a request that may not pass; `undefined` lets it through. */
export type Guard = (request: Request) => Response | undefined;

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || host.startsWith("127.");
}

/**
 * A guard over the `Host` and `Origin` of requests.
 *
 * @param allowed Host names without port, besides loopback's; `undefined` lets everything through.
 */
export function hostGuard(allowed: readonly string[] | undefined): Guard {
  if (allowed === undefined) return () => undefined;
  const names = new Set([...LOOPBACK_NAMES, ...allowed]);
  return (request) => {
    const host = hostName(request.url);
    if (!names.has(host)) return refusal("Host", host);
    const origin = request.headers.get("origin");
    if (origin !== null && !names.has(hostName(origin))) return refusal("Origin", origin);
    return undefined;
  };
}

/** The host name of `scheme://host:port/…`, lower case, without building a URL for every beat. */
function hostName(url: string): string {
  const start = url.indexOf("://") + 3;
  const slash = url.indexOf("/", start);
  const authority = url.slice(start, slash === -1 ? url.length : slash).toLowerCase();
  return authority.replace(/:\d+$/, "");
}

function refusal(header: string, value: string): Response {
  return problem(
    403,
    `${header} ${JSON.stringify(value)} is not allowed here; ` +
      "add its host name to MCP_MESH_ALLOWED_HOSTS to let it in",
  );
}
