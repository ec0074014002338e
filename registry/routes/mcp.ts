/**
 * `POST|GET /mcp`: the mesh as one MCP server, for any MCP client.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import type { Bodies } from "../http/body.ts";
import type { CallerGuard } from "../http/caller_guard.ts";
import { ownSecrets, type RegistryConfig } from "../config/config.ts";
import type { Members } from "../directory/members.ts";
import type { Endpoints } from "../http/endpoints.ts";
import { McpGateway } from "../mcp/gateway.ts";
import { Providers } from "../mcp/providers.ts";
import { ToolCalls } from "../mcp/tool_call.ts";
import { viewQuery } from "../mcp/view_query.ts";
import { askedNamespace } from "../http/namespace_scope.ts";
import type { Peer } from "../http/peer.ts";
import { problem } from "../http/problem.ts";
import { resource } from "./resource.ts";

/** What {@linkcode mcpRoutes} needs. */
export interface McpRoutesOptions {
  members: Members;
  bodies: Bodies;
  guard: CallerGuard;
  endpoints: Endpoints;
  config: RegistryConfig;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
  /** Aborts when the registry stops. */
  closing: AbortSignal;
  /** Aborts when no more streams are wanted. */
  noStreams: AbortSignal;
  /** Called when the first client listens, and when the last of them stops. */
  onBusy: (busy: boolean) => void;
}

/** Adds the route. */
export function mcpRoutes(
  app: Hono,
  { members, bodies, guard, endpoints, config, log, closing, ...streams }: McpRoutesOptions,
): void {
  const { noStreams, onBusy } = streams;
  const { mcp, mcpToken } = config;
  const calls = new ToolCalls({
    providers: new Providers(),
    endpoints,
    timeoutMs: config.proxyTimeoutMs,
    propagated: config.propagateHeaders,
    secrets: ownSecrets(config),
    closing,
  });
  if (mcp === "on" && mcpToken === undefined) {
    log(
      "/mcp and /proxy are open to everybody who reaches this registry; " +
        "set MCP_MESH_MCP_TOKEN to ask for a secret",
    );
  }
  const gateway = new McpGateway({ members, bodies, calls, log, closing: noStreams, onBusy });
  const handler = async ({ req: { raw: request }, env }: Context): Promise<Response> => {
    // The application is only ever given a Peer; see createApp.
    const refused = guard(request, env as Peer, "/mcp");
    if (refused !== undefined) return refused;
    const { searchParams } = new URL(request.url);
    const query = viewQuery(searchParams);
    if ("fault" in query) return problem(400, query.fault);
    const namespace = askedNamespace(request, config.namespaceStrict, searchParams);
    try {
      return await gateway.fetch(request, namespace, query);
    } catch (error) {
      // The caller has given the call up: nobody reads this, but the server wants an answer.
      if (isAbort(error) || request.signal.aborted) return new Response(null, { status: 499 });
      throw error;
    }
  };
  resource(app, "/mcp", { POST: handler, GET: handler });
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
