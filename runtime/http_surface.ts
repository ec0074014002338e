/**
 * The HTTP surface of an agent: `/mcp` and the probes (registry-protocol §4.1).
 *
 * @module
 */
import { originValidationResponse, validateHostHeader } from "@modelcontextprotocol/server";
import type { McpServer } from "./mcp/agent_server.ts";
import type { MeshNode } from "./node.ts";

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
  const guard = hostGuard([...node.config.allowedHosts]);
  return async (request) => {
    const { pathname } = new URL(request.url);
    const methods = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
    if (methods === undefined) return problem(404, `no such path: ${pathname}`);
    if (!methods.includes(request.method)) {
      const response = problem(405, `${pathname} takes ${methods.join(", ")}`);
      response.headers.set("allow", methods.join(", "));
      return response;
    }
    if (pathname === "/mcp") {
      // Before anything runs: the caller may send it to another replica.
      const { refusal } = node;
      if (refusal !== undefined) return retryLater(refusal);
      // A page that rebinds its name to this machine must not reach tools (MCP transports §security).
      return guard(request) ?? await mcp.fetch(request);
    }
    const { status, body } = await probe(node, pathname);
    return request.method === "HEAD"
      ? new Response(null, { status, headers: { "content-type": "application/json" } })
      : Response.json(body, { status });
  };
}

function retryLater(reason: string): Response {
  const response = problem(503, reason);
  response.headers.set("retry-after", "1");
  return response;
}

/** Refuses requests to or from a host that is not on the list; an empty list refuses nothing. */
function hostGuard(allowed: string[]): (request: Request) => Response | undefined {
  if (allowed.length === 0) return () => undefined;
  // Callers keep sending the same few names.
  const known = new Set<string>();
  return (request) => {
    // A request that never was on a wire has no Host header; its URL says the same.
    const host = request.headers.get("host") ?? new URL(request.url).host;
    if (!known.has(host)) {
      const verdict = validateHostHeader(host, allowed);
      if (!verdict.ok) {
        return problem(
          403,
          `${verdict.message}; add it to MCP_MESH_ALLOWED_HOSTS if it is yours`,
        );
      }
      if (known.size < MOST_KNOWN_HOSTS) known.add(host);
    }
    return request.headers.has("origin") ? originValidationResponse(request, allowed) : undefined;
  };
}

/** Spellings of allowed hosts that are remembered: names times ports. */
const MOST_KNOWN_HOSTS = 64;

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
