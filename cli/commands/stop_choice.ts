/**
 * Which processes `stop` ends for the names it is given. Decides; ends nothing.
 *
 * @module
 */
import type { WrittenProcess } from "../machine/process_identity.ts";
import type { LocalAgent } from "../machine/records.ts";

/** The agents of one process, which wrote itself down when the first of them did. */
export interface AgentGroup extends WrittenProcess {
  names: string[];
  /** Names they were planned under, of their records. */
  stems: string[];
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
  for (const { record, stem } of agents) {
    const group = groups.get(record.pid);
    if (group === undefined) {
      const { pid, started_at: startedAt, birth, name } = record;
      groups.set(pid, { pid, startedAt, birth, names: [name], stems: [stem] });
    } else {
      group.names.push(record.name);
      group.stems.push(stem);
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
