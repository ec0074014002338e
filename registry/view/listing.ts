/**
 * How the registry shows its agents: the entries of `GET /agents`. Pure.
 *
 * @module
 */
import { isObject } from "../../runtime/base/json.ts";
import type {
  AgentInfo,
  CapabilityInfo,
  DependencyResolution,
  LlmProviderResolution,
  LlmToolResolution,
} from "../../runtime/protocol/listing.ts";
import type { LlmFilter, Tool } from "../../runtime/protocol/registration.ts";
import { availability } from "../../runtime/protocol/resolve/availability.ts";
import { entrySelector, type SelectedBy } from "../../runtime/protocol/resolve/llm.ts";
import type { Candidate } from "../../runtime/protocol/resolve/model.ts";
import type { AnsweredTool } from "../directory/answered.ts";
import type { Entry } from "../directory/entry.ts";
import type { Snapshot } from "../directory/snapshot.ts";
import { shownTags } from "../base/shown_tags.ts";

/** What `GET /agents` may ask for; absent parts do not filter. */
export interface AgentQuery {
  status?: string;
  namespace?: string;
  type?: string;
  /** Any of these; empty matches every agent. */
  capabilities: readonly string[];
  /** Compare capabilities as parts of names, without case. */
  fuzzy: boolean;
}

/** Whether an agent fits a query. */
export function fitsQuery(entry: Entry, query: AgentQuery): boolean {
  const { status, namespace, type, capabilities, fuzzy } = query;
  if (status !== undefined && entry.status !== status) return false;
  if (namespace !== undefined && entry.namespace !== namespace) return false;
  if (type !== undefined && entry.record.agentType !== type) return false;
  if (capabilities.length === 0) return true;
  return entry.candidates.some(({ tool: { capability } }) =>
    capabilities.some((wanted) =>
      fuzzy ? capability.toLowerCase().includes(wanted.toLowerCase()) : capability === wanted
    )
  );
}

/** An agent as listed. */
export function agentInfo(snapshot: Snapshot, entry: Entry): AgentInfo {
  const { record } = entry;
  const dependencies = entry.tools.length === 0 ? [] : dependencyResolutions(snapshot, entry);
  return {
    id: record.id,
    name: record.name,
    agent_type: record.agentType,
    runtime: record.runtime,
    description: record.description,
    a2a_producer: record.a2aProducer,
    a2a_consumer: record.a2aConsumer,
    status: entry.status,
    ...(entry.health && {
      health: { status: entry.health.status, errors: [...entry.health.errors] },
    }),
    endpoint: entry.endpoint,
    capabilities: entry.candidates.map((candidate) => capabilityInfo(snapshot, candidate)),
    total_dependencies: dependencies.length,
    dependencies_resolved: dependencies.filter(({ status }) => status === "available").length,
    dependency_resolutions: dependencies,
    llm_tool_resolutions: entry.tools.flatMap((tool) => llmTools(snapshot, entry, tool)),
    llm_provider_resolutions: entry.tools.flatMap((tool) => llmProvider(snapshot, entry, tool)),
    created_at: new Date(record.createdAt).toISOString(),
    last_seen: new Date(entry.seen).toISOString(),
    version: record.version,
  };
}

/** The key whose value changes with every beat. */
const LAST_SEEN = '"last_seen":"';

/** {@linkcode agentInfo} as JSON; written once for as long as only the last beat differs. */
export function agentText(snapshot: Snapshot, entry: Entry): string {
  const [before, after] = entry.listed ??= cut(JSON.stringify(agentInfo(snapshot, entry)));
  return before + new Date(entry.seen).toISOString() + after;
}

/** The text around the time of the last beat. Inside of strings quotes are escaped: no other fits. */
function cut(text: string): [before: string, after: string] {
  const start = text.lastIndexOf(LAST_SEEN) + LAST_SEEN.length;
  return [text.slice(0, start), text.slice(text.indexOf('"', start))];
}

function capabilityInfo(snapshot: Snapshot, candidate: Candidate): CapabilityInfo {
  const { agent, tool } = candidate;
  const usable = agent.status === "healthy"
    ? availability(snapshot.pass(), candidate)
    : { available: false as const, reason: "agent unhealthy" };
  return {
    name: tool.capability,
    version: tool.version,
    function_name: tool.function_name,
    tags: tool.tags,
    description: tool.description,
    ...(tool.llm_filter && { llm_filter: shownFilter(tool.llm_filter) }),
    ...(tool.llm_provider && { llm_provider: shownProvider(tool.llm_provider) }),
    ...(tool.kwargs?.["task"] === true && { task: true }),
    available: usable.available,
    ...(!usable.available && { unavailable_reason: usable.reason }),
  };
}

function shownFilter({ filter, filter_mode, inject_param }: LlmFilter): Record<string, unknown> {
  return {
    filter: filterItems(filter),
    ...(filter_mode && { filter_mode }),
    ...(inject_param && { inject_param }),
  };
}

function shownProvider(
  { capability, tags, version, namespace }: NonNullable<Tool["llm_provider"]>,
): Record<string, unknown> {
  return {
    capability,
    ...(tags.length > 0 && { tags }),
    ...(version && { version }),
    ...(namespace && { namespace }),
  };
}

/**
 * The items of a filter as the reference's command line reads them: as objects, in which these members
 * are texts or lists of texts. Resolution passes over others as well.
 */
function filterItems(filter: unknown): Record<string, unknown>[] {
  const items: unknown[] = Array.isArray(filter) ? filter : [filter];
  return items.flatMap((item) => {
    if (typeof item === "string") return [{ capability: item }];
    if (!isObject(item)) return [];
    const { capability, tags, version, ...others } = item as Record<string, unknown>;
    return [{
      ...others,
      ...(typeof capability === "string" && { capability }),
      ...(Array.isArray(tags) && { tags: tags.filter((tag) => typeof tag === "string") }),
      ...(typeof version === "string" && { version }),
    }];
  });
}

/** One row a declared dependency, by the answer the agent was last given. */
function dependencyResolutions(snapshot: Snapshot, entry: Entry): DependencyResolution[] {
  const rows: DependencyResolution[] = [];
  const position = new Map<string, number>();
  for (const { function_name, dependencies } of entry.tools) {
    for (const { capability, tags } of dependencies) {
      const index = position.get(function_name) ?? 0;
      position.set(function_name, index + 1);
      const answered = own(entry.answered?.dependencies, function_name)?.[index];
      rows.push({
        function_name,
        capability,
        ...shownTags(tags),
        ...standing(snapshot, answered),
      });
    }
  }
  return rows;
}

/**
 * One row for each tool that was offered, by the first item of the filter that selects it, and one for
 * each item that has no row yet. All have `filter_capability`, which the reference's dashboard labels
 * its edges with.
 */
function llmTools(snapshot: Snapshot, entry: Entry, tool: Tool): LlmToolResolution[] {
  if (!tool.llm_filter) return [];
  const { filter, filter_mode } = tool.llm_filter;
  const { versions } = snapshot.pass();
  const offered = (own(entry.answered?.llmTools, tool.function_name) ?? [])
    .map((answered) => ({ answered, selectedBy: selectedBy(snapshot, answered) }));
  const byCapability = Map.groupBy(offered, ({ selectedBy }) => selectedBy.capability);
  const left = new Set(offered);
  const row = (columns: object, answered: AnsweredTool | undefined): LlmToolResolution => ({
    function_name: tool.function_name,
    ...columns,
    ...(filter_mode && { filter_mode }),
    ...(answered && { provider_capability: answered.capability }),
    ...standing(snapshot, answered),
  });
  const entries: unknown[] = filter_mode === "*"
    ? ["*"]
    : Array.isArray(filter)
    ? filter
    : [filter];
  const rows = entries.flatMap((entry) => {
    const [item] = filterItems([entry]);
    if (item === undefined) return [];
    const selects = entrySelector(versions, entry);
    const { capability } = item;
    const near = typeof capability === "string" && capability !== "" && entry !== "*"
      ? byCapability.get(capability) ?? []
      : offered;
    const found = near.filter(({ selectedBy }) => selects(selectedBy));
    const first = found.filter((one) => left.delete(one));
    return (first.length > 0 ? first : [found[0]]).map((one) =>
      row(filterColumns(item), one?.answered)
    );
  });
  // What else was offered is selected no more: its agent has changed since.
  const others = [...left].map(({ answered }) =>
    row({ filter_capability: answered.capability }, answered)
  );
  return [...rows, ...others];
}

/** What a tool that was offered is selected by; of one that is gone only its capability is known. */
function selectedBy(
  snapshot: Snapshot,
  { agent, function: name, capability }: AnsweredTool,
): SelectedBy {
  return snapshot.get(agent)?.tool(name, capability) ?? { capability, tags: [], version: "" };
}

function filterColumns({ capability, tags }: Record<string, unknown>) {
  return {
    filter_capability: typeof capability === "string" ? capability : tags === undefined ? "*" : "",
    ...(Array.isArray(tags) && { filter_tags: tags }),
  };
}

function llmProvider(snapshot: Snapshot, entry: Entry, tool: Tool): LlmProviderResolution[] {
  if (!tool.llm_provider) return [];
  const { capability, tags } = tool.llm_provider;
  return [{
    function_name: tool.function_name,
    required_capability: capability,
    ...(tags.length > 0 && { required_tags: tags }),
    ...standing(snapshot, own(entry.answered?.llmProviders, tool.function_name)),
  }];
}

/** A value by a function's name, which may be `constructor` or anything else. */
function own<Value>(
  values: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** How a tool an agent was told about stands now. */
function standing(snapshot: Snapshot, answered: AnsweredTool | null | undefined) {
  if (!answered) return { status: "unresolved" };
  const provider = snapshot.get(answered.agent);
  const offers = provider?.status === "healthy" &&
    provider.tool(answered.function, answered.capability) !== undefined;
  return {
    status: offers ? "available" : "unavailable",
    mcp_tool: answered.function,
    provider_agent_id: answered.agent,
    endpoint: answered.endpoint,
  };
}
