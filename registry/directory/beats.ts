/**
 * Beats on their way into the database: collected, and written together.
 *
 * @module
 */
import type { Snapshot } from "./snapshot.ts";
import type { Store } from "./store.ts";
import { Turns } from "./turns.ts";

/** What {@linkcode Beats} works with. */
export interface BeatsOptions {
  snapshot: Snapshot;
  store: Store;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

/** The beats since the last time they were written. */
export class Beats {
  readonly #options: BeatsOptions;
  readonly #turns = new Turns();
  #beaten = new Set<string>();
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
    if (this.#beaten.size === 0) return await this.#turns.idle();
    const { snapshot, store, log } = this.#options;
    await this.#turns.take(async () => {
      const beaten = this.#beaten;
      this.#beaten = new Set();
      try {
        await store.beats([...beaten].flatMap((id) => snapshot.get(id) ?? []));
        this.#kept = true;
      } catch (error) {
        this.#beaten = this.#beaten.union(beaten);
        this.#kept = false;
        log(`could not write ${beaten.size} beats: ${error}`);
      }
    });
  }
}
