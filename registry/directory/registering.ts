/**
 * What a registration leads to: decided over the directory as it would be, without touching it, and
 * applied to it once it is committed.
 *
 * @module
 */
import type { Registration, Tool } from "../../runtime/protocol/registration.ts";
import { requiredCycle } from "../../runtime/protocol/resolve/cycle.ts";
import { resolveAgent } from "../../runtime/protocol/resolve/resolve.ts";
import { type Answered, answeredFrom, type WiringResponse } from "./answered.ts";
import { Entry } from "./entry.ts";
import { type Happening, recovered, registered, withdrew } from "./events.ts";
import { reportedHealth, sameHealth } from "./health.ts";
import { DOCUMENT_BYTES, partsBytes, toParts } from "./parts.ts";
import { acceptRegistration, type Registrant } from "./record.ts";
import type { Snapshot } from "./snapshot.ts";
import type { AgentChange } from "./store.ts";
import { type Resolve, wired } from "./wired.ts";

/** What a registration is answered. */
export type Registered =
  | { readonly refused: string }
  | RegisteredAgent;

/** A registration taken, and what the agent is told. */
export interface RegisteredAgent {
  readonly created: boolean;
  readonly response: WiringResponse;
  readonly warnings: readonly string[];
  readonly entry: Entry;
}

/** What is to become of a registration. */
export interface RegistrationPlan extends RegisteredAgent {
  /** None when the database has it all. */
  readonly changes: readonly AgentChange[];
  /** Whether the entry is a new one, to be put into the snapshot. */
  readonly isNew: boolean;
  readonly answered: Answered;
  /** When it was made, milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Decides a registration by somebody who may speak for the agent. Whoever registers an id that is not
 * there holds it from now on.
 *
 * @param now Milliseconds since the epoch.
 * @param resolve Works out where an agent's dependencies lead.
 */
export function planRegistration(
  snapshot: Snapshot,
  message: Registration,
  registrant: Registrant,
  now: number,
  resolve: Resolve = resolveAgent,
): RegistrationPlan | { readonly refused: string } {
  const before = snapshot.get(message.agent_id);
  const holder = before?.isPresent ? before.record.holder : registrant.holder;
  const accepted = acceptRegistration(before?.record, message, now, { ...registrant, holder });
  if ("refused" in accepted) return accepted;
  const { record, warnings } = accepted;
  const health = reportedHealth(message);
  const status = health?.status === "unhealthy" ? "unhealthy" : "healthy";
  const after = new Entry(record, { status, seen: now, ...(health && { health }) });
  const same = before !== undefined && before.digest === after.digest;
  const refused = same ? undefined : unfit(snapshot, after);
  if (refused !== undefined) return { refused };

  const isNew = !same || before.status !== status || before.suspect ||
    !sameHealth(before.health, health);
  const entry = isNew ? after : before;
  const outcome = wired(isNew ? snapshot.passWith(after) : snapshot.pass(), entry, resolve);
  if ("refused" in outcome) return outcome;
  const { wiring, response } = outcome;
  const answered = answeredFrom(wiring, response);
  const isNews = answered.digest !== before?.answered?.digest;
  const happenings = arrivals(before, after, now);
  const change: AgentChange = {
    record,
    rewrite: !same,
    ...(isNew && { life: after.life }),
    ...(isNews && { answered }),
    ...(happenings.length > 0 && { happenings }),
  };
  const changes = isNew || isNews ? [change] : [];
  const created = before === undefined;
  return { created, response, warnings, entry, changes, isNew, answered, at: now };
}

/** Makes the snapshot what a plan says, once its changes are committed. */
export function settleRegistration(snapshot: Snapshot, plan: RegistrationPlan): RegisteredAgent {
  const { entry, response, answered, isNew, created, warnings } = plan;
  if (isNew) snapshot.put(entry);
  entry.answered = answered;
  entry.stale = false;
  entry.changed = false;
  entry.listed = undefined;
  return { created, response, warnings, entry };
}

function unfit(snapshot: Snapshot, entry: Entry): string | undefined {
  const bytes = partsBytes(toParts(entry.record));
  if (bytes > DOCUMENT_BYTES) {
    return `a registration of ${bytes} bytes is over the limit of ${DOCUMENT_BYTES}; ` +
      "register fewer tools, or tools with smaller schemas";
  }
  if (!entry.tools.some(requiresAnything)) return undefined;
  const cycle = requiredCycle(snapshot, entry.id, entry.tools, entry.namespace);
  return cycle && `required dependency cycle: ${cycle.join(" → ")}`;
}

function requiresAnything(tool: Tool): boolean {
  return tool.dependencies.some(({ required }) => required);
}

function arrivals(before: Entry | undefined, after: Entry, now: number): Happening[] {
  const arrived = before === undefined ? [registered(after.record)] : [];
  const was = before?.status ?? "healthy";
  if (after.status === "healthy") return was === "healthy" ? arrived : [recovered(was, now)];
  const isKnown = before?.status === "unhealthy" && before.isPresent;
  return isKnown ? arrived : [...arrived, withdrew(was, after.health?.errors ?? [], now)];
}
