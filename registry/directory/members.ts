/**
 * Who is in the mesh and how they are: registering, beating, leaving. Decides what becomes of the
 * directory; the replica commits and applies it, the snapshot answers.
 *
 * Good news is told from memory, which is behind the database by one poll at most. Bad news (gone,
 * or wired differently) is told only after a look into the database, so that an agent that has just
 * spoken to another instance is never sent in circles.
 *
 * @module
 */
import type { ObservedFailure, Registration } from "../../runtime/protocol/registration.ts";
import { resolveAgent } from "../../runtime/protocol/resolve/resolve.ts";
import type { RegistryConfig } from "../config/config.ts";
import { Beats } from "./beats.ts";
import type { Entry } from "./entry.ts";
import { reportedHealth, sameHealth } from "./health.ts";
import * as happening from "./events.ts";
import { reportedFailures } from "./failures.ts";
import { heldText, InstanceTokens } from "./holder.ts";
import { Liveness } from "./liveness.ts";
import { acceptRegistration, digestOf, type Registrant } from "./record.ts";
import { planRegistration, type Registered, settleRegistration } from "./registering.ts";
import { type Decision, Replica } from "./replica.ts";
import { Silence } from "./silence.ts";
import { Snapshot } from "./snapshot.ts";
import { CHANGES_A_COMMIT, Store } from "./store.ts";
import { sweep } from "./sweep.ts";
import { type Resolve, wired } from "./wired.ts";

/** An agent's beats are written no more often than this, milliseconds: the time between two. */
const BEAT_AGING_MAX_MS = 5_000;

/** What a beat is answered. */
export type Beat =
  /** Nothing the agent is wired to has changed. */
  | "current"
  /** Its wiring would differ from what it was told: it should register again. */
  | "changed"
  /** It is unknown, or was given up: it must register again. */
  | "gone"
  /** The database does not answer: its beat could not be kept. */
  | "unkept";

/** What {@linkcode Members} needs from outside. */
export interface MembersOptions {
  kv: Deno.Kv;
  config: RegistryConfig;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
  /** Hears how long it took to work out where an agent's dependencies lead, seconds. */
  onResolved?: (seconds: number) => void;
}

/** Hears of agents that a change concerns. */
export type MarkListener = (entries: ReadonlySet<Entry>) => void;

/** The agents of the mesh. */
export class Members {
  readonly snapshot: Snapshot;
  readonly store: Store;
  readonly replica: Replica;
  readonly #config: RegistryConfig;
  readonly #now: () => number;
  readonly #log: (line: string) => void;
  readonly #liveness: Liveness;
  readonly #silence: Silence;
  readonly #beats: Beats;
  readonly #resolve: Resolve;
  readonly #tokens = new InstanceTokens();
  readonly #markListeners = new Set<MarkListener>();

  private constructor({ kv, config, now, log, onResolved }: MembersOptions) {
    const snapshot = new Snapshot((entries) => {
      for (const listener of this.#markListeners) listener(entries);
    });
    const store = new Store(kv);
    const liveness = new Liveness(config.thresholdMs);
    const replica = new Replica({ snapshot, store, liveness });
    this.snapshot = snapshot;
    this.store = store;
    this.replica = replica;
    this.#config = config;
    this.#now = now;
    this.#log = log;
    this.#resolve = onResolved === undefined ? resolveAgent : timed(onResolved);
    this.#liveness = liveness;
    this.#silence = new Silence({ snapshot, replica, liveness, now, log });
    this.#beats = new Beats({ snapshot, store, log, agingMs: beatAging(config) });
  }

  /**
   * The agents a database has. Those silent since long before now are given up at once; the others
   * have the whole threshold to be heard of.
   */
  static async load(options: MembersOptions): Promise<Members> {
    const members = new Members(options);
    await members.replica.load(options.now());
    await members.#silence.observeAtStart();
    return members;
  }

  /**
   * Calls a listener with the agents whose health or wiring a change has, or may have, altered.
   *
   * @returns Ends that.
   */
  onMarked(listener: MarkListener): () => void {
    this.#markListeners.add(listener);
    return () => this.#markListeners.delete(listener);
  }

  /**
   * Looks at the clock: gives up who has been silent for too long, trusts again who was suspect for
   * long enough. Returns the time it saw.
   */
  async observe(): Promise<number> {
    this.#forgive(this.#now());
    return await this.#silence.observe();
  }

  #forgive(now: number): void {
    for (const entry of this.snapshot.suspects()) {
      if (entry.suspectUntil <= now) this.snapshot.setSuspect(entry, 0);
    }
  }

  /** Takes over what other instances have done. */
  async follow(): Promise<void> {
    await this.replica.follow();
  }

  /** Takes over what other instances have heard, before it is needed. */
  async listen(): Promise<void> {
    await this.#silence.listen();
  }

  /**
   * Whether somebody may speak for an agent.
   *
   * @param token That of the instance, if one is shown.
   */
  isHolder(id: string, token: string | undefined): boolean {
    const entry = this.snapshot.get(id);
    return entry === undefined || this.#tokens.isHolder(entry, token);
  }

  /**
   * An agent says it is there.
   *
   * @param token That of the instance, if it shows one.
   */
  beat(id: string, token?: string): Beat | Promise<Beat> {
    const now = this.#now();
    this.#forgive(now);
    const entry = this.snapshot.get(id);
    if (entry?.isPresent !== true || entry.stale || entry.changed) return this.#beat(id, token);
    if (!this.#silence.isQuiet(now) || !this.#tokens.isHolder(entry, token)) {
      return this.#beat(id, token);
    }
    this.#touch(entry, now);
    return this.#beats.kept ? "current" : "unkept";
  }

  async #beat(id: string, token: string | undefined): Promise<Beat> {
    const now = await this.observe();
    const isHappy = () => {
      const entry = this.snapshot.get(id);
      return entry?.isPresent === true && this.#tokens.isHolder(entry, token) &&
        !this.isRewired(entry);
    };
    if (!isHappy()) {
      try {
        await this.replica.follow();
      } catch (error) {
        this.#log(`could not look for changes: ${error}`);
        return "unkept";
      }
    }
    const entry = this.snapshot.get(id);
    // Whose id another instance has is gone from the mesh, and learns more when it registers.
    if (entry?.isPresent !== true || !this.#tokens.isHolder(entry, token)) return "gone";
    this.#touch(entry, now);
    if (!this.#beats.kept) return "unkept";
    return this.isRewired(entry) ? "changed" : "current";
  }

  /** Whether an agent's wiring differs from what it was told. */
  isRewired(entry: Entry): boolean {
    if (!entry.stale || entry.changed) return entry.changed;
    const outcome = wired(this.snapshot.pass(), entry, this.#resolve);
    entry.stale = false;
    // Why there is no wiring any more is told when it registers again.
    entry.changed = "refused" in outcome ||
      digestOf(outcome.response) !== entry.answered?.digest;
    return entry.changed;
  }

  #touch(entry: Entry, now: number): void {
    this.#liveness.touch(entry, now);
    this.#beats.add(entry.id);
  }

  /**
   * An agent tells everything about itself, for the first time or again.
   *
   * @param by Who does, and the token of the instance if it has one.
   * @throws When the database does not take it; then nothing has changed.
   */
  async register(
    message: Registration,
    { token, isRemote = false }: { token?: string | undefined; isRemote?: boolean } = {},
  ): Promise<Registered> {
    const now = await this.observe();
    await this.replica.follow();
    const holder = token === undefined ? undefined : this.#tokens.digest(token);
    const registrant: Registrant = { isRemote, holder };
    const foreign = this.#foreign(message.agent_id, token);
    if (foreign !== undefined) return foreign;
    if (message.observed_failures?.length) {
      await this.#report(message.agent_id, message.observed_failures);
    }
    const entry = this.snapshot.get(message.agent_id);
    const isSteady = entry?.isPresent === true && !entry.suspect && !this.isRewired(entry) &&
      sameHealth(entry.health, reportedHealth(message));
    if (isSteady) {
      const { holder } = entry.record;
      const accepted = acceptRegistration(entry.record, message, now, { ...registrant, holder });
      if ("refused" in accepted) return accepted;
      if (digestOf(accepted.record) === entry.digest) {
        this.#touch(entry, now);
        const outcome = wired(this.snapshot.pass(), entry, this.#resolve);
        if ("refused" in outcome) return outcome;
        const { response } = outcome;
        return { created: false, response, warnings: accepted.warnings, entry };
      }
    }
    return await this.replica.decide((): Decision<Registered> => {
      const plan = this.#foreign(message.agent_id, token) ?? planRegistration(
        this.snapshot,
        message,
        registrant,
        this.#now(),
        this.#resolve,
      );
      if ("refused" in plan) return { changes: [], at: now, apply: () => plan };
      return {
        changes: plan.changes,
        at: plan.at,
        apply: () => {
          const registered = settleRegistration(this.snapshot, plan);
          this.#touch(registered.entry, plan.at);
          return registered;
        },
      };
    });
  }

  /** The refusal of somebody who may not speak for an agent. */
  #foreign(id: string, token: string | undefined): { readonly refused: string } | undefined {
    const entry = this.snapshot.get(id);
    if (entry === undefined || this.#tokens.isHolder(entry, token)) return undefined;
    return { refused: heldText(entry) };
  }

  /** A consumer could not reach some of its providers: they come last until they are trusted again. */
  async #report(id: string, failures: readonly ObservedFailure[]): Promise<void> {
    await this.replica.decide(() => {
      const now = this.#now();
      const reporter = this.snapshot.get(id);
      const changes = reporter === undefined
        ? []
        : reportedFailures(this.snapshot, reporter, failures, now).slice(0, CHANGES_A_COMMIT);
      return {
        changes,
        at: now,
        apply: () => {
          for (const { record, life } of changes) {
            const entry = this.snapshot.get(record.id);
            if (entry !== undefined) this.snapshot.setSuspect(entry, life?.suspectUntil ?? 0);
          }
        },
      };
    });
  }

  /** Adds to an agent's history. */
  async tell(entry: Entry, happenings: readonly happening.Happening[]): Promise<void> {
    await this.replica.decide(() => ({
      changes: [{ record: entry.record, happenings }],
      at: this.#now(),
      apply: () => {},
    }));
  }

  /**
   * An agent says goodbye. It stays listed, dead, until the sweep. Unknown ids are fine.
   *
   * @param by The token of the instance, if one is shown; operators need none.
   * @returns Why it stays, if it does.
   */
  async unregister(
    id: string,
    { token, isOperator = false }: { token?: string | undefined; isOperator?: boolean } = {},
  ): Promise<{ readonly refused: string } | undefined> {
    await this.observe();
    await this.replica.follow();
    return await this.replica.decide(() => {
      const entry = this.snapshot.get(id);
      const at = this.#now();
      const foreign = isOperator ? undefined : this.#foreign(id, token);
      if (entry === undefined || foreign) return { changes: [], at, apply: () => foreign };
      const { record, lifeOver: life } = entry;
      return {
        changes: [{
          record,
          life,
          happenings: [happening.unregistered(record)],
        }],
        at,
        apply: () => {
          this.snapshot.setStatus(entry, "unhealthy");
          return undefined;
        },
      };
    });
  }

  /** Writes all beats since the last time, and what could not be written before. */
  async flush(): Promise<void> {
    await this.#beats.flush();
    await this.#record();
  }

  /** Writes the beats that must not wait any longer, and what could not be written before. */
  async flushAged(): Promise<void> {
    await this.#beats.flushAged();
    await this.#record();
  }

  async #record(): Promise<void> {
    if (!this.#beats.kept) return;
    try {
      await this.#silence.record();
    } catch (error) {
      this.#log(`could not record silent agents: ${error}`);
    }
  }

  /**
   * Forgets agents that have been dead for long, and the oldest of what happened; unless another
   * instance is at it.
   */
  async sweep(): Promise<void> {
    const now = await this.observe();
    const { snapshot, store, replica } = this;
    await sweep({ snapshot, store, replica, config: this.#config }, now);
  }

  /** Resolves when all writes decided so far are done. */
  async settled(): Promise<void> {
    await this.replica.settled();
  }
}

/** Resolution that says how long it took. */
function timed(onResolved: (seconds: number) => void): Resolve {
  return (pass, entry) => {
    const begun = performance.now();
    const wiring = resolveAgent(pass, entry);
    onResolved((performance.now() - begun) / 1_000);
    return wiring;
  };
}

/** How old the last beat in the database may become while an agent beats, milliseconds. */
function beatAging({ thresholdMs }: RegistryConfig): number {
  return Math.min(thresholdMs / 4, BEAT_AGING_MAX_MS);
}
