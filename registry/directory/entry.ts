/**
 * One agent in the snapshot.
 *
 * @module
 */
import type { Tool } from "../../runtime/protocol/registration.ts";
import {
  type AgentStatus,
  type Candidate,
  candidatesOf,
  type DirectoryAgent,
} from "../../runtime/protocol/resolve/model.ts";
import type { Answered } from "./answered.ts";
import type { Health } from "./health.ts";
import { type AgentRecord, digestOf, endpointOf } from "./record.ts";

/** How an agent is and when it was last heard of. */
export interface Life {
  status: AgentStatus;
  /** Milliseconds since the epoch. */
  seen: number;
  /** Until when its consumers' reports of failure count, milliseconds since the epoch. */
  suspectUntil?: number;
  /** What it says of itself, when it is not well. */
  health?: Health;
}

/** One agent: its registration, how it is, and what it was last told. */
export class Entry implements DirectoryAgent {
  /** What the agent registered. */
  readonly record: AgentRecord;
  /** Tells whether a further registration says the same. */
  readonly digest: string;
  readonly endpoint: string;
  /** What it offers, in declared order. */
  readonly candidates: readonly Candidate[];
  status: AgentStatus;
  /** What it says of itself, when it is not well. */
  health: Health | undefined;
  /** When it was last heard of, milliseconds since the epoch. */
  seen: number;
  /** Consumers recently failed to reach it. */
  suspect: boolean;
  /** Until when it stays suspect, milliseconds since the epoch; 0 when it is not. */
  suspectUntil: number;
  /** The last beat of it that this instance has written, milliseconds since the epoch. */
  written = 0;
  /** When it counts as unhealthy unless it is heard of, milliseconds since the epoch. */
  deadline = 0;
  /** What it was last told; `undefined` before its first answer. */
  answered: Answered | undefined;
  /** Something its wiring depends on has changed since it was computed. */
  stale = true;
  /** Its wiring is known to differ from what it was told; holds until it asks. */
  changed = false;
  /** Its text in listings while it is known to be current, cut where its last beat stands. */
  listed: readonly [before: string, after: string] | undefined;

  /** Its tools by function name, once they have been asked for. */
  #byFunction: ReadonlyMap<string, readonly Tool[]> | undefined;

  constructor(record: AgentRecord, life: Life) {
    this.record = record;
    this.digest = digestOf(record);
    this.endpoint = endpointOf(record);
    this.status = life.status;
    this.health = life.health;
    this.seen = life.seen;
    this.suspectUntil = life.suspectUntil ?? 0;
    this.suspect = this.suspectUntil > 0;
    this.candidates = candidatesOf(this);
  }

  /** What the database keeps of how it is. */
  get life(): Life {
    const { status, seen, suspectUntil, health } = this;
    return { status, seen, ...(suspectUntil > 0 && { suspectUntil }), ...(health && { health }) };
  }

  /** The same once it is gone: nothing it said of itself holds any more. */
  get lifeOver(): Life {
    const { health: _, ...life } = this.life;
    return { ...life, status: "unhealthy" };
  }

  /** Whether it is there: unhealthy by its own word it still is, by silence or goodbye it is not. */
  get isPresent(): boolean {
    return this.status !== "unhealthy" || this.health?.status === "unhealthy";
  }

  get id(): string {
    return this.record.id;
  }

  get name(): string {
    return this.record.name;
  }

  get namespace(): string {
    return this.record.namespace;
  }

  get runtime(): string {
    return this.record.runtime;
  }

  get tools(): readonly Tool[] {
    return this.record.tools;
  }

  /** Its tool of this function name and capability. */
  tool(functionName: string, capability: string): Tool | undefined {
    this.#byFunction ??= Map.groupBy(this.tools, ({ function_name }) => function_name);
    return this.#byFunction.get(functionName)?.find((tool) => tool.capability === capability);
  }
}

/** Order of first registration; equal instants by id, so that every instance agrees. */
export function byFirstRegistration(a: Entry, b: Entry): number {
  return a.record.createdAt - b.record.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
