/**
 * `POST|GET /mcp`: the mesh as one MCP server, for any MCP client.
 *
 * @module
 */
import type { Bodies } from "../http/body.ts";
import type { CallerGuard } from "../http/caller_guard.ts";
import { ownSecrets, type RegistryConfig } from "../config/config.ts";
import type { Members } from "../directory/members.ts";
import type { Endpoints } from "../http/endpoints.ts";
import { McpGateway } from "../mcp/gateway.ts";
import { Providers } from "../mcp/providers.ts";
import { ToolCalls } from "../mcp/tool_call.ts";
import { VIEW_PARAMETERS, viewQuery } from "../mcp/view_query.ts";
import { askedNamespace } from "../http/namespace_scope.ts";
import { madeElsewhere } from "../http/answered.ts";
import { NAMESPACE } from "../base/parameter.ts";
import { type Answer, type Answers, type Operation, refused } from "../describe/operation.ts";
import { NOT_RECEIVED, type Route, route } from "./route.ts";
import { keptOut, toolDoor } from "./tool_door.ts";

/** Options for {@linkcode mcpRoutes}. */
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

/** Returns the routes. */
export function mcpRoutes(
  { members, bodies, guard, endpoints, config, log, closing, ...streams }: McpRoutesOptions,
): readonly Route[] {
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
  const mcpRoute = (
    operation: Pick<Operation, "method" | "about" | "body"> & {
      readonly answers: Answers & Readonly<Record<200, Answer>>;
    },
  ): Route =>
    route({
      ...operation,
      path: "/mcp",
      query: { ...VIEW_PARAMETERS, namespace: NAMESPACE },
      ...toolDoor("/mcp", guard),
      answers: {
        ...keptOut("/mcp"),
        400: refused("The message or the query is wrong"),
        503: refused("Too many calls are under way, or too many clients listen"),
        ...operation.answers,
      },
      handler: async ({ request, query }) => {
        const namespace = askedNamespace(request, config.namespaceStrict, query.namespace);
        try {
          return madeElsewhere(await gateway.fetch(request, namespace, viewQuery(query)));
        } catch (error) {
          // The caller has given the call up: nobody reads this, but the server wants an answer.
          if (isAbort(error) || request.signal.aborted) {
            return madeElsewhere(new Response(null, { status: 499 }));
          }
          throw error;
        }
      },
    });
  return [
    mcpRoute({
      method: "POST",
      about:
        "The mesh as one MCP server: a message of a client, revisions 2024-11-05 to 2026-07-28",
      body: "application/json",
      answers: {
        ...NOT_RECEIVED,
        200: { about: "The answer, as a message or as events", body: "*/*" },
        202: { about: "A notification was taken" },
      },
    }),
    mcpRoute({
      method: "GET",
      about: "Tells clients of revisions up to 2025-11-25 when the tools have changed",
      answers: {
        200: { about: "Events", body: "text/event-stream" },
        406: refused("It is not asked for as events"),
      },
    }),
  ];
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
