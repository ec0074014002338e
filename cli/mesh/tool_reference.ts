/**
 * Which tool of which agent a user means: `tool`, `agent:tool`, or a capability.
 *
 * @module
 */
import { inLine, visibleLine } from "../../runtime/base/visible.ts";
import type { AgentInfo, CapabilityInfo } from "../../runtime/protocol/listing.ts";
import { findAgent } from "./agent_reference.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";
import { toolsOf } from "./mesh_view.ts";

/** A tool and the agent that offers it. */
export interface OfferedTool {
  agent: AgentInfo;
  tool: CapabilityInfo;
}

/** Prefix of the tools the runtime adds for itself; any agent's will do. */
const INTERNAL = "__mesh_";
const JOB_HELPER = "__mesh_job_";

/** Whether a tool belongs to the runtime rather than to the agent's author. */
export function isInternalTool(tool: CapabilityInfo): boolean {
  return tool.function_name.startsWith(INTERNAL);
}

/** Every tool of every agent, sorted by capability, tool and agent. */
export function offeredTools(agents: AgentInfo[]): OfferedTool[] {
  const tools = agents.flatMap((agent) =>
    toolsOf(agent).map((tool): OfferedTool => ({ agent, tool }))
  );
  const key = ({ agent, tool }: OfferedTool) =>
    [tool.name, tool.function_name, agent.id].join("\u0000");
  return tools.toSorted((a, b) => key(a) < key(b) ? -1 : 1);
}

/**
 * The one tool that `reference` names. A function name goes before a capability of the same name.
 *
 * @param reference `tool`, `agent:tool`, or a capability; the agent may be shortened.
 * @param agents The agents to search, sorted by id.
 * @throws {CliError} exit 3 when there is none, exit 2 when several agents offer it.
 */
export function findTool(reference: string, agents: AgentInfo[]): OfferedTool {
  const colon = reference.indexOf(":");
  const scope = colon < 0 ? agents : [findAgent(reference.slice(0, colon), agents)];
  const name = colon < 0 ? reference : reference.slice(colon + 1);
  const tools = offeredTools(scope);
  const byFunction = tools.filter(({ tool }) => tool.function_name === name);
  const byCapability = firstOfEachAgent(tools.filter(({ tool }) => tool.name === name));
  const matches = byFunction.length > 0 ? byFunction : byCapability;
  const match = matches[0];
  if (match === undefined) throw unknownTool(reference, name, scope, agents);
  if (matches.length > 1 && !name.startsWith(JOB_HELPER)) throw ambiguousTool(name, matches);
  return match;
}

function firstOfEachAgent(tools: OfferedTool[]): OfferedTool[] {
  return tools.filter(({ agent }, index) =>
    tools.findIndex((other) => other.agent.id === agent.id) === index
  );
}

function unknownTool(
  reference: string,
  name: string,
  scope: AgentInfo[],
  agents: AgentInfo[],
): CliError {
  const visible = offeredTools(scope).filter(({ tool }) => !isInternalTool(tool));
  const names = visible.flatMap(({ tool }) => [tool.function_name, tool.name]);
  const problem = scope === agents
    ? inLine`tool "${name}" not found: no healthy agent offers it`
    : inLine`tool "${reference}" not found: ${
      scope[0]?.name ?? "the agent"
    } does not offer "${name}"`;
  const near = didYouMean(name, names);
  const hint = (near && visibleLine(near)) ??
    (names.length === 0
      ? "No tool is registered; start an agent first."
      : "List what there is with `list --tools`.");
  return new CliError(EXIT.notFound, problem, { hint });
}

function ambiguousTool(name: string, matches: OfferedTool[]): CliError {
  const forms = matches.map(({ agent, tool }) => inLine`${agent.id}:${tool.function_name}`);
  return new CliError(
    EXIT.usage,
    inLine`several agents offer "${name}":` + forms.map((form) => `\n  ${form}`).join(""),
    { hint: `Name one of them, such as ${forms[0] ?? name}.` },
  );
}
