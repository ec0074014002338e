/**
 * What a language model is given: the tools its filter selects, and the provider that runs it.
 * Only tools with an input schema take part; a model cannot call what it cannot see.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import type { LlmProvider, Tool } from "../registration.ts";
import type { Pass } from "./availability.ts";
import { choose, type Field, rank } from "./choice.ts";
import { Effort } from "./effort.ts";
import type { Candidate, DirectoryAgent } from "./model.ts";
import { type ParsedVersions, rangeCount } from "./parsed_versions.ts";
import { providerRequirement } from "./requirement.ts";
import { parseTags, REJECTED, tagCount, tagScore } from "./tags.ts";

/** A filter entry in object form; parts that are not given do not restrict. */
interface Selection {
  readonly capability: string | undefined;
  readonly tags: readonly string[];
  readonly version: string;
}

function parseSelection(entry: object): Selection {
  // Filters arrive as free JSON: members of a wrong type are dropped, as in a dependency's tags.
  const { capability, tags, version } = entry as Record<string, unknown>;
  return {
    capability: typeof capability === "string" && capability !== "" ? capability : undefined,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
    version: typeof version === "string" ? version : "",
  };
}

/** Whether a tool of the mesh may be shown to a model of this consumer. */
function offerable(pass: Pass, consumer: DirectoryAgent, candidate: Candidate): boolean {
  return candidate.agent.namespace === consumer.namespace && !!candidate.tool.inputSchema &&
    pass.usable(candidate);
}

function everything(pass: Pass, consumer: DirectoryAgent): readonly Candidate[] {
  return pass.remembered(
    `${consumer.namespace} *`,
    () => [...pass.directory.tools()].filter((one) => offerable(pass, consumer, one)),
  );
}

function ofCapability(
  pass: Pass,
  consumer: DirectoryAgent,
  capability: string,
): readonly Candidate[] {
  return pass.offers(consumer, capability).candidates.filter(({ tool }) => !!tool.inputSchema);
}

function selected(
  pass: Pass,
  consumer: DirectoryAgent,
  selection: Selection,
  effort: Effort,
): Candidate[] {
  const { capability } = selection;
  const from = capability === undefined
    ? everything(pass, consumer)
    : ofCapability(pass, consumer, capability);
  const query = parseTags(selection.tags);
  const demand = pass.versions.demand(selection.version);
  effort.spend(from.length * (1 + tagCount(query) + rangeCount(demand)));
  const scored: { candidate: Candidate; score: number }[] = [];
  for (const candidate of from) {
    const score = tagScore(query, candidate.tool.tags);
    if (score === REJECTED || !pass.versions.meets(candidate.tool.version, demand)) continue;
    scored.push({ candidate, score });
  }
  return scored.sort((a, b) => b.score - a.score).map(({ candidate }) => candidate);
}

function entryHits(
  pass: Pass,
  consumer: DirectoryAgent,
  entry: unknown,
  effort: Effort,
): readonly Candidate[] {
  if (entry === "*") return everything(pass, consumer);
  if (typeof entry === "string") return ofCapability(pass, consumer, entry);
  if (!isObject(entry)) return [];
  return selected(pass, consumer, parseSelection(entry), effort);
}

/** The tools that the entries of a filter select, in their order; what another one selected as well. */
function filterHits(
  pass: Pass,
  consumer: DirectoryAgent,
  entries: readonly unknown[],
  effort: Effort,
): Candidate[] {
  return entries.flatMap((entry) => {
    const hits = entryHits(pass, consumer, entry, effort);
    effort.spend(1 + hits.length);
    return hits;
  });
}

/** What a tool is selected by. */
export type SelectedBy = Pick<Tool, "capability" | "tags" | "version">;

/** Which tools an entry of a filter selects, whoever offers them. */
export function entrySelector(
  versions: ParsedVersions,
  entry: unknown,
): (tool: SelectedBy) => boolean {
  if (entry === "*") return () => true;
  if (typeof entry === "string") return ({ capability }) => capability === entry;
  if (!isObject(entry)) return () => false;
  const wanted = parseSelection(entry);
  const query = parseTags(wanted.tags);
  const demand = versions.demand(wanted.version);
  return ({ capability, tags, version }) =>
    (wanted.capability ?? capability) === capability && tagScore(query, tags) !== REJECTED &&
    versions.meets(version, demand);
}

function firstPerName(candidates: Iterable<Candidate>): Candidate[] {
  const byName = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const name = candidate.tool.function_name;
    if (!byName.has(name)) byName.set(name, candidate);
  }
  return [...byName.values()];
}

/** One per capability, in order of first appearance: the newest, then the one with most tags. */
function bestPerCapability(pass: Pass, candidates: readonly Candidate[]): Iterable<Candidate> {
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const { capability, version, tags } = candidate.tool;
    const rival = best.get(capability);
    const order = rival === undefined
      ? 1
      : pass.versions.compare(version, rival.tool.version) || tags.length - rival.tool.tags.length;
    if (order > 0) best.set(capability, candidate);
  }
  return best.values();
}

/** Whether a consumer tells tools of one name apart by whose they are, as our own do. */
function tellsApart({ runtime }: DirectoryAgent): boolean {
  return runtime === "deno";
}

/** Each tool once, one a name and agent. */
function firstPerAgent(candidates: Iterable<Candidate>): Candidate[] {
  const seen = new Map<string, Candidate>();
  for (const candidate of candidates) {
    // Replicas of an agent have the same tools.
    const key = `${candidate.agent.name}\n${candidate.tool.function_name}`;
    if (!seen.has(key)) seen.set(key, candidate);
  }
  return [...seen.values()];
}

/**
 * The tools a model may be offered on behalf of `tool`. Consumers of the reference cannot tell two
 * tools of one function name apart and get the first; ours get both, but
 * never `tool` itself nor one that runs models.
 *
 * Mode `*` ignores the filter's entries and excludes the consumer's own tools; `best_match` keeps
 * the best tool of each capability.
 *
 * @returns `undefined` when the tool declares no filter, or one that is not a list.
 * @throws {EffortExceeded} When there is more to look at than may be.
 */
export function matchLlmTools(
  pass: Pass,
  consumer: DirectoryAgent,
  tool: Tool,
  effort: Effort = new Effort(),
): Candidate[] | undefined {
  const entries = tool.llm_filter?.filter;
  if (!Array.isArray(entries)) return undefined;
  const mode = tool.llm_filter?.filter_mode;
  const once = tellsApart(consumer) ? firstPerAgent : firstPerName;
  if (mode === "*") {
    const all = everything(pass, consumer);
    effort.spend(1 + all.length);
    const others = all.filter(({ agent }) => agent.id !== consumer.id);
    return once(tellsApart(consumer) ? withoutModels(others, tool) : others);
  }
  const hits = filterHits(pass, consumer, entries, effort);
  const others = tellsApart(consumer)
    ? withoutModels(hits, tool).filter(({ agent, tool: other }) =>
      agent.name !== consumer.name || other.function_name !== tool.function_name
    )
    : hits;
  return once(mode === "best_match" ? bestPerCapability(pass, others) : others);
}

/** A model has no use for the tool that runs it, or that would run another in its place. */
function withoutModels(candidates: readonly Candidate[], { llm_provider }: Tool): Candidate[] {
  const capabilities = new Set(
    llm_provider ? [llm_provider, ...(llm_provider.fallback ?? [])].map(capabilityOf) : [],
  );
  return candidates.filter(({ tool }) => !capabilities.has(tool.capability));
}

function capabilityOf({ capability }: Selector): string {
  return capability;
}

type Selector = Pick<LlmProvider, "capability" | "tags" | "version">;

function fieldOf(pass: Pass, consumer: DirectoryAgent, { capability }: Selector): Field {
  const { candidates } = pass.offers(consumer, capability);
  return { candidates, gate: ({ tool }) => !!tool.inputSchema };
}

/**
 * The LLM providers for `tool`: best tag score, then newest version, then agent id, with or without
 * tags asked for. Consumers of the reference know of one; ours get all that qualify, and after them
 * those that the fallback selectors add.
 *
 * @returns Best first; none when the tool wants none, or none qualifies.
 * @throws {EffortExceeded} When there is more to look at than may be.
 */
export function matchLlmProviders(
  pass: Pass,
  consumer: DirectoryAgent,
  tool: Tool,
  effort: Effort = new Effort(),
): Candidate[] {
  const selector = tool.llm_provider;
  if (!selector) return [];
  const { versions } = pass;
  const look = { versions, effort };
  if (!tellsApart(consumer)) {
    const field = fieldOf(pass, consumer, selector);
    const { chosen } = choose(look, providerRequirement(versions, selector), field);
    return chosen === undefined ? [] : [chosen];
  }
  const found = [selector, ...(selector.fallback ?? [])].flatMap((selector) =>
    rank(look, providerRequirement(versions, selector), fieldOf(pass, consumer, selector))
  );
  return [...new Set(found)];
}
