/**
 * The registry's history: what happened to which agent, newest first.
 *
 * @module
 */
import type { Event } from "../../runtime/protocol/listing.ts";
import { insist } from "./contention.ts";
import { type AgentRecord, ID_MAX } from "./record.ts";

/** What `GET /events` may ask for. */
export interface EventQuery {
  type?: string;
  agentId?: string;
  functionName?: string;
  /** What else they must be. @default anything */
  fits?: (event: Event) => boolean;
  /** Most events answered. */
  limit: number;
}

/** Deletions of one commit; each event is two of them. */
const BATCH = 200;

/** The kinds of events; `rotate` is reserved for certificates, which there are none of yet. */
export type EventType =
  | "register"
  | "unregister"
  | "unhealthy"
  | "update"
  | "rotate"
  | "dependency_resolved"
  | "dependency_unresolved";

/** Whether an event says how a dependency was resolved. */
export function isResolution(
  type: string,
): type is "dependency_resolved" | "dependency_unresolved" {
  return type === "dependency_resolved" || type === "dependency_unresolved";
}

/** Something that happened to an agent. */
export interface Happening {
  readonly type: EventType;
  /** The function it is about, where it is about one. */
  readonly functionName?: string;
  readonly data: Record<string, unknown>;
}

/** A new agent registered. */
export function registered({ agentType, name, version }: AgentRecord): Happening {
  return { type: "register", data: { agent_type: agentType, name, version } };
}

/** An agent said goodbye. */
export function unregistered({ agentType, name, version }: AgentRecord): Happening {
  return {
    type: "unregister",
    data: {
      agent_type: agentType,
      name,
      version,
      reason: "graceful_shutdown",
      source: "delete_endpoint",
    },
  };
}

/** An agent that was given up registered again. */
export function recovered(oldStatus: string, now: number): Happening {
  return { type: "register", data: transition(oldStatus, "healthy", "recovery", now) };
}

/** A consumer failed to reach an agent. */
export function suspected(reporter: string, failures: number, until: number): Happening {
  return {
    type: "update",
    data: {
      reason: "observed_failure",
      reported_by: reporter,
      failures,
      suspect_until: new Date(until).toISOString(),
    },
  };
}

/** An agent says that it is unhealthy. */
export function withdrew(oldStatus: string, errors: readonly string[], now: number): Happening {
  const data = transition(oldStatus, "unhealthy", "self_reported", now);
  return { type: "unhealthy", data: { ...data, errors: [...errors] } };
}

/** An agent has been silent for too long. */
export function lapsed(oldStatus: string, now: number): Happening {
  return { type: "unhealthy", data: transition(oldStatus, "unhealthy", "health_degradation", now) };
}

/** An agent had been silent for too long when the registry started. */
export function staleAtStart(
  { agentType, name }: AgentRecord,
  previousStatus: string,
  seen: number,
  thresholdMs: number,
): Happening {
  return {
    type: "unhealthy",
    data: {
      agent_type: agentType,
      name,
      previous_status: previousStatus,
      reason: "stale_on_startup",
      last_heartbeat: new Date(seen).toISOString(),
      threshold_seconds: thresholdMs / 1000,
    },
  };
}

function transition(from: string, to: string, reason: string, now: number) {
  return {
    old_status: from,
    new_status: to,
    reason,
    description: `Agent went from ${from} to ${to}`,
    detected_at: new Date(now).toISOString(),
    source: "status_change_hook",
    transition_type: `${from}_to_${to}`,
  };
}

/** Where an event stands in the history: the change it came with, and its place in that. */
export type Moment = readonly [change: number, index: number];

/** An event and where it stands. */
export interface PlacedEvent {
  readonly event: Event;
  readonly moment: Moment;
}

/**
 * The stored events. Every event stands under two keys: by change, and by agent and change. Changes
 * are numbered without gaps, so nothing is ever added before what somebody has read.
 */
export class Events {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /**
   * Adds an event to a commit. Of agents of type `api`, how their dependencies are resolved is recorded,
   * but not their coming and going, as the reference does.
   */
  add(
    commit: Deno.AtomicOperation,
    record: AgentRecord,
    { type, functionName, data }: Happening,
    now: number,
    moment: Moment,
  ): void {
    if (record.agentType === "api" && !isResolution(type)) return;
    const event: Event = {
      event_type: type,
      agent_id: record.id,
      agent_name: record.name,
      ...(functionName !== undefined && { function_name: functionName }),
      timestamp: new Date(now).toISOString(),
      data,
    };
    commit.set(["event", ...moment], event).set(["event_of", record.id, ...moment], event);
  }

  /** The newest events that fit a query. */
  async list(query: EventQuery): Promise<Event[]> {
    // No agent has such an id, and no key may be that long.
    if ((query.agentId?.length ?? 0) > ID_MAX) return [];
    const prefix = query.agentId === undefined ? ["event"] : ["event_of", query.agentId];
    const events: Event[] = [];
    for await (const { value } of this.#kv.list<Event>({ prefix }, { reverse: true })) {
      if (query.type !== undefined && value.event_type !== query.type) continue;
      if (query.functionName !== undefined && value.function_name !== query.functionName) continue;
      if (query.fits?.(value) === false) continue;
      events.push(value);
      if (events.length >= query.limit) break;
    }
    return events;
  }

  /**
   * The events after a moment, oldest first.
   *
   * @param limit Most events answered.
   */
  async after([change, index]: Moment, limit: number): Promise<PlacedEvent[]> {
    const range = { start: ["event", change, index + 1], end: ["event", Infinity] };
    return await Array.fromAsync(
      this.#kv.list<Event>(range, { limit }),
      ({ key, value }) => ({ event: value, moment: [Number(key[1]), Number(key[2])] as const }),
    );
  }

  /** Forgets everything that happened to an agent. */
  async forget(agentId: string): Promise<void> {
    await this.#deleteAll(this.#kv.list<Event>({ prefix: ["event_of", agentId] }));
  }

  /**
   * Deletes the oldest events above `max`.
   *
   * @param max 0 keeps all.
   */
  async cap(max: number): Promise<void> {
    if (max === 0) return;
    const surplus = async function* (newestFirst: AsyncIterable<Deno.KvEntry<Event>>) {
      let seen = 0;
      for await (const entry of newestFirst) {
        if (++seen > max) yield entry;
      }
    };
    await this.#deleteAll(surplus(this.#kv.list<Event>({ prefix: ["event"] }, { reverse: true })));
  }

  async #deleteAll(entries: AsyncIterable<Deno.KvEntry<Event>>): Promise<void> {
    let commit = this.#kv.atomic();
    let size = 0;
    for await (const { key, value } of entries) {
      const moment = key.slice(-2);
      commit.delete(["event", ...moment]).delete(["event_of", value.agent_id, ...moment]);
      if (++size % BATCH > 0) continue;
      const finished = commit;
      await insist(() => finished.commit());
      commit = this.#kv.atomic();
    }
    if (size % BATCH > 0) await insist(() => commit.commit());
  }
}
