/**
 * One tool in full: what `list --tools=<tool>` shows, with the input schema its agent tells.
 *
 * @module
 */
import type { AgentInfo } from "../../runtime/protocol/listing.ts";
import { type AgentTool, readAgentTools } from "../mesh/agent_tools.ts";
import type { Context } from "../app/context.ts";
import { CliError } from "../base/exit.ts";
import { toolJson } from "./listing_json.ts";
import { mcpTarget } from "../mesh/mcp_request.ts";
import { isAvailable } from "../mesh/mesh_view.ts";
import { shellWord } from "../output/shell_word.ts";
import { jsonOf } from "../output/json.ts";
import { registryUnreachable } from "../mesh/registry_client.ts";
import { sampleArguments } from "../mesh/sample_arguments.ts";
import { findTool, type OfferedTool } from "../mesh/tool_reference.ts";

/** One tool, for people and for scripts. */
export interface ToolDescription {
  lines: string[];
  json: unknown;
}

/**
 * Describes one tool.
 *
 * @param reference `tool` or `agent:tool`.
 * @param agents The agents to search, sorted by id.
 * @param registry Address of the registry.
 * @throws {CliError} exit 3 when there is no such tool, exit 2 when several agents offer it.
 */
export async function describeTool(
  reference: string,
  agents: AgentInfo[],
  registry: string,
  options: { timeout: number },
  context: Context,
): Promise<ToolDescription> {
  const offered = findTool(reference, agents);
  const detail = await agentTools(offered.agent, registry, options.timeout, context)
    .then((tools) => tools.find(({ name }) => name === offered.tool.function_name))
    .catch((error: unknown) => {
      if (error instanceof CliError) return undefined;
      throw error;
    });
  const inputSchema = detail?.inputSchema;
  const chunkSchema = detail?._meta?.["mesh/chunk"];
  const call = inputSchema === undefined
    ? undefined
    : callLine(offered.tool.function_name, sampleArguments(inputSchema), context.program);
  return {
    json: {
      ...toolJson(offered),
      description: detail?.description ?? offered.tool.description ?? "",
      input_schema: inputSchema ?? null,
      ...(chunkSchema === undefined ? {} : { chunk_schema: chunkSchema }),
      example: call ?? null,
    },
    lines: descriptionLines(offered, detail, call),
  };
}

/**
 * The tools of an agent, asked through the registry's proxy.
 *
 * @throws {CliError} when the agent or the registry does not answer.
 */
export async function agentTools(
  agent: AgentInfo,
  registry: string,
  timeout: number,
  { fetch, now, program, config }: Context,
): Promise<AgentTool[]> {
  const target = mcpTarget(agent.endpoint, registry, agent.id, config.mcpToken);
  const unreachable = (cause: unknown) =>
    registryUnreachable({ url: registry, timeout, program }, cause);
  return await readAgentTools({ target, timeout, fetch, now, unreachable });
}

/**
 * A command line that calls a tool, ready to paste into a shell.
 *
 * @param args Arguments; none are left out.
 */
export function callLine(name: string, args: Record<string, unknown>, program: string): string {
  const json = JSON.stringify(args);
  return `${program} call ${shellWord(name)}${json === "{}" ? "" : ` ${shellWord(json)}`}`;
}

function descriptionLines(
  { agent, tool }: OfferedTool,
  detail: AgentTool | undefined,
  call: string | undefined,
): string[] {
  const available = isAvailable(tool)
    ? "yes"
    : `no${tool.unavailable_reason === undefined ? "" : ` (${tool.unavailable_reason})`}`;
  const rows: [string, string][] = [
    ["Tool", tool.function_name],
    ["Agent", agent.id],
    ["Capability", tool.name],
    ["Version", tool.version],
    ["Tags", tool.tags?.join(",") || "-"],
    ["Available", available],
  ];
  const schema = detail?.inputSchema === undefined
    ? ["No input schema is available: the agent did not answer."]
    : ["Input schema:", ...jsonOf(detail.inputSchema, 2).trimEnd().split("\n")];
  const chunk = detail?._meta?.["mesh/chunk"];
  return [
    ...rows.map(([label, value]) => `${`${label}:`.padEnd(LABEL)}${value}`),
    ...label("Description", detail?.description ?? tool.description ?? "-"),
    "",
    ...schema,
    ...(chunk === undefined
      ? []
      : ["", "Streams chunks of:", ...jsonOf(chunk, 2).trimEnd().split("\n")]),
    ...(call === undefined ? [] : ["", "Example:", `  ${call}`]),
  ];
}

/** Cells of a label and what stands around it. */
const LABEL = 13;

/** A value of any number of lines behind its label. */
function label(name: string, value: string): string[] {
  return value.trimEnd().split("\n").map((line, at) =>
    `${at === 0 ? `${name}:` : ""}`.padEnd(LABEL) + line
  );
}
