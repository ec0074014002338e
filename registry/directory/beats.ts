/**
 * Beats on their way into the database: collected, and written together.
 *
 * @module
 */
import type { Entry } from "./entry.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Store } from "./store.ts";
import { Turns } from "./turns.ts";

/** What {@linkcode Beats} works with. */
export interface BeatsOptions {
  /** How old the last beat in the database may become while an agent beats, milliseconds. */
  agingMs: number;
  snapshot: Snapshot;
  store: Store;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

/** The beats since the last time they were written. */
export class Beats {
  readonly #options: BeatsOptions;
  readonly #turns = new Turns();
  readonly #beaten = new Set<string>();
  #kept = true;

  constructor(options: BeatsOptions) {
    this.#options = options;
  }

  /** Whether the database took the last beats. */
  get kept(): boolean {
    return this.#kept;
  }

  /** Notes that an agent was heard of. */
  add(id: string): void {
    this.#beaten.add(id);
  }

  /** Writes the beats since the last time; those the database does not take stay for the next. */
  async flush(): Promise<void> {
    await this.#write(() => true);
  }

  /** Writes the beats of those whose last one in the database has become old. */
  async flushAged(): Promise<void> {
    const { agingMs } = this.#options;
    await this.#write(({ seen, written }) => !this.#kept || seen - written >= agingMs);
  }

  async #write(isDue: (entry: Entry) => boolean): Promise<void> {
    if (this.#beaten.size === 0) return await this.#turns.idle();
    const { snapshot, store, log } = this.#options;
    await this.#turns.take(async () => {
      const due: Entry[] = [];
      for (const id of this.#beaten) {
        const entry = snapshot.get(id);
        if (entry !== undefined && !isDue(entry)) continue;
        this.#beaten.delete(id);
        if (entry !== undefined) due.push(entry);
      }
      if (due.length === 0) return;
      const times = due.map(({ seen }) => seen);
      try {
        await store.beats(due);
        due.forEach((entry, index) => entry.written = times[index] ?? entry.written);
        this.#kept = true;
      } catch (error) {
        for (const { id } of due) this.#beaten.add(id);
        if (this.#kept) {
          log(`could not write ${due.length} beats: ${error}; trying again until it works`);
        }
        this.#kept = false;
      }
    });
  }
}
