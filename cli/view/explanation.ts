/**
 * Why a dependency of an agent is resolved or not. The registry knows; for one that cannot be asked,
 * such as the reference's, the list of agents says less, but enough to go on.
 *
 * @module
 */
import { visibleLine } from "../../runtime/base/visible.ts";
import type {
  AgentInfo,
  CapabilityInfo,
  DependencyResolution,
} from "../../runtime/protocol/listing.ts";
import type { AuditEviction } from "../../runtime/protocol/audit.ts";
import { type Explanation, ExplanationSchema } from "../../runtime/protocol/why.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";
import { toldEvictions } from "../../registry/view/why_told.ts";
import { isAvailable, toolsOf, wantedTags } from "../mesh/mesh_view.ts";
import type { RegistryClient } from "../mesh/registry_client.ts";

/** A dependency of an agent, named as users know it. */
export interface NamedDependency {
  function_name: string;
  capability: string;
}

/** A dependency and why it is resolved or not. */
export interface ExplainedDependency extends NamedDependency, Explanation {}

/**
 * The dependencies of an agent that `reference` names, in the order the agent declares them; all of
 * them without one.
 *
 * @param reference A capability or the beginning of one.
 * @param functionName Only those of this function.
 * @throws {CliError} exit 3 when the agent has no such dependency.
 */
export function chooseDependencies(
  agent: AgentInfo,
  reference: string | undefined,
  functionName: string | undefined,
): DependencyResolution[] {
  const all = agent.dependency_resolutions ?? [];
  const ofFunction = functionName === undefined
    ? all
    : all.filter(({ function_name }) => function_name === functionName);
  if (functionName !== undefined && ofFunction.length === 0) {
    throw notFound(
      `${agent.name} has no function ${functionName} with dependencies`,
      functionName,
      all.map(({ function_name }) => function_name),
    );
  }
  const exact = ofFunction.filter(({ capability }) => capability === reference);
  const chosen = exact.length > 0
    ? exact
    : ofFunction.filter(({ capability }) => capability.startsWith(reference ?? ""));
  if (chosen.length === 0 && reference !== undefined) {
    throw notFound(
      `${agent.name} does not depend on ${reference}`,
      reference,
      ofFunction.map(({ capability }) => capability),
    );
  }
  const key = ({ function_name, capability }: NamedDependency) => `${function_name}\n${capability}`;
  return [...new Map(chosen.map((each) => [key(each), each])).values()];
}

function notFound(message: string, wanted: string, known: string[]): CliError {
  const names = [...new Set(known)];
  const hint = didYouMean(wanted, names) ??
    (names.length === 0 ? "It has no dependencies." : `There are ${names.join(", ")}.`);
  return new CliError(EXIT.notFound, visibleLine(message), { hint: visibleLine(hint) });
}

/**
 * Asks why.
 *
 * @param agents All agents of the registry, for one that does not explain.
 * @throws {CliError} as {@linkcode RegistryClient.ask} does.
 */
export async function explain(
  client: RegistryClient,
  agent: AgentInfo,
  dependency: DependencyResolution,
  agents: AgentInfo[],
): Promise<ExplainedDependency> {
  const { function_name, capability } = dependency;
  const query = new URLSearchParams({
    agent: agent.id,
    dependency: capability,
    function: function_name,
  });
  const noSuchRoute = new CliError(EXIT.notFound, "the registry does not explain");
  try {
    const explanation = await client.ask({
      path: `/why?${query}`,
      schema: ExplanationSchema,
      refusal: (status) => status === 404 ? noSuchRoute : undefined,
    });
    return { function_name, capability, ...explanation };
  } catch (error) {
    if (error !== noSuchRoute) throw error;
    return { function_name, capability, ...explainFromListing(dependency, agents) };
  }
}

/** Why a dependency is resolved or not, as far as the list of agents tells. */
export function explainFromListing(
  dependency: DependencyResolution,
  agents: AgentInfo[],
): Explanation {
  const { capability, provider_agent_id, mcp_tool, endpoint } = dependency;
  if (dependency.status === "available") {
    const chosen = {
      agent_id: provider_agent_id ?? "",
      function_name: mcp_tool ?? "",
      endpoint: endpoint ?? "",
    };
    const sentence = `It leads to ${chosen.function_name} of ${chosen.agent_id} at ${endpoint}.`;
    return { resolved: true, chosen, sentences: [sentence], stages: [] };
  }
  const offers = agents.flatMap((agent) =>
    toolsOf(agent).filter(({ name }) => name === capability)
      .map((tool): Offer => ({ agent, tool }))
  );
  if (offers.length === 0) return nobodyOffers(capability, agents);
  const down = offers.filter(({ agent }) => agent.status !== "healthy").map(evictionOf);
  const told = toldEvictions(down, (id) => {
    const agent = agents.find((each) => each.id === id);
    return agent && { ...agent, seen: Date.parse(agent.last_seen) };
  });
  const remedies = offers.map((offer) => remedy(offer, dependency));
  const [best] = remedies.toSorted((a, b) => a.effort - b.effort);
  return {
    resolved: false,
    sentences: [
      ...remedies.flatMap(({ sentence }) => sentence ?? []),
      ...told.map(({ sentence }) => sentence),
    ],
    ...(best === undefined ? {} : { fix: best.fix }),
    stages: down.length === 0 ? [] : [{ stage: "health", kept: [], evicted: down }],
  };
}

interface Offer {
  agent: AgentInfo;
  tool: CapabilityInfo;
}

function evictionOf({ agent, tool }: Offer): AuditEviction {
  const id = `${agent.id}:${tool.function_name}`;
  return { id, reason: "Unhealthy", details: { status: agent.status } };
}

/** What keeps an offer from being taken, and how little it takes to change that. */
interface Remedy {
  /** Absent for an agent that is down: those are told of together. */
  sentence?: string;
  fix: string;
  effort: number;
}

function nobodyOffers(capability: string, agents: AgentInfo[]): Explanation {
  const names = agents.flatMap((agent) => toolsOf(agent).map(({ name }) => name));
  const near = didYouMean(capability, names);
  return {
    resolved: false,
    sentences: [`No agent offers the capability ${capability}.`],
    fix: `Start an agent that offers ${capability}.${near === undefined ? "" : ` ${near}`}`,
    stages: [],
  };
}

function remedy({ agent, tool }: Offer, dependency: DependencyResolution): Remedy {
  if (agent.status !== "healthy") {
    return { fix: `Start ${agent.name} again.`, effort: 1 };
  }
  if (!isAvailable(tool)) {
    return {
      sentence: `${agent.id} offers it, but that tool is unavailable: ` +
        `${tool.unavailable_reason ?? "the registry does not say why"}.`,
      fix: `Make ${tool.function_name} of ${agent.name} available.`,
      effort: 2,
    };
  }
  const wanted = wantedTags(dependency);
  return {
    sentence: `${agent.id} offers it with version ${tool.version} and tags ` +
      `${tool.tags?.join(", ") || "none"}, and was not chosen; asked for are tags ` +
      `${wanted.join(", ") || "none"}.`,
    fix: `Compare the tags, version and schema that are asked for with what ${agent.name} offers ` +
      `for ${dependency.capability}.`,
    effort: 3,
  };
}
