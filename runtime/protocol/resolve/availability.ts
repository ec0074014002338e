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
import type { Candidate, Directory, DirectoryAgent } from "./model.ts";
import { KnownSchemas } from "./known_schemas.ts";
import { ParsedVersions } from "./parsed_versions.ts";
import { dependencyRequirement, type Known } from "./requirement.ts";
import type { Trail } from "./trail.ts";

/** Whether a tool can be used as a provider. */
export type Availability = { available: true } | { available: false; reason: string };

/** What is known of one tool that has required dependencies. */
interface State {
  readonly candidate: Candidate;
  available: boolean;
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

  /** The providers a consumer may be given for a capability. */
  field(consumer: DirectoryAgent, capability: string, gate: Gate = this.usable): Field {
    // An empty capability is a dependency that was never filled in; it matches nothing.
    const candidates = capability === "" ? [] : this.directory.providers(capability);
    return { candidates, namespace: consumer.namespace, gate };
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
        if (pending.available || !this.#satisfied(pending.candidate)) continue;
        pending.available = true;
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

  #resolves(consumer: DirectoryAgent, dependency: Dependency): boolean {
    return anyMatch(
      this.versions,
      dependencyRequirement(this, dependency),
      this.field(consumer, dependency.capability),
    );
  }

  #satisfied({ agent, tool }: Candidate): boolean {
    return tool.dependencies.every((dependency) =>
      !dependency.required || this.#resolves(agent, dependency)
    );
  }

  /** Follows causes until they end or close a loop; each state is walked once in a pass. */
  #explain(start: State): string {
    const path = new Map<State, number>();
    let state: State | undefined = start;
    while (state !== undefined && state.reason === undefined && !path.has(state)) {
      path.set(state, path.size);
      state.cause ??= this.#cause(state.candidate);
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

  #cause({ agent, tool }: Candidate): Cause {
    const unmet = tool.dependencies.find((dependency) =>
      dependency.required && !this.#resolves(agent, dependency)
    );
    if (unmet === undefined) throw new Error(`tool '${tool.function_name}' is available`);
    const { capability } = unmet;
    const name = `required dep '${capability}'`;
    const requirement = dependencyRequirement(this, unmet);
    const best = (gate: Gate) =>
      choose(this.versions, requirement, this.field(agent, capability, gate)).chosen;
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
    const { candidates, namespace } = this.field(agent, capability);
    const offered = candidates.some((candidate) => candidate.agent.namespace === namespace);
    return {
      text: `${name} unresolved${offered ? ` (no provider matches${demands(unmet)})` : ""}`,
      blocker: undefined,
    };
  }
}

/** Whether a tool can be used as a provider, and if not why, in the reference's words. */
export function availability(pass: Pass, candidate: Candidate): Availability {
  if (pass.usable(candidate)) return { available: true };
  return { available: false, reason: pass.reason(candidate) };
}
