/**
 * Giving up agents that have gone silent: what liveness finds here is held against what other
 * instances have heard, and recorded once, however many instances look.
 *
 * @module
 */
import type { Entry } from "./entry.ts";
import { type Happening, lapsed, staleAtStart } from "./events.ts";
import { type Liveness, STALE_AT_START_MS } from "./liveness.ts";
import type { Replica } from "./replica.ts";
import type { Snapshot } from "./snapshot.ts";
import { CHANGES_A_COMMIT } from "./store.ts";

/** What {@linkcode Silence} works with. */
export interface SilenceOptions {
  snapshot: Snapshot;
  replica: Replica;
  liveness: Liveness;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about something an operator should know. */
  log: (line: string) => void;
}

/** Looks for silent agents. */
export class Silence {
  readonly #options: SilenceOptions;
  /** Given up while the database took no writes. */
  readonly #unrecorded = new Set<string>();
  #looking: Promise<void> | undefined;

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** Whether a look at this moment would find nothing. */
  isQuiet(now: number): boolean {
    return this.#looking === undefined && this.#options.liveness.isQuiet(now);
  }

  /** Gives up who has been silent for too long. Returns the time it saw. */
  async observe(): Promise<number> {
    const now = this.#options.now();
    if (!this.isQuiet(now)) {
      await (this.#looking ??= this.#look(now).finally(() => this.#looking = undefined));
    }
    return now;
  }

  /** Gives up who was silent long before this instance started. */
  async observeAtStart(): Promise<void> {
    const { snapshot, now } = this.#options;
    const isStale = ({ isPresent, seen }: Entry) => isPresent && seen < now() - STALE_AT_START_MS;
    await this.#giveUp(
      snapshot.entries().filter(isStale),
      isStale,
      ({ record, status, seen }) => staleAtStart(record, status, seen, STALE_AT_START_MS),
    );
  }

  /** Takes over what other instances have heard, before it is needed. */
  async listen(): Promise<void> {
    const { snapshot, replica, liveness, now } = this.#options;
    await replica.hear(liveness.unheard(snapshot.entries(), now()));
  }

  /** Records those given up while the database took no writes. */
  async record(): Promise<void> {
    if (this.#unrecorded.size === 0) return;
    const { snapshot, replica, now } = this.#options;
    const at = now();
    await replica.decide(() => {
      const ids = [...this.#unrecorded].slice(0, CHANGES_A_COMMIT);
      const dead = ids.flatMap((id) => snapshot.get(id) ?? [])
        .filter(({ status }) => status === "unhealthy");
      return {
        changes: dead.map(({ record, life }) => ({
          record,
          life,
          happenings: [lapsed("healthy", at)],
        })),
        at,
        apply: () => ids.forEach((id) => this.#unrecorded.delete(id)),
      };
    });
  }

  async #look(now: number): Promise<void> {
    const { snapshot, replica, liveness, log } = this.#options;
    const silent = liveness.lapsed(snapshot.entries(), now);
    const isSilent = ({ isPresent, deadline }: Entry) => isPresent && deadline < now;
    try {
      await replica.hear(silent);
      await this.#giveUp(silent.filter(isSilent), isSilent, ({ status }) => lapsed(status, now));
    } catch (error) {
      log(`could not record silent agents: ${error}`);
      const left = silent.filter(isSilent);
      left.forEach(({ id }) => this.#unrecorded.add(id));
      this.#lose(left);
    }
  }

  async #giveUp(
    entries: readonly Entry[],
    isSilent: (entry: Entry) => boolean,
    happeningOf: (entry: Entry) => Happening,
  ): Promise<void> {
    const { snapshot, replica, now } = this.#options;
    for (let start = 0; start < entries.length; start += CHANGES_A_COMMIT) {
      const ids = entries.slice(start, start + CHANGES_A_COMMIT).map(({ id }) => id);
      await replica.decide(() => {
        const silent = ids.flatMap((id) => snapshot.get(id) ?? []).filter(isSilent);
        return {
          changes: silent.map((entry) => ({
            record: entry.record,
            life: entry.lifeOver,
            // It had said itself that it is unhealthy.
            happenings: entry.status === "unhealthy" ? [] : [happeningOf(entry)],
          })),
          at: now(),
          apply: () => this.#lose(silent),
        };
      });
    }
  }

  #lose(entries: readonly Entry[]): void {
    const { snapshot, log } = this.#options;
    const offered = entries.filter(({ status }) => status !== "unhealthy");
    for (const entry of entries) snapshot.setStatus(entry, "unhealthy");
    const capabilities = new Set(
      offered.flatMap(({ candidates }) => candidates.map(({ tool }) => tool.capability)),
    );
    const lost = [...capabilities].filter((capability) =>
      snapshot.providers(capability).every(({ agent }) => agent.status !== "healthy")
    );
    if (lost.length > 0) log(`no healthy provider is left of: ${lost.sort().join(", ")}`);
  }
}
