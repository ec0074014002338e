/**
 * The audit trail of an agent: how its dependencies were resolved, as the registry recorded it.
 *
 * @module
 */
import { type ResolutionAudit, ResolutionAuditSchema } from "../../runtime/protocol/audit.ts";
import type { Event } from "../../runtime/protocol/listing.ts";
import { EVENTS_MAX, listEvents } from "./event_feed.ts";
import type { RegistryClient } from "./registry_client.ts";

/** One recorded resolution. */
export interface AuditEvent {
  event: Event;
  /** Its data, read. */
  audit: ResolutionAudit;
}

/** Which dependency: its position among those of its function, or its capability or how that begins. */
export type DependencyChoice = number | string;

/** Which resolutions are wanted. */
export interface AuditQuery {
  agentId: string;
  functionName: string | undefined;
  dependency: DependencyChoice | undefined;
  /** Those that led nowhere too. */
  unresolved: boolean;
  /** At most so many, up to {@linkcode EVENTS_MAX}. */
  limit: number;
}

/**
 * The newest resolutions that fit, newest first. Entries whose data is of another form are left out.
 *
 * @throws {CliError} as {@linkcode RegistryClient.ask} does.
 */
export async function listAudits(
  client: RegistryClient,
  { agentId, functionName, dependency, unresolved, limit }: AuditQuery,
): Promise<AuditEvent[]> {
  const types = ["dependency_resolved", ...(unresolved ? ["dependency_unresolved"] : [])];
  // A registry knows nothing of dependencies here: those of others must not use up the limit.
  const asked = dependency === undefined ? limit : EVENTS_MAX;
  const lists = await Promise.all(
    types.map((type) => listEvents(client, { type, agentId, functionName }, asked)),
  );
  const audits = lists.flat().flatMap((event): AuditEvent[] => {
    const audit = ResolutionAuditSchema.safeParse(event.data).data;
    return audit === undefined ? [] : [{ event, audit }];
  });
  return chosen(audits, dependency)
    .toSorted((a, b) => Date.parse(b.event.timestamp) - Date.parse(a.event.timestamp))
    .slice(0, limit);
}

function chosen(audits: AuditEvent[], dependency: DependencyChoice | undefined): AuditEvent[] {
  if (dependency === undefined) return audits;
  if (typeof dependency === "number") {
    return audits.filter(({ audit }) => audit.dep_index === dependency);
  }
  const exact = audits.filter(({ audit }) => audit.spec.capability === dependency);
  if (exact.length > 0) return exact;
  return audits.filter(({ audit }) => audit.spec.capability.startsWith(dependency));
}
