/**
 * Who is in the mesh and how they are: registering, beating, leaving, falling silent. Decides the
 * order of things (check, commit, apply, answer); the snapshot answers, the store keeps.
 *
 * @module
 */
import type { Registration, Tool } from "../../runtime/protocol/registration.ts";
import { requiredCycle } from "../../runtime/protocol/resolve/cycle.ts";
import {
  resolveAgent,
  type Wiring,
  wiringResponse,
} from "../../runtime/protocol/resolve/resolve.ts";
import type { RegistryConfig } from "../config.ts";
import { answeredFrom, type WiringResponse } from "./answered.ts";
import { Entry } from "./entry.ts";
import * as happening from "./events.ts";
import { Liveness, STALE_AT_START_MS } from "./liveness.ts";
import { DOCUMENT_BYTES, partsBytes, toParts } from "./parts.ts";
import { acceptRegistration, digestOf } from "./record.ts";
import { Snapshot } from "./snapshot.ts";
import { type AgentChange, Store } from "./store.ts";
import { Turns } from "./turns.ts";

/** What a beat is answered. */
export type Beat =
  /** Nothing the agent is wired to has changed. */
  | "current"
  /** Its wiring would differ from what it was told: it should register again. */
  | "changed"
  /** It is unknown, or was given up: it must register again. */
  | "gone"
  /** The database does not take writes: its beat could not be kept. */
  | "unkept";

/** What a registration is answered. */
export type Registered =
  | { readonly refused: string }
  | {
    readonly created: boolean;
    readonly response: WiringResponse;
    readonly warnings: readonly string[];
    readonly entry: Entry;
  };

/** What {@linkcode Members} needs from outside. */
export interface MembersOptions {
  kv: Deno.Kv;
  config: RegistryConfig;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

/** The agents of the mesh. */
export class Members {
  readonly snapshot = new Snapshot();
  readonly store: Store;
  readonly #config: RegistryConfig;
  readonly #now: () => number;
  readonly #log: (line: string) => void;
  readonly #liveness: Liveness;
  readonly #turns = new Turns();
  /** Agents whose last beat is not in the database yet. */
  #beaten = new Set<string>();
  #keepsBeats = true;

  private constructor({ kv, config, now, log }: MembersOptions) {
    this.store = new Store(kv);
    this.#config = config;
    this.#now = now;
    this.#log = log;
    this.#liveness = new Liveness(config.thresholdMs);
  }

  /**
   * The agents a database has. Those silent since long before now are given up at once; the others
   * have the whole threshold to be heard of.
   */
  static async load(options: MembersOptions): Promise<Members> {
    const members = new Members(options);
    await members.#load();
    return members;
  }

  async #load(): Promise<void> {
    const now = this.#now();
    const stale: AgentChange[] = [];
    for (const { record, life, answered } of await this.store.load()) {
      const entry = new Entry(record, life);
      entry.answered = answered;
      if (life.status !== "unhealthy" && life.seen < now - STALE_AT_START_MS) {
        entry.status = "unhealthy";
        stale.push({
          record,
          life: { status: "unhealthy", seen: life.seen },
          happening: happening.staleAtStart(record, life.status, life.seen, STALE_AT_START_MS),
        });
      }
      this.snapshot.put(entry);
      if (entry.status !== "unhealthy") this.#liveness.grant(entry, now);
    }
    await this.store.change(stale, now);
  }

  /** Looks at the clock: gives up who has been silent for too long. Returns the time it saw. */
  observe(): number {
    const now = this.#now();
    const lapsed = this.#liveness.lapsed(this.snapshot.entries(), now);
    if (lapsed.length > 0) this.#giveUp(lapsed, now);
    return now;
  }

  #giveUp(lapsed: readonly Entry[], now: number): void {
    const happenings = lapsed.map((entry) => ({
      id: entry.id,
      happening: happening.lapsed(entry.status, now),
    }));
    for (const entry of lapsed) this.snapshot.setStatus(entry, "unhealthy");
    this.#warnOfLoss(lapsed);
    const written = this.#turns.take(() =>
      this.store.change(
        happenings.flatMap(({ id, happening }): AgentChange[] => {
          const entry = this.snapshot.get(id);
          if (entry === undefined) return [];
          const { record, status, seen } = entry;
          return [{ record, life: { status, seen }, happening }];
        }),
        now,
      )
    );
    written.catch((error) => this.#log(`could not record silent agents: ${error}`));
  }

  #warnOfLoss(lapsed: readonly Entry[]): void {
    const capabilities = new Set(
      lapsed.flatMap(({ tools }) => tools.map(({ capability }) => capability)),
    );
    const lost = [...capabilities].filter((capability) =>
      this.snapshot.providers(capability).every(({ agent }) => agent.status !== "healthy")
    );
    if (lost.length > 0) this.#log(`no healthy provider is left of: ${lost.sort().join(", ")}`);
  }

  /** An agent says it is there. */
  beat(id: string): Beat {
    const now = this.observe();
    const entry = this.snapshot.get(id);
    if (entry === undefined || entry.status !== "healthy") return "gone";
    this.#touch(entry, now);
    if (!this.#keepsBeats) return "unkept";
    if (entry.stale && !entry.changed) this.#review(entry);
    return entry.changed ? "changed" : "current";
  }

  /** Finds out whether an agent's wiring differs from what it was told. */
  #review(entry: Entry): void {
    const response = told(entry, resolveAgent(this.snapshot.pass(), entry));
    entry.stale = false;
    if (digestOf(response) === entry.answered?.digest) entry.response = response;
    else entry.changed = true;
  }

  #touch(entry: Entry, now: number): void {
    this.#liveness.touch(entry, now);
    this.#beaten.add(entry.id);
  }

  /**
   * An agent tells everything about itself, for the first time or again.
   *
   * @throws When the database does not take it; then nothing has changed.
   */
  async register(message: Registration): Promise<Registered> {
    const now = this.observe();
    const entry = this.snapshot.get(message.agent_id);
    if (entry?.status === "healthy" && entry.response && !entry.stale && !entry.changed) {
      const accepted = acceptRegistration(entry.record, message, now);
      if ("refused" in accepted) return accepted;
      if (digestOf(accepted.record) === entry.digest) {
        this.#touch(entry, now);
        return { created: false, response: entry.response, warnings: accepted.warnings, entry };
      }
    }
    return await this.#turns.take(() => this.#register(message));
  }

  async #register(message: Registration): Promise<Registered> {
    const now = this.observe();
    const before = this.snapshot.get(message.agent_id);
    const accepted = acceptRegistration(before?.record, message, now);
    if ("refused" in accepted) return accepted;
    const { record, warnings } = accepted;
    const registered = new Entry(record, { status: "healthy", seen: now });
    const same = before !== undefined && before.digest === registered.digest;
    const refused = same ? undefined : this.#unfit(registered);
    if (refused !== undefined) return { refused };

    if (!same || before.status !== "healthy") {
      const event = arrival(before, registered, now);
      await this.store.change([{
        record,
        life: { status: "healthy", seen: now },
        rewrite: !same,
        ...(event && { happening: event }),
      }], now);
    }
    const entry = same ? before : registered;
    if (same) this.snapshot.setStatus(entry, "healthy");
    else this.snapshot.put(entry);
    this.#touch(entry, now);
    const response = await this.#answer(entry);
    return { created: before === undefined, response, warnings, entry };
  }

  #unfit(entry: Entry): string | undefined {
    const bytes = partsBytes(toParts(entry.record));
    if (bytes > DOCUMENT_BYTES) {
      return `a registration of ${bytes} bytes is over the limit of ${DOCUMENT_BYTES}; ` +
        "register fewer tools, or tools with smaller schemas";
    }
    if (!entry.tools.some(requiresAnything)) return undefined;
    const cycle = requiredCycle(this.snapshot, entry.id, entry.tools, entry.namespace);
    return cycle && `required dependency cycle: ${cycle.join(" → ")}`;
  }

  /** Resolves an agent's wiring and keeps what it is about to be told. */
  async #answer(entry: Entry): Promise<WiringResponse> {
    const wiring = resolveAgent(this.snapshot.pass(), entry);
    const response = told(entry, wiring);
    const answered = answeredFrom(wiring, response);
    entry.stale = false;
    if (answered.digest !== entry.answered?.digest) {
      entry.changed = true;
      await this.store.answer(entry.id, answered);
    }
    entry.changed = false;
    entry.answered = answered;
    entry.response = response;
    return response;
  }

  /** An agent says goodbye. It stays listed, dead, until the sweep. Unknown ids are fine. */
  async unregister(id: string): Promise<void> {
    await this.#turns.take(async () => {
      const now = this.observe();
      const entry = this.snapshot.get(id);
      if (entry === undefined) return;
      const { record, seen } = entry;
      await this.store.change([{
        record,
        life: { status: "unhealthy", seen },
        happening: happening.unregistered(record),
      }], now);
      this.snapshot.setStatus(entry, "unhealthy");
    });
  }

  /** Writes the beats since the last time. */
  async flush(): Promise<void> {
    if (this.#beaten.size === 0) return;
    await this.#turns.take(async () => {
      const beaten = this.#beaten;
      this.#beaten = new Set();
      try {
        await this.store.beats(
          [...beaten].flatMap((id) => this.snapshot.get(id) ?? []),
        );
        this.#keepsBeats = true;
      } catch (error) {
        this.#beaten = this.#beaten.union(beaten);
        this.#keepsBeats = false;
        this.#log(`could not write ${beaten.size} beats: ${error}`);
      }
    });
  }

  /** Forgets agents that have been dead for long, and the oldest of what happened. */
  async sweep(): Promise<void> {
    const now = this.observe();
    const { retentionMs, eventMaxRows } = this.#config;
    const expired = (entry: Entry | undefined): entry is Entry =>
      entry !== undefined && entry.status !== "healthy" && entry.seen < now - retentionMs;
    for (const { id } of retentionMs === 0 ? [] : this.snapshot.entries().filter(expired)) {
      await this.#turns.take(async () => {
        const entry = this.snapshot.get(id);
        if (!expired(entry)) return;
        await this.store.purge(id, now);
        this.snapshot.delete(entry);
        this.#beaten.delete(id);
      });
    }
    await this.store.events.cap(eventMaxRows);
    await this.store.trimChanges(now);
  }

  /** Resolves when all writes decided so far are done. */
  async settled(): Promise<void> {
    await this.#turns.idle();
  }
}

/** What an agent is told of its wiring; alternates only where they are read. */
function told(entry: Entry, wiring: Wiring): WiringResponse {
  return wiringResponse(entry, wiring, { alternates: entry.record.runtime === "deno" });
}

function requiresAnything(tool: Tool): boolean {
  return tool.dependencies.some(({ required }) => required);
}

function arrival(
  before: Entry | undefined,
  after: Entry,
  now: number,
): happening.Happening | undefined {
  if (before === undefined) return happening.registered(after.record);
  return before.status === "healthy" ? undefined : happening.recovered(before.status, now);
}
