/**
 * Availability: a tool counts as a provider only while each of its `required` dependencies
 * resolves, transitively.
 *
 * What is computed is the least fixed point: nothing is available because of itself. Tools that
 * require each other in a loop are all unavailable, whatever the order of asking; a tool with a
 * way around the loop is available. The walk keeps its own stack, so a long chain of
 * registrations cannot exhaust the call stack.
 *
 * @module
 */
import type { Dependency, Tool } from "../registration.ts";
import { anyMatch, choose, type Field, type Gate } from "./choice.ts";
import { Effort, EffortExceeded } from "./effort.ts";
import type { Candidate, Directory, DirectoryAgent } from "./model.ts";
import { KnownSchemas } from "./known_schemas.ts";
import { ParsedVersions } from "./parsed_versions.ts";
import { dependencyRequirement, type Known, selectorKey } from "./requirement.ts";
import type { Trail } from "./trail.ts";

/** Whether a tool can be used as a provider. */
export type Availability = { available: true } | { available: false; reason: string };

/** What is known of one tool that has required dependencies. */
interface State {
  readonly candidate: Candidate;
  available: boolean;
  /** Its required dependencies take more looking than one tool may cause; it stays unavailable. */
  exceeded?: true;
  /** Why it is unavailable taken by itself; filled in when somebody asks. */
  cause?: Cause;
  /** The text given to users; differs from the cause's inside a loop. */
  reason?: string;
}

interface Cause {
  readonly text: string;
  /** The living provider whose own unavailability is the cause, if that is it. */
  readonly blocker: State | undefined;
}

const TOO_MUCH: Cause = {
  text: "required deps take too much to compare",
  blocker: undefined,
};

function hasRequired({ tool }: Candidate): boolean {
  for (const dependency of tool.dependencies) if (dependency.required) return true;
  return false;
}

function requiredCapabilities(tool: Tool): string[] {
  const required = new Set<string>();
  for (const dependency of tool.dependencies) {
    if (dependency.required && dependency.capability !== "") required.add(dependency.capability);
  }
  return [...required];
}

function keyOf(namespace: string, capability: string): string {
  return `${namespace} ${capability}`;
}

/** The list of a key, made when it is first asked for. */
function listed(
  lists: Map<string, readonly Candidate[]>,
  key: string,
  make: () => readonly Candidate[],
): readonly Candidate[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const made = make();
  lists.set(key, made);
  return made;
}

/** Candidates that a pass remembers beside its providers, and characters that count as one of them. */
const REMEMBERED_MAX = 200_000;
const CHARACTERS_A_CANDIDATE = 8;

const isHealthy: Gate = ({ agent }) => agent.status === "healthy";
const isAnything: Gate = () => true;

/** What was asked for beside the name, in the reference's words; OR groups are not printed. */
function demands({ tags, version, matchMode }: Dependency): string {
  const single = tags.filter((tag) => typeof tag === "string");
  const parts = [
    single.length > 0 ? `tags=[${single.join(" ")}]` : "",
    version === "" ? "" : `version ${version}`,
    matchMode === "" ? "" : `schema=${matchMode}`,
  ].filter((part) => part !== "");
  return parts.length > 0 ? ` ${parts.join(", ")}` : "";
}

/**
 * One evaluation over one state of the directory. Remembers the availability of every tool it was
 * asked about, so it serves many agents, for as long as the directory does not change.
 */
export class Pass implements Known {
  /** The mesh this pass looks at. */
  readonly directory: Directory;
  /** Parsed versions and constraints. */
  readonly versions: ParsedVersions;
  /** The schemas of tools and dependencies. */
  readonly schemas: KnownSchemas;
  /** By agent id, then by tool: one tool object may be shared by replicas. */
  readonly #states = new Map<string, Map<Tool, State>>();
  /** By namespace: the capabilities whose providers all have a state. */
  readonly #expanded = new Map<string, Set<string>>();
  /** Providers by capability and namespace: all, and those that are usable. */
  readonly #providers = new Map<string, readonly Candidate[]>();
  readonly #usable = new Map<string, readonly Candidate[]>();
  readonly #remembered = new Map<string, readonly Candidate[]>();
  #rememberedSize = 0;
  /** Whether a selector leads anywhere: `true`, or that nothing fitted when so many were available. */
  readonly #resolved = new Map<string, true | number>();
  /** How many tools with required dependencies have been found available. */
  #availableCount = 0;

  /**
   * @param directory Must not change while the pass is in use.
   * @param known To be shared between passes, so that nothing is computed twice. By default the pass
   * has its own.
   */
  constructor(directory: Directory, known: Partial<Known> = {}) {
    this.directory = directory;
    this.versions = known.versions ?? new ParsedVersions();
    this.schemas = known.schemas ?? new KnownSchemas();
  }

  /** The health stage: a healthy agent, and a tool whose required dependencies resolve. */
  readonly usable: Gate = (candidate: Candidate, trail?: Trail): boolean => {
    if (candidate.agent.status !== "healthy") {
      trail?.evict("health", "Unhealthy", { status: candidate.agent.status });
      return false;
    }
    if (!hasRequired(candidate) || this.#settled(candidate).available) return true;
    trail?.evict("health", "Unavailable", { reason: this.reason(candidate) });
    return false;
  };

  /** The providers of a capability in a consumer's namespace, and what lets them be used. */
  field({ namespace }: DirectoryAgent, capability: string, gate: Gate = this.usable): Field {
    // An empty capability is a dependency that was never filled in; it matches nothing.
    const candidates = capability === "" ? [] : listed(
      this.#providers,
      keyOf(namespace, capability),
      () =>
        this.directory.providers(capability).filter(({ agent }) => agent.namespace === namespace),
    );
    return { candidates, gate };
  }

  /** The providers a consumer may be given for a capability. */
  offers(consumer: DirectoryAgent, capability: string): Field {
    const { candidates, gate } = this.field(consumer, capability);
    const key = keyOf(consumer.namespace, capability);
    const usable = listed(this.#usable, key, () => candidates.filter((one) => gate(one)));
    return { candidates: usable, gate: isAnything };
  }

  /**
   * What was found for `key` before in this pass, else what is found now. The oldest findings are given
   * up when they become many.
   */
  remembered(key: string, find: () => readonly Candidate[]): readonly Candidate[] {
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const found = find();
    this.#rememberedSize += found.length + Math.ceil(key.length / CHARACTERS_A_CANDIDATE);
    if (this.#rememberedSize > REMEMBERED_MAX) {
      this.#remembered.clear();
      this.#rememberedSize = 0;
    }
    this.#remembered.set(key, found);
    return found;
  }

  /** Why a tool is not {@linkcode usable}; to be asked only about such a tool. */
  reason(candidate: Candidate): string {
    if (candidate.agent.status !== "healthy") return "agent unhealthy";
    return this.#explain(this.#settled(candidate));
  }

  #known({ agent, tool }: Candidate): State | undefined {
    return this.#states.get(agent.id)?.get(tool);
  }

  #begin(candidate: Candidate): State {
    const state: State = { candidate, available: false };
    const ofAgent = this.#states.get(candidate.agent.id);
    if (ofAgent === undefined) {
      this.#states.set(candidate.agent.id, new Map([[candidate.tool, state]]));
    } else ofAgent.set(candidate.tool, state);
    return state;
  }

  #settled(candidate: Candidate): State {
    const known = this.#known(candidate);
    if (known !== undefined) return known;
    const closure = this.#closure(candidate);
    const state = this.#known(candidate) ?? this.#begin(candidate);
    if (!closure.includes(state)) closure.push(state);
    // Providers come before those who require them, so one sweep settles a mesh without loops;
    // only what a loop held back can still change in another.
    let changed = true;
    while (changed) {
      changed = false;
      for (const pending of closure) {
        if (pending.available || pending.exceeded || !this.#satisfied(pending)) continue;
        pending.available = true;
        this.#availableCount++;
        changed = true;
      }
    }
    return state;
  }

  /**
   * Everything not yet settled that `candidate` leans on, providers first. Goes by capability, not
   * by provider: each capability of a namespace is expanded once in a pass.
   */
  #closure({ agent: { namespace }, tool }: Candidate): State[] {
    const expanded = this.#expanded.get(namespace) ?? new Set();
    this.#expanded.set(namespace, expanded);
    const ordered: State[] = [];
    const stack: (string | State[])[] = requiredCapabilities(tool);
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (typeof top !== "string") {
        for (const state of top) ordered.push(state);
      } else if (!expanded.has(top)) {
        expanded.add(top);
        const states = this.#beginProviders(top, namespace);
        stack.push(states);
        for (const { candidate } of states) {
          for (const required of requiredCapabilities(candidate.tool)) stack.push(required);
        }
      }
    }
    return ordered;
  }

  #beginProviders(capability: string, namespace: string): State[] {
    const states: State[] = [];
    for (const provider of this.directory.providers(capability)) {
      if (
        provider.agent.namespace === namespace && isHealthy(provider) && hasRequired(provider) &&
        this.#known(provider) === undefined
      ) states.push(this.#begin(provider));
    }
    return states;
  }

  #resolves(consumer: DirectoryAgent, dependency: Dependency, effort: Effort): boolean {
    const key = selectorKey(consumer.namespace, dependency);
    const known = this.#resolved.get(key);
    if (known === true || known === this.#availableCount) return known === true;
    const requirement = dependencyRequirement(this, dependency);
    const field = this.field(consumer, dependency.capability);
    const resolves = anyMatch({ versions: this.versions, effort }, requirement, field);
    this.#resolved.set(key, resolves || this.#availableCount);
    return resolves;
  }

  /**
   * The first required dependency that does not resolve.
   *
   * @throws {EffortExceeded} When there is more to look at than may be.
   */
  #unmet({ agent, tool }: Candidate): Dependency | undefined {
    const effort = new Effort();
    return tool.dependencies.find((dependency) =>
      dependency.required && !this.#resolves(agent, dependency, effort)
    );
  }

  #satisfied(state: State): boolean {
    try {
      return this.#unmet(state.candidate) === undefined;
    } catch (error) {
      if (!(error instanceof EffortExceeded)) throw error;
      state.exceeded = true;
      return false;
    }
  }

  /** Follows causes until they end or close a loop; each state is walked once in a pass. */
  #explain(start: State): string {
    const path = new Map<State, number>();
    let state: State | undefined = start;
    while (state !== undefined && state.reason === undefined && !path.has(state)) {
      path.set(state, path.size);
      state.cause ??= this.#cause(state);
      state = state.cause.blocker;
    }
    const loopFrom = (state && path.get(state)) ?? path.size;
    for (const [walked, position] of path) {
      walked.reason = position < loopFrom && walked.cause
        ? walked.cause.text
        : `required dependency evaluation cycle at '${walked.candidate.tool.capability}'`;
    }
    return start.reason ?? "";
  }

  #cause({ candidate: { agent, tool }, candidate, exceeded }: State): Cause {
    if (exceeded) return TOO_MUCH;
    try {
      const unmet = this.#unmet(candidate);
      if (unmet === undefined) throw new Error(`tool '${tool.function_name}' is available`);
      return this.#causeOf(agent, unmet);
    } catch (error) {
      if (error instanceof EffortExceeded) return TOO_MUCH;
      throw error;
    }
  }

  #causeOf(agent: DirectoryAgent, unmet: Dependency): Cause {
    const { capability } = unmet;
    const name = `required dep '${capability}'`;
    const requirement = dependencyRequirement(this, unmet);
    const look = { versions: this.versions, effort: new Effort() };
    const best = (gate: Gate) =>
      choose(look, requirement, this.field(agent, capability, gate)).chosen;
    // A living provider is nearer to the root of the trouble than the leftover of a dead one.
    const living = best(isHealthy);
    if (living !== undefined) {
      return {
        text: `${name} unavailable (provider ${living.agent.id} unavailable)`,
        blocker: this.#settled(living),
      };
    }
    const dead = best(isAnything);
    if (dead !== undefined) {
      return {
        text: `${name} unavailable (provider ${dead.agent.id} unhealthy)`,
        blocker: undefined,
      };
    }
    const { candidates } = this.field(agent, capability);
    return {
      text: `${name} unresolved${
        candidates.length > 0 ? ` (no provider matches${demands(unmet)})` : ""
      }`,
      blocker: undefined,
    };
  }
}

/** Whether a tool can be used as a provider, and if not why, in the reference's words. */
export function availability(pass: Pass, candidate: Candidate): Availability {
  if (pass.usable(candidate)) return { available: true };
  return { available: false, reason: pass.reason(candidate) };
}
