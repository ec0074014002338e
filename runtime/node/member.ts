/**
 * The visible state of one member of the mesh, and the listeners that follow it.
 *
 * @module
 */
import type { MeshError } from "../base/errors.ts";
import { urlHost } from "../base/host_text.ts";
import type { Host } from "../boundary/host.ts";
import type { CheckVerdict } from "../define/health_check.ts";
import type { AgentManifest } from "../define/manifest.ts";
import type { RunningMember, Unresolved } from "../define/serving.ts";
import type { Slots } from "../wiring/slots.ts";
import type { AgentConfig } from "./config.ts";

/** A stage in the life of a member. */
export type MemberState = "starting" | "up" | "stopping" | "stopped";

/** Calls that go on while an agent stops. */
export interface Draining {
  /** How many are under way. */
  readonly calls: number;
  /** When they are cut off, in milliseconds since the epoch. */
  readonly until: number;
}

/** The part of a member's state that {@linkcode Member.update} changes. */
export type MemberChange = Partial<
  Pick<
    Member,
    | "state"
    | "port"
    | "health"
    | "isRegistered"
    | "trouble"
    | "askedAt"
    | "syncedAt"
    | "draining"
  >
>;

/** The state of one member of the mesh. */
export class Member implements Omit<RunningMember, "fetch"> {
  readonly config: AgentConfig;
  /** Its stage. */
  readonly state: MemberState = "starting";
  /** The port it is reached at. */
  readonly port: number;
  /** The last verdict of the agent's health check. */
  readonly health: CheckVerdict = { status: "healthy" };
  /** Whether the registry knows it. */
  readonly isRegistered: boolean = false;
  /** The present failure between it and the registry, if there is one. */
  readonly trouble: MeshError | undefined;
  /** When the last request that the registry answered was sent, in milliseconds since the epoch. */
  readonly askedAt: number | undefined;
  /** When the wiring was last known to be current, in milliseconds since the epoch. */
  readonly syncedAt: number | undefined;
  /** The calls that still go on while the agent stops; `undefined` unless it does. */
  readonly draining: Draining | undefined;
  readonly #host: Pick<Host, "manifest">;
  readonly #slots: Slots;
  readonly #listeners = new Set<() => void>();

  /**
   * @param host Has the manifest, which may change.
   * @param slots Of the agent's dependencies.
   */
  constructor(host: Pick<Host, "manifest">, config: AgentConfig, slots: Slots) {
    this.config = config;
    this.port = config.port;
    this.#host = host;
    this.#slots = slots;
  }

  /** Its id in the mesh. */
  get agentId(): string {
    return this.config.agentId;
  }

  /** Its present manifest. */
  get manifest(): AgentManifest {
    return this.#host.manifest;
  }

  /** The address the registry hands out for it. */
  get endpoint(): string {
    return `http://${urlHost(this.config.advertisedHost)}:${this.port}`;
  }

  /** Declared dependencies without a provider. */
  get unresolved(): Unresolved[] {
    return this.#slots.unresolved();
  }

  /** Ids of the agents that its dependencies lead to. */
  get wiredTo(): ReadonlySet<string> {
    return this.#slots.agentIds();
  }

  /** Runs `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Changes the state and runs the listeners.
   *
   * @param change Nothing when the manifest or the wiring is what changed.
   */
  update(change: MemberChange = {}): void {
    Object.assign(this, change);
    this.#listeners.forEach((listener) => listener());
  }
}
