/**
 * The registration guard: refuses required dependencies that would close a cycle between
 * capability names.
 *
 * @module
 */
import type { Tool } from "../registration.ts";
import type { Directory } from "./model.ts";

/** The capabilities that the providers of one capability require. */
type Edges = (capability: string) => ReadonlySet<string>;

function addRequired(into: Set<string>, tool: Tool): void {
  for (const { required, capability } of tool.dependencies) {
    if (required && capability !== "") into.add(capability);
  }
}

/** Edges by capability, as if the agent had registered; each capability is looked up once. */
function edgesWith(
  directory: Directory,
  agentId: string,
  own: ReadonlyMap<string, ReadonlySet<string>>,
  namespace: string | undefined,
): Edges {
  const known = new Map<string, ReadonlySet<string>>();
  return (capability) => {
    const cached = known.get(capability);
    if (cached !== undefined) return cached;
    const required = new Set(own.get(capability));
    for (const { agent, tool } of directory.providers(capability)) {
      if (agent.id === agentId) continue;
      if (namespace === undefined || agent.namespace === namespace) addRequired(required, tool);
    }
    known.set(capability, required);
    return required;
  };
}

function ownEdges(tools: readonly Tool[]): Map<string, Set<string>> {
  const own = new Map<string, Set<string>>();
  for (const tool of tools) {
    if (tool.capability === "" || !tool.dependencies.some(({ required }) => required)) continue;
    const required = own.get(tool.capability) ?? new Set();
    addRequired(required, tool);
    own.set(tool.capability, required);
  }
  return own;
}

interface Visit {
  readonly capability: string;
  readonly next: Iterator<string>;
  readonly index: number;
  low: number;
}

/**
 * Tarjan's strongly connected components over everything reachable from `starts`, with a stack of
 * its own so that a long chain cannot exhaust the call stack.
 *
 * @returns The number of its component, by capability.
 */
function components(starts: Iterable<string>, edges: Edges): Map<string, number> {
  const component = new Map<string, number>();
  const visits = new Map<string, Visit>();
  const open: string[] = [];
  const stack: Visit[] = [];
  const enter = (capability: string) => {
    const index = visits.size;
    const next = edges(capability)[Symbol.iterator]();
    const visit = { capability, next, index, low: index };
    visits.set(capability, visit);
    open.push(capability);
    stack.push(visit);
  };
  const leave = (visit: Visit) => {
    stack.pop();
    const parent = stack.at(-1);
    if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
    if (visit.low !== visit.index) return;
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      component.set(member, visit.index);
      if (member === visit.capability) break;
    }
  };
  for (const start of starts) {
    if (visits.has(start)) continue;
    enter(start);
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      const { done, value } = visit.next.next();
      if (done) {
        leave(visit);
        continue;
      }
      const seen = visits.get(value);
      if (seen === undefined) enter(value);
      else if (!component.has(value)) visit.low = Math.min(visit.low, seen.index);
    }
  }
  return component;
}

/** The shortest way from `from` to `to`, both included. */
function path(from: string, to: string, edges: Edges): string[] {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  for (const at of cameFrom.keys()) {
    if (at === to) break;
    for (const next of edges(at)) if (!cameFrom.has(next)) cameFrom.set(next, at);
  }
  const steps: string[] = [];
  for (let at: string | undefined = to; at !== undefined; at = cameFrom.get(at)) steps.push(at);
  return steps.reverse();
}

/** Turns a cycle, given without its repeated end, so that it starts and ends with its least name. */
function turned(cycle: readonly string[]): string[] {
  const least = cycle.reduce((a, b) => b < a ? b : a);
  const start = cycle.indexOf(least);
  return [...cycle.slice(start), ...cycle.slice(0, start), least];
}

/**
 * Whether accepting `tools` as the tools of `agentId` closes a cycle of required dependencies.
 *
 * Only a cycle that one of these tools' own edges lies on counts: one that already exists between
 * others is not this agent's to answer for. Agents that are down count too, for they may return.
 *
 * @param directory The mesh; its own entries of `agentId` are ignored in favour of `tools`.
 * @param namespace The agent's namespace: only tools in it are looked at. By default every tool.
 * @returns The capability names from the least one round to itself, such as `a, b, a`;
 * `undefined` when there is no cycle.
 */
export function requiredCycle(
  directory: Directory,
  agentId: string,
  tools: readonly Tool[],
  namespace?: string,
): string[] | undefined {
  const own = ownEdges(tools);
  if (own.size === 0) return undefined;
  const edges = edgesWith(directory, agentId, own, namespace);
  const component = components(own.keys(), edges);
  for (const [capability, required] of own) {
    for (const target of required) {
      if (component.get(target) !== component.get(capability)) continue;
      // The way back ends at `capability`, where the cycle began.
      return turned(path(target, capability, edges));
    }
  }
  return undefined;
}
