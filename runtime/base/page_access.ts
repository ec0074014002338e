/**
 * Answers to pages of other origins (Fetch §3.3, CORS): MCP clients that run in a browser, such as the MCP
 * Inspector, may read them when the host of their page is known by name.
 *
 * @module
 */
import { hostGuard } from "./host_guard.ts";

/** Answers a request, in a way that the page it comes from may read. */
export type PageAccess = (request: Request, answer: () => Promise<Response>) => Promise<Response>;

/** Headers of answers that a client of MCP looks at. */
const EXPOSED = "Mcp-Session-Id, Mcp-Protocol-Version, WWW-Authenticate, Retry-After";
/** For so many seconds a browser need not ask again. */
const MAX_AGE = "600";

/**
 * Returns the access of pages to one path.
 *
 * @param names Hosts of pages besides this machine's. `*` is not one: it lets programs in by every name,
 * and a page that should read answers is listed by its own.
 * @param methods Methods that pages may use.
 */
export function pageAccess(names: readonly string[], methods: readonly string[]): PageAccess {
  const guard = hostGuard(names.filter((name) => name !== "*"), { anyHost: true });
  return async (request, answer) => {
    const origin = request.headers.get("origin");
    if (origin === null || guard(request) !== undefined) return await answer();
    return isPreflight(request)
      ? new Response(null, { status: 204, headers: leave(request.headers, origin, methods) })
      : readable(await answer(), origin);
  };
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("access-control-request-method");
}

/** The headers that allow what a browser asks for: a client may have headers of its own. */
function leave(asked: Headers, origin: string, methods: readonly string[]): HeadersInit {
  const isPrivate = asked.get("access-control-request-private-network") === "true";
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": methods.join(", "),
    "access-control-allow-headers": asked.get("access-control-request-headers") ?? "",
    "access-control-max-age": MAX_AGE,
    ...(isPrivate && { "access-control-allow-private-network": "true" }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
  };
}

function readable({ status, headers, body }: Response, origin: string): Response {
  const own = new Headers(headers);
  own.set("access-control-allow-origin", origin);
  own.set("access-control-expose-headers", EXPOSED);
  own.append("vary", "Origin");
  return new Response(body, { status, headers: own });
}
