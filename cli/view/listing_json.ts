/**
 * The documents that `list --json` and `status --json` print. Lists are never null; what is not
 * known is.
 *
 * @module
 */
import type { AgentInfo, CapabilityInfo, RegistryHealth } from "../../runtime/protocol/listing.ts";
import { isAvailable, toolsOf } from "../mesh/mesh_view.ts";
import { formatDuration } from "../output/duration.ts";
import type { LocalAgent, RegistryRecord } from "../machine/records.ts";
import type { OfferedTool } from "../mesh/tool_reference.ts";

/** What the registry part of `list --json` is made of. */
export interface RegistryState {
  url: string;
  health: RegistryHealth | undefined;
  agents: AgentInfo[];
  /** Why it does not answer. */
  error: string | undefined;
}

/** The `registry` object of `list --json`. */
export function registryJson({ url, health, agents, error }: RegistryState) {
  const healthy = agents.filter(({ status }) => status === "healthy").length;
  return {
    status: error === undefined ? "running" : "not running",
    url,
    agent_count: agents.length,
    healthy_count: healthy,
    unhealthy_count: agents.length - healthy,
    uptime: health === undefined ? null : formatDuration(health.uptime_seconds * 1_000),
    start_time: health === undefined ? null : startTime(health),
    error: error ?? null,
  };
}

function startTime({ timestamp, uptime_seconds }: RegistryHealth): string | null {
  const now = Date.parse(timestamp);
  return Number.isNaN(now) ? null : new Date(now - uptime_seconds * 1_000).toISOString();
}

/**
 * One agent of `list --json` and `status --json`.
 *
 * @param local Its process, when it runs on this machine.
 */
export function agentJson(agent: AgentInfo, local: LocalAgent | undefined) {
  return {
    id: agent.id,
    name: agent.name,
    agent_type: agent.agent_type,
    status: agent.status,
    health: agent.health ?? null,
    runtime: agent.runtime,
    endpoint: agent.endpoint,
    tools: toolsOf(agent).map((tool) => agentToolJson(agent, tool)),
    dependencies: [],
    dependency_resolutions: agent.dependency_resolutions ?? [],
    llm_tool_resolutions: agent.llm_tool_resolutions ?? [],
    llm_provider_resolutions: agent.llm_provider_resolutions ?? [],
    dependencies_resolved: agent.dependencies_resolved,
    dependencies_total: agent.total_dependencies,
    last_heartbeat: agent.last_seen,
    created_at: agent.created_at,
    updated_at: agent.last_seen,
    version: agent.version,
    pid: local?.record.pid ?? null,
    file_path: local?.record.file ?? null,
    start_time: local?.record.started_at ?? null,
    config: {},
    labels: {},
  };
}

function agentToolJson(agent: AgentInfo, tool: CapabilityInfo) {
  return {
    id: `${agent.id}:${tool.function_name}`,
    name: tool.function_name,
    capability: tool.name,
    function_name: tool.function_name,
    version: tool.version,
    tags: tool.tags ?? [],
    available: isAvailable(tool),
    unavailable_reason: tool.unavailable_reason ?? null,
    llm_filter: tool.llm_filter ?? null,
    llm_provider: tool.llm_provider ?? null,
  };
}

/** One process of this machine in `list --json`. */
export function processJson(local: LocalAgent) {
  const { record } = local;
  return {
    pid: record.pid,
    name: record.name,
    type: "agent",
    status: record.phase,
    file_path: record.file,
    start_time: record.started_at,
  };
}

/** The registry's process in `list --json`. */
export function registryProcessJson(record: RegistryRecord) {
  return {
    pid: record.pid,
    name: "registry",
    type: "registry",
    status: "running",
    file_path: null,
    start_time: record.started_at,
  };
}

/** One tool of `list --tools --json`. */
export function toolJson({ agent, tool }: OfferedTool) {
  return {
    tool_name: tool.function_name,
    agent_name: agent.name,
    agent_id: agent.id,
    capability: tool.name,
    description: tool.description ?? "",
    version: tool.version,
    tags: (tool.tags ?? []).join(","),
    endpoint: agent.endpoint,
    available: isAvailable(tool),
    unavailable_reason: tool.unavailable_reason ?? null,
  };
}
