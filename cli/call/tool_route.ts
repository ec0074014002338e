/**
 * Where a call goes, and what the tool there takes.
 *
 * @module
 */
import { healthyAgents } from "../mesh/agent_reference.ts";
import { type AgentTool, readAgentTools } from "../mesh/agent_tools.ts";
import type { Context } from "../app/context.ts";
import { CliError, usageError } from "../base/exit.ts";
import { type McpTarget, mcpTarget } from "../mesh/mcp_request.ts";
import { createRegistryClient, registryUnreachable } from "../mesh/registry_client.ts";
import { findTool } from "../mesh/tool_reference.ts";

/** What decides a route. */
export interface RouteOptions {
  /** Address of the registry. */
  registry: string;
  /** Goes through the registry's proxy. */
  useProxy: boolean;
  /** Address of the agent; no registry is asked then. */
  agentUrl: string | undefined;
  headers: [string, string][];
  /** Limit of a request, seconds. */
  timeout: number;
}

/** A way to a tool. */
export interface ToolRoute {
  target: McpTarget;
  /** What the agent calls the tool. */
  tool: string;
  /** Id of the agent; `undefined` when only its address is known. */
  agentId: string | undefined;
  /** What the agent is written for; `undefined` when only its address is known. */
  runtime: string | undefined;
}

/**
 * Finds the tool that `reference` names.
 *
 * @throws {CliError} as {@linkcode findTool}; exit 4 when no registry answers, exit 2 for an
 * address that is none.
 */
export async function findRoute(
  reference: string,
  options: RouteOptions,
  { fetch, program, config }: Pick<Context, "fetch" | "program" | "config">,
): Promise<ToolRoute> {
  const { registry: url, timeout, agentUrl } = options;
  if (agentUrl !== undefined) return directRoute(reference, agentUrl);
  const { agents } = await createRegistryClient({ url, timeout, fetch, program }).listAgents();
  const { agent, tool } = findTool(reference, healthyAgents(agents));
  return {
    target: mcpTarget(
      agent.endpoint,
      options.useProxy ? url : undefined,
      agent.id,
      config.mcpToken,
    ),
    tool: tool.function_name,
    agentId: agent.id,
    runtime: agent.runtime,
  };
}

function directRoute(reference: string, url: string): ToolRoute {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw usageError(
      `--agent-url is "${url}", which is not an http or https URL`,
      "Write it like http://localhost:9101.",
    );
  }
  return {
    target: mcpTarget(parsed.href),
    tool: reference.slice(reference.indexOf(":") + 1),
    agentId: undefined,
    runtime: undefined,
  };
}

/**
 * The tool as its agent describes it now.
 *
 * @returns `undefined` when the agent does not tell; whoever calls it then learns why.
 */
export async function liveTool(
  { target, tool }: ToolRoute,
  { registry: url, timeout, headers }: RouteOptions,
  { fetch, now, program }: Pick<Context, "fetch" | "now" | "program">,
): Promise<AgentTool | undefined> {
  try {
    const unreachable = (cause: unknown) => registryUnreachable({ url, timeout, program }, cause);
    const tools = await readAgentTools({ target, headers, timeout, fetch, now, unreachable });
    return tools.find(({ name }) => name === tool);
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}
