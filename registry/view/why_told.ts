/**
 * Which sentences tell of the candidates that were turned away. Pure.
 *
 * @module
 */
import type { AuditEviction } from "../../runtime/protocol/audit.ts";
import { evictionSentence } from "./why_eviction.ts";

/** What is known of an agent, by its id. */
export interface KnownAgent {
  readonly name: string;
  readonly status: string;
  /** When it was last heard of, milliseconds since the epoch. */
  readonly seen: number;
}

/** A sentence, and of how many candidates it tells. */
export interface ToldEvictions {
  readonly sentence: string;
  readonly count: number;
}

/**
 * One sentence a candidate, in their order; but one for all the instances of an agent that are down,
 * of which every restart leaves one.
 *
 * @param agent What is known of an agent; `undefined` for one that is not known.
 */
export function toldEvictions(
  evictions: readonly AuditEviction[],
  agent: (id: string) => KnownAgent | undefined,
): ToldEvictions[] {
  const groups = Map.groupBy(evictions, (eviction) => {
    const { agentId, functionName } = parts(eviction);
    const name = eviction.reason === "Unhealthy" ? agent(agentId)?.name : undefined;
    return name === undefined ? eviction.id : `${name}\n${functionName}`;
  });
  return [...groups.values()].map((group) => ({
    sentence: groupSentence(group, agent),
    count: group.length,
  }));
}

function groupSentence(
  group: readonly AuditEviction[],
  agent: (id: string) => KnownAgent | undefined,
): string {
  const seen = (eviction: AuditEviction) => agent(parts(eviction).agentId)?.seen ?? 0;
  const newest = group.reduce((latest, each) => seen(each) > seen(latest) ? each : latest);
  if (group.length === 1) return evictionSentence(newest);
  const { agentId } = parts(newest);
  const { name, status } = agent(agentId) ?? { name: agentId, status: "unhealthy" };
  return `${group.length} instances of ${name} would do, but are down; the newest, ${newest.id}, ` +
    `is ${status}.`;
}

function parts({ id }: AuditEviction): { agentId: string; functionName: string } {
  const colon = id.lastIndexOf(":");
  return { agentId: id.slice(0, colon), functionName: id.slice(colon + 1) };
}
