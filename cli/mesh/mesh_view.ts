/**
 * A mesh as the listings show it: which agents are worth a row, and which are only counted.
 *
 * @module
 */
import type { AgentInfo, CapabilityInfo } from "../../runtime/protocol/listing.ts";
import type { Cell } from "../output/table.ts";

/** What is known about an agent that is not healthy. */
export type DownKind =
  /** Something alive misses what it offered, or it says so itself. */
  | "unhealthy"
  /** Nothing misses it. */
  | "inactive"
  /** A newer instance of the same name took over. */
  | "superseded";

/** One agent and what to say about it. */
export interface AgentRow {
  agent: AgentInfo;
  /** Absent for a healthy agent. */
  down: DownKind | undefined;
  /** How many older instances this one took over from. */
  superseded: number;
}

/** Sorts the agents of a registry into rows, in the order given. */
export function agentRows(agents: AgentInfo[]): AgentRow[] {
  const missing = missingCapabilities(agents);
  const newest = newestInstances(agents);
  const kinds = new Map(agents.map((agent) => [agent.id, downKind(agent, newest, missing)]));
  return agents.map((agent) => ({
    agent,
    down: kinds.get(agent.id),
    superseded: newest.get(agent.name)?.id === agent.id
      ? agents.filter(({ id, name }) => name === agent.name && kinds.get(id) === "superseded")
        .length
      : 0,
  }));
}

function downKind(
  agent: AgentInfo,
  newest: Map<string, AgentInfo>,
  missing: Set<string>,
): DownKind | undefined {
  if (agent.status === "healthy") return undefined;
  // It is there, and wants to be helped.
  if (agent.health !== undefined) return "unhealthy";
  if (newest.get(agent.name)?.id !== agent.id) return "superseded";
  const missed = (agent.capabilities ?? []).some(({ name }) => missing.has(name));
  return missed ? "unhealthy" : "inactive";
}

/** The instance of every name that stands for it: a healthy one first, then the youngest. */
function newestInstances(agents: AgentInfo[]): Map<string, AgentInfo> {
  const newest = new Map<string, AgentInfo>();
  for (const agent of agents) {
    const other = newest.get(agent.name);
    if (other === undefined || isNewer(agent, other)) newest.set(agent.name, agent);
  }
  return newest;
}

function isNewer(agent: AgentInfo, other: AgentInfo): boolean {
  const healthy = agent.status === "healthy";
  if (healthy !== (other.status === "healthy")) return healthy;
  return Date.parse(agent.created_at) > Date.parse(other.created_at);
}

/** Capabilities that healthy agents depend on and have no provider for. */
function missingCapabilities(agents: AgentInfo[]): Set<string> {
  const healthy = agents.filter(({ status }) => status === "healthy");
  return new Set(
    healthy.flatMap(({ dependency_resolutions }) =>
      (dependency_resolutions ?? [])
        .filter(({ status }) => status !== "available")
        .map(({ capability }) => capability)
    ),
  );
}

/** Whether an agent is there, healthy or not. */
export function isPresent({ agent, down }: AgentRow): boolean {
  return down === undefined || agent.health !== undefined;
}

/** What an agent says of itself, such as `unhealthy: OPENAI_API_KEY is not set`, if it is not well. */
export function healthText({ health }: AgentInfo): string | undefined {
  if (health === undefined) return undefined;
  const { status, errors } = health;
  return errors.length === 0 ? status : `${status}: ${errors.join("; ")}`;
}

/** One line for each agent that says it is not well. */
export function healthLines(agents: AgentInfo[]): string[] {
  return agents.flatMap((agent) => {
    const text = healthText(agent);
    return text === undefined ? [] : [`${agent.name} is ${text}`];
  });
}

const RUNTIMES: Record<string, string> = {
  deno: "Deno",
  python: "Python",
  typescript: "TypeScript",
  java: "Java",
};

/**
 * The runtime of an agent as shown.
 *
 * @param deno Ids of agents known to run on this project's runtime, whatever they told a registry
 * that does not know it.
 */
export function runtimeLabel(agent: AgentInfo, deno: ReadonlySet<string>): string {
  return deno.has(agent.id) ? "Deno" : RUNTIMES[agent.runtime] ?? agent.runtime;
}

const TYPES: Record<string, string> = {
  mcp_agent: "Agent",
  decorator_agent: "Agent",
  api: "API",
  mesh_tool: "Tool",
  a2a: "A2A",
};

/** The type of an agent as shown. */
export function typeLabel(agent: AgentInfo): string {
  return TYPES[agent.agent_type] ?? "Unknown";
}

/** The agent type of gateways, which offer nothing. */
const GATEWAY = "api";
/** Some agents list what only carries the dependencies of a prompt or a resource. */
const NO_TOOL = /^(prompt|resource):/;

/** The tools an agent offers. What some gateways list are their routes. */
export function toolsOf({ agent_type, capabilities }: AgentInfo): CapabilityInfo[] {
  if (agent_type === GATEWAY) return [];
  return (capabilities ?? []).filter(({ function_name }) => !NO_TOOL.test(function_name));
}

/** A route of a gateway that depends on something. */
export interface DependentRoute {
  readonly name: string;
  /** The capabilities it depends on and has no provider for. */
  readonly missing: readonly string[];
}

/** The routes of a gateway that depend on something. */
export function routesOf({ agent_type, dependency_resolutions }: AgentInfo): DependentRoute[] {
  if (agent_type !== GATEWAY) return [];
  const routes = Map.groupBy(dependency_resolutions ?? [], ({ function_name }) => function_name);
  return [...routes].map(([name, dependencies]) => ({
    name,
    missing: dependencies.filter(({ status }) => status !== "available")
      .map(({ capability }) => capability),
  }));
}

/** Whether everything a route depends on is there, in its colour. */
export function wiringCell({ missing }: DependentRoute): Cell {
  return missing.length === 0
    ? { text: "available", colour: "green" }
    : { text: `lacks ${missing.join(", ")}`, colour: "red" };
}

/** The tools of an agent that its author wrote. */
export function ownTools(agent: AgentInfo): CapabilityInfo[] {
  return toolsOf(agent).filter(({ name }) => !name.startsWith("__mesh_"));
}

/** The tags that a dependency asks for, such as `fast` and `a|b`; some registries list groups among them. */
export function wantedTags({ tags, tag_groups }: {
  readonly tags?: readonly unknown[] | null | undefined;
  readonly tag_groups?: readonly (readonly string[])[] | null | undefined;
}): string[] {
  return [...tags ?? [], ...tag_groups ?? []]
    .map((tag) => Array.isArray(tag) ? tag.join("|") : String(tag));
}

/** Whether a tool can be called; a registry that does not say means yes. */
export function isAvailable(tool: CapabilityInfo): boolean {
  return tool.available ?? true;
}

/** Whether a tool can be called, or else why not, in its colour. */
export function availabilityCell(tool: CapabilityInfo): Cell {
  return isAvailable(tool) ? { text: "available", colour: "green" } : {
    text: ["unavailable", tool.unavailable_reason].filter(Boolean).join(": "),
    colour: "red",
  };
}

/** Host and port of an endpoint, or the endpoint itself when it is no URL. */
export function endpointLabel(endpoint: string): string {
  return URL.parse(endpoint)?.host || endpoint || "-";
}
