/**
 * What agents report of providers they could not reach. Pure.
 *
 * @module
 */
import type { ObservedFailure } from "../../runtime/protocol/registration.ts";
import { EffortExceeded } from "../../runtime/protocol/resolve/effort.ts";
import { resolveAgent, type Wiring } from "../../runtime/protocol/resolve/resolve.ts";
import type { Candidate } from "../../runtime/protocol/resolve/model.ts";
import type { Entry } from "./entry.ts";
import { suspected } from "./events.ts";
import type { Snapshot } from "./snapshot.ts";
import type { AgentChange } from "./store.ts";

/** How long a reported provider stays suspect unless it registers again, milliseconds. */
export const SUSPECT_MS = 30_000;

/**
 * The changes a report leads to. A reporter can only affect living providers it is wired to, or
 * would be wired to next; those suspect already stay so until their time is up.
 *
 * @param now Milliseconds since the epoch.
 */
export function reportedFailures(
  snapshot: Snapshot,
  reporter: Entry,
  reports: readonly ObservedFailure[],
  now: number,
): AgentChange[] {
  const wired = providersOf(snapshot, reporter);
  const until = now + SUSPECT_MS;
  const failures = new Map(reports.map(({ agent_id, failures }) => [agent_id, failures]));
  return [...failures].flatMap(([id, count]): AgentChange[] => {
    const entry = wired.has(id) ? snapshot.get(id) : undefined;
    if (entry === undefined || entry === reporter) return [];
    if (entry.status !== "healthy" || entry.suspect) return [];
    return [{
      record: entry.record,
      life: { ...entry.life, suspectUntil: until },
      happenings: [suspected(reporter.id, count, until)],
    }];
  });
}

/** Ids of all agents an agent's calls may go to. */
function providersOf(snapshot: Snapshot, reporter: Entry): Set<string> {
  const wiring = wiringOf(snapshot, reporter);
  if (wiring === undefined) return new Set();
  const { dependencies, llmTools, llmProviders } = wiring;
  const candidates: Candidate[] = [
    ...[...dependencies.values()].flat().flatMap(({ equals }) => equals),
    ...[...llmTools.values()].flat(),
    ...[...llmProviders.values()].flat(),
  ];
  return new Set(candidates.map(({ agent }) => agent.id));
}

/** The wiring of an agent; `undefined` when it is too much work, so that the agent has none. */
function wiringOf(snapshot: Snapshot, reporter: Entry): Wiring | undefined {
  try {
    return resolveAgent(snapshot.pass(), reporter);
  } catch (error) {
    if (error instanceof EffortExceeded) return undefined;
    throw error;
  }
}
