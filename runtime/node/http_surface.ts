/**
 * The HTTP surface of an agent: `/mcp` and the probes (registry-protocol §4.1).
 *
 * @module
 */
import type { McpServer } from "../mcp/agent_server.ts";
import type { Calls } from "./calls.ts";
import { answerProbe, PROBE_METHODS, type Probed, PROBES } from "./probes.ts";
import { REFUSED_HEADER } from "../base/resend.ts";
import { pageAccess } from "../base/page_access.ts";
import { hostGuard } from "../base/host_guard.ts";

const MCP_METHODS = ["POST", "GET", "DELETE"];

const ROUTES: Readonly<Record<string, readonly string[]>> = {
  "/mcp": MCP_METHODS,
  ...Object.fromEntries([...PROBES].map((path) => [path, PROBE_METHODS])),
};

/** What answers the requests to a member of the mesh. */
export interface Surface {
  fetch(request: Request): Promise<Response>;
  /** Called once nothing is under way any more. */
  close(): Promise<void>;
}

/**
 * Answers the requests to an agent.
 *
 * @param calls Says why nothing may be called now.
 */
export function httpSurface(
  node: Probed,
  calls: Pick<Calls, "refusal">,
  mcp: McpServer,
): Surface {
  const names = [node.config.advertisedHost, ...node.config.allowedHosts];
  const guard = hostGuard(names);
  const pages = pageAccess(names, MCP_METHODS);
  const refusalOf = (request: Request, pathname: string): Response | undefined => {
    const methods = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
    if (methods === undefined) return problem(404, `no such path: ${pathname}`);
    if (methods.includes(request.method)) return undefined;
    const response = problem(405, `${pathname} takes ${methods.join(", ")}`);
    response.headers.set("allow", methods.join(", "));
    return response;
  };
  const answer = (request: Request, pathname: string): Promise<Response> => {
    const refused = refusalOf(request, pathname);
    if (refused !== undefined) return Promise.resolve(refused);
    if (pathname !== "/mcp") return answerProbe(node, pathname, request.method);
    // Before anything runs: the caller may send it to another replica.
    const { refusal } = calls;
    return refusal === undefined ? mcp.fetch(request) : Promise.resolve(retryLater(refusal));
  };
  return {
    fetch(request) {
      const refused = guard(request);
      if (refused !== undefined) return Promise.resolve(problem(403, refused));
      const pathname = knownPath(pathOf(request.url));
      return pathname === "/mcp" && request.headers.has("origin")
        ? pages(request, () => answer(request, pathname))
        : answer(request, pathname);
    },
    close: () => mcp.close(),
  };
}

/** Returns a path without the slash that a client or a router may have put to its end. */
function knownPath(pathname: string): string {
  if (Object.hasOwn(ROUTES, pathname) || !pathname.endsWith("/")) return pathname;
  const slashless = pathname.slice(0, -1);
  return Object.hasOwn(ROUTES, slashless) ? slashless : pathname;
}

function retryLater(reason: string): Response {
  const response = problem(503, reason);
  response.headers.set("retry-after", "1");
  response.headers.set(REFUSED_HEADER, "overloaded");
  return response;
}

/** The path of a URL, without building one for every call. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start === -1) return "/";
  const query = url.indexOf("?", start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}

function problem(status: number, error: string): Response {
  return Response.json({ error, timestamp: new Date().toISOString() }, { status });
}
