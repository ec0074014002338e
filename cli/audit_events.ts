/**
 * The audit trail of an agent: how its dependencies were resolved, as the registry recorded it.
 *
 * @module
 */
import { type ResolutionAudit, ResolutionAuditSchema } from "../runtime/protocol/audit.ts";
import type { Event } from "../runtime/protocol/listing.ts";
import { EVENTS_MAX, listEvents } from "./event_feed.ts";
import type { RegistryClient } from "./registry_client.ts";

/** One recorded resolution. */
export interface AuditEvent {
  event: Event;
  /** Its data, read. */
  audit: ResolutionAudit;
}

/** Which dependency: its position among those of its function, or its capability. */
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
  return lists.flat().flatMap((event): AuditEvent[] => {
    const audit = ResolutionAuditSchema.safeParse(event.data).data;
    return audit !== undefined && concerns(audit, dependency) ? [{ event, audit }] : [];
  }).toSorted((a, b) => Date.parse(b.event.timestamp) - Date.parse(a.event.timestamp))
    .slice(0, limit);
}

function concerns(audit: ResolutionAudit, dependency: DependencyChoice | undefined): boolean {
  if (dependency === undefined) return true;
  return typeof dependency === "number"
    ? audit.dep_index === dependency
    : audit.spec.capability === dependency;
}
