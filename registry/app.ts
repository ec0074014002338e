/**
 * The registry's routes as one `fetch` function.
 *
 * @module
 */
import { Hono } from "hono";
import type { RegistryConfig } from "./config.ts";
import type { Members } from "./directory/members.ts";
import { hostGuard } from "./guard.ts";
import { problem } from "./problem.ts";
import { agentRoutes } from "./routes/agents.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { heartbeatRoutes } from "./routes/heartbeat.ts";
import { proxyRoutes } from "./routes/proxy.ts";
import { rootRoutes } from "./routes/root.ts";

/** What {@linkcode createApp} needs. */
export interface AppOptions {
  members: Members;
  config: RegistryConfig;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Calls agents, for the proxy. */
  fetch: typeof fetch;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
  /** Aborts when the registry stops. */
  closing: AbortSignal;
}

/** Paths whose form with a trailing slash leads to them. */
const LISTED = new Set(["/health", "/agents", "/events"]);

/** The registry's HTTP application. */
export function createApp(
  { members, config, now, fetch, log, closing }: AppOptions,
): (request: Request) => Promise<Response> {
  const app = new Hono();
  rootRoutes(app);
  healthRoutes(app, { store: members.store, now });
  heartbeatRoutes(app, { members, now, log });
  agentRoutes(app, { members, log });
  eventRoutes(app, members);
  proxyRoutes(app, { members, config, fetch, closing });
  app.notFound((context) => {
    const url = new URL(context.req.url);
    const slashless = url.pathname.slice(0, -1);
    if (context.req.method === "GET" && url.pathname.endsWith("/") && LISTED.has(slashless)) {
      return context.redirect(slashless + url.search, 301);
    }
    return context.text("404 page not found", 404);
  });
  app.onError((error) => {
    log(`a request failed: ${error.stack ?? error.message}`);
    return problem(500, "the registry failed to answer; its log says why");
  });
  const guard = hostGuard(config.allowedHosts);
  return async (request) => guard(request) ?? await app.fetch(request);
}
