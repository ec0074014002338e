/**
 * The door of resolution: the whole wiring of one agent, and its form on the wire.
 *
 * @module
 */
import type {
  Alternate,
  HeartbeatResponse,
  LlmTool,
  ResolvedDependency,
  ResolvedLlmProvider,
  Tool,
} from "../registration.ts";
import type { Pass } from "./availability.ts";
import { type Match, matchDependency } from "./dependency.ts";
import { Effort } from "./effort.ts";
import { matchLlmProviders, matchLlmTools } from "./llm.ts";
import type { Candidate, DirectoryAgent } from "./model.ts";

/** Where everything an agent declared leads. Keys are function names. */
export interface Wiring {
  /**
   * One match per declared dependency, in declared order. Two tools with one function name share
   * an entry: the second's follow the first's. Functions without dependencies have none.
   */
  dependencies: Map<string, Match[]>;
  /** Only functions with an LLM filter. */
  llmTools: Map<string, Candidate[]>;
  /** Only functions whose LLM provider was found, best first; the first tool of a name decides. */
  llmProviders: Map<string, Candidate[]>;
}

function append<Item>(into: Map<string, Item[]>, key: string, items: readonly Item[]): void {
  into.set(key, (into.get(key) ?? []).concat(items));
}

function addLlmTools(wiring: Wiring, key: string, found: readonly Candidate[]): void {
  const known = new Set(wiring.llmTools.get(key)?.map(({ tool }) => tool.function_name));
  append(wiring.llmTools, key, found.filter(({ tool }) => !known.has(tool.function_name)));
}

/**
 * Resolves everything `agent` declares.
 *
 * @param effort How much work that may be.
 * @throws {EffortExceeded} When it is more.
 */
export function resolveAgent(
  pass: Pass,
  agent: DirectoryAgent,
  effort: Effort = new Effort(),
): Wiring {
  const wiring: Wiring = { dependencies: new Map(), llmTools: new Map(), llmProviders: new Map() };
  for (const tool of agent.tools) {
    const name = tool.function_name;
    if (tool.dependencies.length > 0) {
      const matches = tool.dependencies.map((wanted) =>
        matchDependency(pass, agent, wanted, effort)
      );
      append(wiring.dependencies, name, matches);
    }
    const llmTools = matchLlmTools(pass, agent, tool, effort);
    if (llmTools !== undefined) addLlmTools(wiring, name, llmTools);
    const providers = matchLlmProviders(pass, agent, tool, effort);
    if (providers.length > 0 && !wiring.llmProviders.has(name)) {
      wiring.llmProviders.set(name, providers);
    }
  }
  return wiring;
}

const ANY_HOST = /^(https?:\/\/)0\.0\.0\.0(?=[:/]|$)/;

/** LLM entries carry an address that can be dialled; dependency entries pass it on as registered. */
function dialable(endpoint: string): string {
  return endpoint.replace(ANY_HOST, "$1localhost");
}

function kwargsOf(tool: Tool): { kwargs?: Record<string, unknown> } {
  return tool.kwargs ? { kwargs: tool.kwargs } : {};
}

/** Most alternates an answer carries: enough to spread load, little enough to send. */
const MOST_ALTERNATES = 15;

/**
 * Other agents of the winner's rank; suspects only where all are. Tools of one agent do not stand in for
 * each other: of each agent it is the one that is named as the winner, else its first.
 */
function alternatesOf({ chosen, equals }: Match): { alternates?: Alternate[] } {
  if (chosen === undefined) return {};
  const byAgent = new Map<string, Candidate>();
  for (const candidate of equals) {
    const { agent, tool } = candidate;
    const isTrusted = (agent.suspect ?? false) === (chosen.agent.suspect ?? false);
    if (agent.id === chosen.agent.id || !isTrusted) continue;
    const isNamesake = tool.function_name === chosen.tool.function_name;
    if (isNamesake || !byAgent.has(agent.id)) byAgent.set(agent.id, candidate);
  }
  if (byAgent.size === 0) return {};
  return {
    alternates: [...byAgent.values()].slice(0, MOST_ALTERNATES).map((candidate) =>
      alternate(candidate, candidate.agent.endpoint)
    ),
  };
}

function alternate({ agent, tool }: Candidate, endpoint: string): Alternate {
  return {
    agent_id: agent.id,
    function_name: tool.function_name,
    endpoint,
    ...runtimeOf(agent),
    ...kwargsOf(tool),
  };
}

/** Only our own is told: what it says of all others is that they are of the reference's kind. */
function runtimeOf({ runtime }: DirectoryAgent): { runtime?: string } {
  return runtime === "deno" ? { runtime } : {};
}

/** A placeholder, which keeps the positions of the others. */
function unresolvedEntry(capability: string): ResolvedDependency {
  return { agent_id: "", function_name: "", endpoint: "", capability, status: "unresolved" };
}

function dependencyEntry(
  { agent, tool }: Candidate,
  match: Match,
  extended: boolean,
): ResolvedDependency {
  return {
    agent_id: agent.id,
    function_name: tool.function_name,
    endpoint: agent.endpoint,
    capability: tool.capability,
    status: "available",
    ...kwargsOf(tool),
    ...(extended ? { ...runtimeOf(agent), ...alternatesOf(match) } : {}),
  };
}

function llmToolEntry({ agent, tool }: Candidate, extended: boolean): LlmTool {
  return {
    ...(extended ? { agent_id: agent.id, agent_name: agent.name, ...runtimeOf(agent) } : {}),
    name: tool.function_name,
    capability: tool.capability,
    description: tool.description,
    endpoint: dialable(agent.endpoint),
    inputSchema: tool.inputSchema ?? {},
    tags: tool.tags,
    version: tool.version,
  };
}

function llmProviderEntry(found: readonly Candidate[], extended: boolean): ResolvedLlmProvider {
  // Only functions with a provider get here.
  const { agent, tool } = found[0]!;
  const vendor = tool.kwargs?.vendor;
  const others = found.slice(1, 1 + MOST_ALTERNATES);
  return {
    ...(extended ? runtimeOf(agent) : {}),
    ...(extended && others.length > 0
      ? { alternates: others.map((other) => alternate(other, dialable(other.agent.endpoint))) }
      : {}),
    name: tool.function_name,
    endpoint: dialable(agent.endpoint),
    agent_id: agent.id,
    capability: tool.capability,
    status: "available",
    vendor: typeof vendor === "string" && vendor !== "" ? vendor : "unknown",
    ...(tool.tags.length > 0 ? { tags: tool.tags } : {}),
    ...(tool.version !== "" ? { version: tool.version } : {}),
    ...kwargsOf(tool),
  };
}

/** What each function asked for, in the order {@linkcode Wiring} keeps the answers. */
function askedCapabilities(agent: DirectoryAgent): Map<string, string[]> {
  const asked = new Map<string, string[]>();
  for (const { function_name, dependencies } of agent.tools) {
    append(asked, function_name, dependencies.map(({ capability }) => capability));
  }
  return asked;
}

/** Entries become own properties whatever their name is, `__proto__` included. */
function mapped<From, To>(
  from: ReadonlyMap<string, From>,
  convert: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Array.from(from, ([key, value]) => [key, convert(value, key)]));
}

/**
 * The wiring as a heartbeat answer carries it: unresolved dependencies are placeholders that keep
 * positions aligned, and `llm_providers` is absent when there are none.
 *
 * @param agent The agent the wiring was resolved for.
 * @param options.extended Whether each dependency also says what its provider runs on and lists the
 * other providers of its rank, our additions. An agent that does not read them is not to be woken when
 * they change. Default `false`.
 */
export function wiringResponse(
  agent: DirectoryAgent,
  wiring: Wiring,
  { extended = false }: { readonly extended?: boolean } = {},
): Pick<HeartbeatResponse, "dependencies_resolved" | "llm_tools" | "llm_providers"> {
  const asked = askedCapabilities(agent);
  // Equal dependencies share their candidates, and so their entry.
  const entries = new Map<readonly Candidate[], ResolvedDependency>();
  const entryOf = (capability: string, match: Match): ResolvedDependency => {
    if (match.chosen === undefined) return unresolvedEntry(capability);
    const known = entries.get(match.equals);
    if (known !== undefined) return known;
    const entry = dependencyEntry(match.chosen, match, extended);
    entries.set(match.equals, entry);
    return entry;
  };
  const response = {
    dependencies_resolved: mapped(
      wiring.dependencies,
      (matches, name) =>
        matches.map((match, position) => entryOf(asked.get(name)?.[position] ?? "", match)),
    ),
    llm_tools: mapped(
      wiring.llmTools,
      (candidates) => candidates.map((candidate) => llmToolEntry(candidate, extended)),
    ),
  };
  if (wiring.llmProviders.size === 0) return response;
  return {
    ...response,
    llm_providers: mapped(
      wiring.llmProviders,
      (candidates) => llmProviderEntry(candidates, extended),
    ),
  };
}
