/**
 * Agents as a registry lists them, and a registry that answers with them, for tests.
 *
 * @module
 */
import type { AgentInfo, CapabilityInfo } from "../../runtime/protocol/listing.ts";
import { NOW } from "../app/context_fixture.ts";

/** A tool; by default `hello` with a capability of the same name. */
export function toolInfo(tool: Partial<CapabilityInfo> = {}): CapabilityInfo {
  const name = tool.function_name ?? tool.name ?? "hello";
  return { name, version: "1.0.0", function_name: name, tags: [], available: true, ...tool };
}

/** A healthy agent; by default one tool, seen 3 s ago, an hour old. */
export function agentInfo(agent: Partial<AgentInfo> = {}): AgentInfo {
  const name = agent.name ?? "hello-agent";
  return {
    id: `${name}-00000001`,
    name,
    agent_type: "mcp_agent",
    runtime: "deno",
    status: "healthy",
    endpoint: "http://127.0.0.1:9101",
    capabilities: [toolInfo()],
    total_dependencies: 0,
    dependencies_resolved: 0,
    dependency_resolutions: [],
    llm_tool_resolutions: null,
    llm_provider_resolutions: null,
    created_at: new Date(NOW - 3_600_000).toISOString(),
    last_seen: new Date(NOW - 3_000).toISOString(),
    version: "1.0.0",
    ...agent,
  };
}

/** A request as the fake registry saw it. */
export interface SeenRequest {
  method: string;
  url: string;
  headers: Headers;
  body: string;
}

/** A registry that answers from memory. */
export interface FakeRegistry {
  fetch: typeof fetch;
  requests: SeenRequest[];
}

/**
 * A registry at any address.
 *
 * @param agents What it lists; `null` is the reference's empty list.
 * @param mcp Answers what goes to an agent, through the proxy or not.
 */
export function fakeRegistry(
  agents: AgentInfo[] | null,
  mcp: (request: SeenRequest) => Response | Promise<Response> = () => new Response(null),
): FakeRegistry {
  const requests: SeenRequest[] = [];
  return {
    requests,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { method, url, headers } = request;
      const seen = { method, url, headers, body: await request.text() };
      requests.push(seen);
      const { pathname } = new URL(url);
      if (pathname === "/agents") {
        const timestamp = new Date(NOW).toISOString();
        return Response.json({ agents, count: agents?.length ?? 0, timestamp });
      }
      if (pathname === "/health") {
        return Response.json({
          status: "healthy",
          version: "0.1.0",
          uptime_seconds: 7_380,
          timestamp: new Date(NOW).toISOString(),
          service: "mcp-mesh-registry",
        });
      }
      return await mcp(seen);
    },
  };
}

/** An agent's answer to one request. */
export function mcpResult(result: unknown): Response {
  return Response.json({ jsonrpc: "2.0", id: 1, result });
}
