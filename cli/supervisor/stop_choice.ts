/**
 * Which processes `stop` ends for the names it is given. Decides; ends nothing.
 *
 * @module
 */
import type { LocalAgent } from "./records.ts";

/** The agents of one process. */
export interface AgentGroup {
  pid: number;
  /** When the first of them wrote itself down, RFC 3339. */
  startedAt: string;
  names: string[];
}

/** What the names come to. */
export type StopChoice =
  | { kind: "chosen"; groups: AgentGroup[] }
  /** No such agent runs. */
  | { kind: "unknown"; name: string }
  /** Several begin with the name. */
  | { kind: "ambiguous"; name: string; matches: string[] }
  /** A process runs others that are not named. */
  | { kind: "packed"; group: AgentGroup; named: string[]; others: string[] };

/** The running agents by process. */
export function agentGroups(agents: LocalAgent[]): AgentGroup[] {
  const groups = new Map<number, AgentGroup>();
  for (const { record } of agents) {
    const group = groups.get(record.pid);
    if (group === undefined) {
      const { pid, started_at, name } = record;
      groups.set(pid, { pid, startedAt: started_at, names: [name] });
    } else {
      group.names.push(record.name);
      if (record.started_at < group.startedAt) group.startedAt = record.started_at;
    }
  }
  return [...groups.values()];
}

/**
 * The processes that names stand for: exact names, or beginnings that fit one agent. A process
 * that runs several agents is chosen only when all of them are named.
 */
export function chooseGroups(names: string[], groups: AgentGroup[]): StopChoice {
  const known = groups.flatMap((group) => group.names);
  const wanted = new Set<string>();
  for (const name of names) {
    const prefix = name.toLowerCase();
    const matches = known.includes(name)
      ? [name]
      : known.filter((candidate) => candidate.toLowerCase().startsWith(prefix));
    const [match, ...others] = matches;
    if (match === undefined) return { kind: "unknown", name };
    if (others.length > 0) return { kind: "ambiguous", name, matches };
    wanted.add(match);
  }
  const chosen = groups.filter((group) => group.names.some((name) => wanted.has(name)));
  for (const group of chosen) {
    const others = group.names.filter((name) => !wanted.has(name));
    const named = group.names.filter((name) => wanted.has(name));
    if (others.length > 0) return { kind: "packed", group, named, others };
  }
  return { kind: "chosen", groups: chosen };
}
