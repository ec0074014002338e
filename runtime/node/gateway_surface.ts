/**
 * The HTTP surface of a gateway: its routes, and the probes where no route is in their place.
 *
 * @module
 */
import type { AgentConfig } from "./config.ts";
import { Deadlines } from "../base/deadline.ts";
import { pathOf, type Surface } from "./http_surface.ts";
import type { RouteManifest } from "../define/manifest.ts";
import { answerProbe, PROBE_METHODS, type Probed, PROBES } from "./probes.ts";
import { type HostGuard, hostGuard } from "../base/host_guard.ts";
import { isLoopback } from "../base/loopback.ts";
import { Arrivals } from "../base/arrivals.ts";
import { HttpExchange } from "./exchange.ts";
import { type Problem, problemResponse } from "../base/problem.ts";
import { type RouteMatch, Router } from "../define/router.ts";
import type { Calls } from "./calls.ts";

/** The calls of a gateway. */
type RouteCalls = Pick<Calls, "answer" | "refusal">;

/**
 * Answers the requests to a gateway.
 *
 * @param routes What it answers beside the probes.
 */
export function gatewaySurface(
  node: Probed,
  calls: RouteCalls,
  routes: readonly RouteManifest[] = node.manifest.routes,
): Surface {
  return new GatewaySurface(node, calls, routes);
}

class GatewaySurface implements Surface {
  readonly deadlines = new Deadlines();
  readonly arrivals = new Arrivals();
  readonly #node: Probed;
  readonly #calls: RouteCalls;
  readonly #router: Router;
  readonly #guard: HostGuard;

  constructor(node: Probed, calls: RouteCalls, routes: readonly RouteManifest[]) {
    this.#node = node;
    this.#calls = calls;
    this.#router = new Router(routes);
    this.#guard = hostGuard(letIn(node.config));
  }

  fetch(request: Request): Promise<Response> {
    const { method } = request;
    const refused = this.#guard(request);
    if (refused !== undefined) return refuse({ status: 403, detail: refused });
    const path = pathOf(request.url);
    const found = this.#router.find(method, path);
    if (found === "malformed") {
      return refuse({ status: 400, detail: `the path ${path} cannot be read` });
    }
    const match = "route" in found ? found : undefined;
    if (PROBES.has(path) && match?.route.pattern === undefined) {
      return this.#probe(request, path, match);
    }
    return match === undefined
      ? unmatched(method, path, "allow" in found ? found.allow : [])
      : this.#answer(request, match);
  }

  close(): Promise<void> {
    this.deadlines[Symbol.dispose]();
    return Promise.resolve();
  }

  /** Runs the route of a call; see {@linkcode HttpExchange}. */
  readonly run: RouteCalls["answer"] = (call) => this.#calls.answer(call);

  #answer(request: Request, match: RouteMatch): Promise<Response> {
    const { refusal: detail } = this.#calls;
    if (detail !== undefined) {
      return refuse({ status: 503, detail, error: "overloaded", headers: [["retry-after", "1"]] });
    }
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
      return refuse({
        status: 501,
        detail: "a gateway does not serve WebSockets; answer with Server-Sent Events",
      });
    }
    return new HttpExchange(this, request, match).answer;
  }

  /** @param match Of the application that answers what no route does. */
  async #probe(request: Request, path: string, match: RouteMatch | undefined): Promise<Response> {
    const { method } = request;
    // An application may have a health of its own; whether its process lives is not its business.
    if (match !== undefined && path === "/health" && this.#calls.refusal === undefined) {
      const response = await this.#answer(request, match);
      if (response.status !== 404) return response;
      await response.body?.cancel();
    }
    return PROBE_METHODS.includes(method)
      ? await answerProbe(this.#node, path, method)
      : await unmatched(method, path, PROBE_METHODS);
  }
}

/** The host names a gateway may be addressed by: on a network, any, unless some are given. */
function letIn({ advertisedHost, allowedHosts, bindHost }: AgentConfig): readonly string[] {
  return allowedHosts.length === 0 && !isLoopback(bindHost)
    ? ["*"]
    : [advertisedHost, ...allowedHosts];
}

function unmatched(method: string, path: string, allow: readonly string[]): Promise<Response> {
  if (allow.length === 0) return refuse({ status: 404, detail: `nothing is under ${path}` });
  const methods = [...new Set([...allow, "OPTIONS"])].toSorted().join(", ");
  return method === "OPTIONS"
    ? Promise.resolve(new Response(null, { status: 204, headers: { allow: methods } }))
    : refuse({ status: 405, detail: `${path} takes ${methods}`, headers: [["allow", methods]] });
}

function refuse(problem: Problem): Promise<Response> {
  return Promise.resolve(problemResponse(problem));
}
