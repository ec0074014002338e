/**
 * The HTTP surface of an agent: `/mcp` and the probes (registry-protocol §4.1).
 *
 * @module
 */
import type { McpServer } from "./mcp/agent_server.ts";
import type { MeshNode } from "./node.ts";
import { hostGuard } from "./protocol/host_guard.ts";

const ROUTES: Readonly<Record<string, readonly string[]>> = {
  "/mcp": ["POST", "GET", "DELETE"],
  "/livez": ["GET", "HEAD"],
  "/ready": ["GET", "HEAD"],
  "/health": ["GET", "HEAD"],
  "/startupz": ["GET", "HEAD"],
};

/** The request handler of `node`. */
export function httpSurface(
  node: MeshNode,
  mcp: McpServer,
): (request: Request) => Promise<Response> {
  const guard = hostGuard([node.config.advertisedHost, ...node.config.allowedHosts]);
  const refusalOf = (request: Request, pathname: string): Response | undefined => {
    const { url, headers } = request;
    // A request that never was on a wire has no Host header; its URL says the same.
    const refused = guard(headers.get("host") ?? new URL(url).host, headers.get("origin"));
    if (refused !== undefined) return problem(403, refused);
    const methods = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
    if (methods === undefined) return problem(404, `no such path: ${pathname}`);
    if (methods.includes(request.method)) return undefined;
    const response = problem(405, `${pathname} takes ${methods.join(", ")}`);
    response.headers.set("allow", methods.join(", "));
    return response;
  };
  return (request) => {
    const pathname = pathOf(request.url);
    const refused = refusalOf(request, pathname);
    if (refused !== undefined) return Promise.resolve(refused);
    if (pathname !== "/mcp") return answerProbe(node, pathname, request.method);
    // Before anything runs: the caller may send it to another replica.
    const { refusal } = node;
    return refusal === undefined ? mcp.fetch(request) : Promise.resolve(retryLater(refusal));
  };
}

async function answerProbe(node: MeshNode, pathname: string, method: string): Promise<Response> {
  const { status, body } = await probe(node, pathname);
  return method === "HEAD"
    ? new Response(null, { status, headers: { "content-type": "application/json" } })
    : Response.json(body, { status });
}

function retryLater(reason: string): Response {
  const response = problem(503, reason);
  response.headers.set("retry-after", "1");
  return response;
}

/** The path of a URL, without building one for every call. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start === -1) return "/";
  const query = url.indexOf("?", start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}

function problem(status: number, error: string): Response {
  return Response.json({ error, timestamp: new Date().toISOString() }, { status });
}

async function probe(
  node: MeshNode,
  pathname: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const agent = node.config.name;
  const timestamp = new Date().toISOString();
  switch (pathname) {
    case "/livez":
      return { status: 200, body: { alive: true, agent, timestamp } };
    case "/ready": {
      const ready = node.state === "up";
      const runtime = ready ? "up" : node.state === "starting" ? "starting" : "shutting_down";
      const reason = ready ? {} : { reason: `the agent is ${runtime.replace("_", " ")}` };
      return {
        status: ready ? 200 : 503,
        body: {
          ready,
          agent,
          runtime,
          mcp_wrappers: node.manifest.tools.length,
          registered: node.isRegistered,
          unresolved: node.unresolved,
          timestamp,
          ...reason,
        },
      };
    }
    case "/health": {
      const { status, checks = {}, errors = [] } = node.health;
      return {
        status: status === "healthy" ? 200 : 503,
        body: { status, agent, checks, errors, timestamp },
      };
    }
    default: {
      const { status, checks, errors } = await node.startup();
      const started = status === "healthy";
      return {
        status: started ? 200 : 503,
        body: {
          started,
          agent,
          timestamp,
          ...(checks === undefined ? {} : { checks }),
          ...(errors === undefined ? {} : { errors, reason: errors.join("; ") }),
        },
      };
    }
  }
}
