/**
 * This instance's copy of the directory, and the only way to change the directory: any number of
 * instances share one database, and none of them knows more than the database says.
 *
 * A decision is made over the copy, committed only if the database is where the copy is, and applied
 * to the copy then. Where another instance was faster, what it did is read and the decision made
 * again.
 *
 * @module
 */
import { sleep } from "../../runtime/base/sleep.ts";
import { Entry } from "./entry.ts";
import type { Liveness } from "./liveness.ts";
import type { Snapshot } from "./snapshot.ts";
import type { AgentChange, News, Store, StoredAgent } from "./store.ts";
import { Turns } from "./turns.ts";

/** What is to become of the directory. */
export interface Decision<Result> {
  /** At most `CHANGES_A_COMMIT` of them; none needs no commit. */
  readonly changes: readonly AgentChange[];
  /** When it is made, milliseconds since the epoch. */
  readonly at: number;
  /** Makes the copy what the database is now. */
  apply(): Result;
}

/** What {@linkcode Replica} keeps together. */
export interface ReplicaOptions {
  snapshot: Snapshot;
  store: Store;
  liveness: Liveness;
}

/** Others may commit first, but not this often. */
const ATTEMPTS = 100;
/** Losers wait up to this much longer each time, milliseconds, so that all get their turn. */
const STEP_BACK_MS = 2;

/** A copy of the directory that is kept up with the database. */
export class Replica {
  readonly #snapshot: Snapshot;
  readonly #store: Store;
  readonly #liveness: Liveness;
  readonly #turns = new Turns();
  #looking: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  readonly #listeners = new Set<() => void>();

  constructor({ snapshot, store, liveness }: ReplicaOptions) {
    this.#snapshot = snapshot;
    this.#store = store;
    this.#liveness = liveness;
  }

  /**
   * Takes over all the database has. While no instance was there to hear anybody, nobody was silent:
   * the time since the last beat of all is no one's silence, unless it is as short as the time
   * between beats.
   */
  async load(now: number): Promise<void> {
    const agents = await this.#store.load();
    const lastBeat = agents.reduce((latest, { life }) => Math.max(latest, life.seen), -Infinity);
    const quiet = now - lastBeat;
    const unattended = quiet > this.#liveness.thresholdMs / 2 ? quiet : 0;
    for (const { record, life, answered } of agents) {
      const entry = new Entry(record, life);
      entry.answered = answered;
      this.#snapshot.put(entry);
      if (entry.isPresent) this.#liveness.grant(entry, life.seen + unattended);
    }
  }

  /** Catches up with every change committed before this call. */
  follow(): Promise<void> {
    if (this.#looking === undefined) {
      return this.#looking = this.#look().finally(() => this.#looking = undefined);
    }
    // The look under way may have begun too early for this caller: one more serves all who wait.
    return this.#next ??= this.#looking.catch(() => {}).then(() => {
      this.#next = undefined;
      return this.follow();
    });
  }

  /** Takes over what other instances have heard of these agents. */
  async hear(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    const seen = await this.#store.seen(entries.map(({ id }) => id));
    for (const entry of entries) {
      const then = seen.get(entry.id);
      if (then !== undefined && then > entry.seen) this.#liveness.touch(entry, then);
    }
  }

  /**
   * Changes the directory.
   *
   * @param decide Looks at the snapshot, and only at that; called again when it was out of date.
   * @throws When the database does not take it; then nothing has changed here.
   */
  async decide<Result>(decide: () => Decision<Result>): Promise<Result> {
    return await this.#turns.take(async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const { changes, at, apply } = decide();
        if (changes.length === 0) return apply();
        if (await this.#store.change(changes, at)) {
          const result = apply();
          this.#tell();
          return result;
        }
        if (attempt > 0) await sleep(Math.random() * STEP_BACK_MS * attempt);
        await this.#catchUp();
      }
      throw new Error(`other instances were faster ${ATTEMPTS} times in a row`);
    });
  }

  /** Calls `listener` after every change of the directory, until what it returns is called. */
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when all that was decided so far is done. */
  async settled(): Promise<void> {
    await this.#turns.idle();
  }

  async #look(): Promise<void> {
    if (await this.#store.latest() === this.#store.epoch) return;
    await this.#turns.take(() => this.#catchUp());
  }

  async #catchUp(): Promise<void> {
    const news = await this.#store.news();
    if (news === undefined) return;
    this.#apply(news);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #apply({ everything, agents }: News): void {
    for (const [id, stored] of agents) {
      if (stored !== undefined) this.#take(stored);
      else this.#drop(this.#snapshot.get(id));
    }
    if (!everything) return;
    for (const entry of [...this.#snapshot.entries()]) {
      if (!agents.has(entry.id)) this.#drop(entry);
    }
  }

  #drop(entry: Entry | undefined): void {
    if (entry !== undefined) this.#snapshot.delete(entry);
  }

  #take({ record, life, answered }: StoredAgent): void {
    const before = this.#snapshot.get(record.id);
    const after = new Entry(record, life);
    const same = before?.digest === after.digest;
    const entry = same ? before : after;
    if (same) {
      this.#snapshot.setStatus(before, life.status, life.health);
      this.#snapshot.setSuspect(before, life.suspectUntil ?? 0);
      if (answered?.digest !== before.answered?.digest) {
        before.listed = undefined;
        before.stale = true;
        before.changed = false;
      }
    } else {
      if (before !== undefined) after.seen = Math.max(after.seen, before.seen);
      this.#snapshot.put(after);
    }
    entry.answered = answered;
    if (entry.isPresent) this.#liveness.touch(entry, life.seen);
  }
}
