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
import type { Dependency } from "../registration.ts";
import { anyMatch, choose, type Field, type Gate } from "./choice.ts";
import type { Candidate, Directory, DirectoryAgent } from "./model.ts";
import { ParsedVersions } from "./parsed_versions.ts";
import { dependencyRequirement } from "./requirement.ts";
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
export class Pass {
  /** The mesh this pass looks at. */
  readonly directory: Directory;
  /** Parsed versions and constraints. */
  readonly versions: ParsedVersions;
  /** By agent id, then by tool: one tool object may be shared by replicas. */
  readonly #states = new Map<string, Map<Candidate["tool"], State>>();

  /**
   * @param directory Must not change while the pass is in use.
   * @param versions To be shared between passes so that no text is parsed twice. By default the
   * pass has its own.
   */
  constructor(directory: Directory, versions: ParsedVersions = new ParsedVersions()) {
    this.directory = directory;
    this.versions = versions;
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
    // Providers come before those who require them, so one sweep settles a mesh without loops;
    // only what a loop held back can still change in another.
    let changed = true;
    while (changed) {
      changed = false;
      for (const state of closure) {
        if (state.available || !this.#satisfied(state.candidate)) continue;
        state.available = true;
        changed = true;
      }
    }
    return this.#known(candidate) ?? this.#begin(candidate);
  }

  /** Everything not yet settled that `start` leans on, providers first, itself last. */
  #closure(start: Candidate): State[] {
    const ordered: State[] = [];
    const stack: (Candidate | State)[] = [start];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if ("candidate" in top) {
        ordered.push(top);
      } else if (this.#known(top) === undefined) {
        stack.push(this.#begin(top));
        this.#pushProviders(top, stack);
      }
    }
    return ordered;
  }

  #pushProviders({ agent, tool }: Candidate, stack: (Candidate | State)[]): void {
    for (const { required, capability } of tool.dependencies) {
      if (!required) continue;
      const { candidates, namespace } = this.field(agent, capability);
      for (const provider of candidates) {
        if (
          provider.agent.namespace === namespace && isHealthy(provider) &&
          hasRequired(provider) && this.#known(provider) === undefined
        ) stack.push(provider);
      }
    }
  }

  #resolves(consumer: DirectoryAgent, dependency: Dependency): boolean {
    return anyMatch(
      this.versions,
      dependencyRequirement(this.versions, dependency),
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
    const requirement = dependencyRequirement(this.versions, unmet);
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
