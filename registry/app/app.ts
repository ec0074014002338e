/**
 * The registry's routes as one `fetch` function.
 *
 * @module
 */
import { Bodies } from "../http/body.ts";
import { callerGuard } from "../http/caller_guard.ts";
import { pageAccess } from "../../runtime/base/page_access.ts";
import type { RegistryConfig } from "../config/config.ts";
import type { DatabaseWatch } from "../base/database_watch.ts";
import type { Connections } from "../http/connections.ts";
import type { Members } from "../directory/members.ts";
import { AuditTrail } from "../directory/audit_trail.ts";
import { Drain } from "../directory/drain.ts";
import type { Schemas } from "../directory/schemas.ts";
import { Endpoints } from "../http/endpoints.ts";
import type { Lookup } from "../base/lookups.ts";
import { MeasuredApp } from "../http/measured_app.ts";
import { namespaceScope } from "../http/namespace_scope.ts";
import type { IsOwnAddress } from "../http/own_addresses.ts";
import type { Peer } from "../http/peer.ts";
import { problem } from "../http/problem.ts";
import type { RegistryMetrics } from "../base/registry_metrics.ts";
import { a2aRoutes } from "../routes/a2a.ts";
import { adminRoutes, noAdminRoute } from "../routes/admin.ts";
import { agentRoutes } from "../routes/agents.ts";
import { docsRoutes } from "../routes/docs.ts";
import { eventRoutes } from "../routes/events.ts";
import { healthRoutes } from "../routes/health.ts";
import { heartbeatRoutes } from "../routes/heartbeat.ts";
import { jobRoutes } from "../routes/jobs.ts";
import { mcpRoutes } from "../routes/mcp.ts";
import { metricsRoutes } from "../routes/metrics.ts";
import { proxyRoutes } from "../routes/proxy.ts";
import { rootRoutes } from "../routes/root.ts";
import { schemaRoutes } from "../routes/schemas.ts";
import { whyRoutes } from "../routes/why.ts";
import { mount, type Route } from "../routes/route.ts";
import { DirectoryStreams } from "../routes/streams.ts";
import { traceRoutes } from "../routes/traces.ts";
import type { Traces } from "../trace/traces.ts";
import { webGuard } from "../http/web_guard.ts";

/** What {@linkcode createApp} needs. */
export interface AppOptions {
  kv: Deno.Kv;
  database: DatabaseWatch;
  members: Members;
  schemas: Schemas;
  traces: Traces;
  metrics: RegistryMetrics;
  config: RegistryConfig;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Those to agents, for the proxy and `/mcp`. */
  connections: Connections;
  /** Tells which addresses are the registry's own. */
  isOwn: IsOwnAddress;
  /** Finds the addresses of names. */
  lookup: Lookup;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
  /** How long a request's body may take to arrive, milliseconds. @default 30000 */
  arrivalMs?: number;
  /** Aborts when the registry stops. */
  closing: AbortSignal;
  /** Aborts when streams are to end. */
  noStreams: AbortSignal;
  /** Called when the first stream of a kind opens, and when the last of it ends. */
  onStreams: (any: boolean) => void;
}

/** Paths whose form with a trailing slash leads to them. */
const LISTED = new Set([
  "/health",
  "/agents",
  "/events",
  "/schemas",
  "/jobs",
  "/traces",
  "/a2a/agents",
  "/docs",
]);

/** The registry's HTTP application. */
export function createApp(
  { kv, members, schemas, traces, metrics, config, now, log, ...rest }: AppOptions,
): (request: Request, peer?: Peer) => Promise<Response> {
  const { closing, noStreams, onStreams: onBusy } = rest;
  const { database } = rest;
  // What fails because the database does has been told.
  const quiet = database.quiet(log);
  const bodies = new Bodies(rest.arrivalMs);
  const { isOwn, lookup, connections } = rest;
  const endpoints = new Endpoints({ listed: config.endpointHosts, isOwn, lookup, connections });
  const { mcp: opening, mcpToken: token, adminToken, allowedHosts } = config;
  const guard = callerGuard({ opening, token, adminToken, allowedHosts });
  const calling = { members, bodies, guard, endpoints, config, closing };
  const app = new MeasuredApp(metrics);
  const streams = new DirectoryStreams({ members, log, closing: noStreams, onBusy });
  const routes: readonly Route[] = [
    ...rootRoutes(),
    ...healthRoutes({ store: members.store, database, now }),
    ...heartbeatRoutes({
      members,
      streams,
      bodies,
      endpoints,
      schemas,
      audits: new AuditTrail(members),
      metrics,
      config,
      now,
      log: quiet,
    }),
    ...agentRoutes({ members, streams, adminToken, log: quiet }),
    ...eventRoutes(members, streams),
    ...schemaRoutes(schemas, members.snapshot),
    ...jobRoutes(),
    ...a2aRoutes({ members, config }),
    ...whyRoutes(members),
    ...traceRoutes({ traces, bodies, metrics, now, log: quiet }),
    ...metricsRoutes(metrics, members.snapshot),
    ...adminRoutes({ drain: new Drain(kv), token: adminToken, now, log: quiet }),
    ...mcpRoutes({ ...calling, log, noStreams, onBusy }),
    ...proxyRoutes(calling),
  ];
  mount(app, [...routes, ...docsRoutes(routes)]);
  // The application is only ever given a Peer: see below.
  app.all("/admin/*", ({ req, env }) => noAdminRoute(req.raw, env as Peer, adminToken));
  app.notFound((context) => {
    const url = new URL(context.req.url);
    const slashless = url.pathname.slice(0, -1);
    if (context.req.method === "GET" && url.pathname.endsWith("/") && LISTED.has(slashless)) {
      return context.redirect(slashless + url.search, 301);
    }
    return context.text("404 page not found", 404);
  });
  app.onError((error) => {
    if (database.fault !== undefined) return problem(503, `${database.fault}; try again later`);
    log(`a request failed: ${error.stack ?? error.message}`);
    return problem(500, "the registry failed to answer; its log says why");
  });
  const door = webGuard(config.allowedHosts);
  const pages = pageAccess(config.allowedHosts ?? [], ["POST", "GET", "DELETE"]);
  const scope = namespaceScope({ strict: config.namespaceStrict, token: config.adminToken });
  const answer = async (request: Request, peer: Peer): Promise<Response> => {
    const elsewhere = config.adminPort > 0 ? wrongDoor(request, peer) : undefined;
    if (elsewhere !== undefined) return elsewhere;
    const scoped = scope(request, peer);
    return scoped instanceof Response ? scoped : await app.fetch(scoped, peer);
  };
  return async (given, peer = {}) => {
    const request = withoutSlash(given);
    const refused = door(request, peer);
    if (refused !== undefined) return refused;
    const isPage = request.headers.has("origin") && new URL(request.url).pathname === "/mcp";
    return await (isPage ? pages(request, () => answer(request, peer)) : answer(request, peer));
  };
}

/**
 * Returns a request for `/mcp/`, as some clients and routers write it, as one for `/mcp`. A redirect would
 * lose the body with many of them.
 */
function withoutSlash(request: Request): Request {
  if (!request.url.includes("/mcp/")) return request;
  const url = new URL(request.url);
  if (url.pathname !== "/mcp/") return request;
  url.pathname = "/mcp";
  return new Request(url, request);
}

/** Where administration has a port of its own, it is on no other, and nothing else is there. */
function wrongDoor({ url }: Request, { door }: Peer): Response | undefined {
  const { pathname } = new URL(url);
  if (pathname.startsWith("/admin/") === (door === "admin")) return undefined;
  return problem(
    404,
    door === "admin"
      ? `${pathname} is not on the port of MCP_MESH_ADMIN_PORT; ask the registry's main port`
      : `${pathname} is on the port of MCP_MESH_ADMIN_PORT; ask there`,
  );
}
