/**
 * The directory as it would be with one more registration: what an agent is told is decided, and
 * committed together with its registration, before anyone sees either.
 *
 * @module
 */
import type { Candidate, Directory } from "../../runtime/protocol/resolve/model.ts";
import { byFirstRegistration, type Entry } from "./entry.ts";

/** The directory as it is. */
interface Present {
  get(id: string): Entry | undefined;
  providers(capability: string): readonly Candidate[];
  entries(): Iterable<Entry>;
}

/** A snapshot with an agent added, or in place of the one with its id. */
export class Preview implements Directory {
  readonly #snapshot: Present;
  readonly #entry: Entry;
  /** What the agent offers, by capability. */
  readonly #own: ReadonlyMap<string, readonly Candidate[]>;

  constructor(snapshot: Present, entry: Entry) {
    this.#snapshot = snapshot;
    this.#entry = entry;
    this.#own = Map.groupBy(entry.candidates, ({ tool }) => tool.capability);
  }

  providers(capability: string): readonly Candidate[] {
    const present = this.#snapshot.providers(capability);
    const own = this.#own.get(capability) ?? [];
    const others = this.#snapshot.get(this.#entry.id) === undefined
      ? present
      : present.filter(({ agent }) => agent.id !== this.#entry.id);
    if (own.length === 0) return others;
    const at = others.findLastIndex(({ agent }) => this.#isBefore(agent.id)) + 1;
    return others.toSpliced(at, 0, ...own);
  }

  *tools(): Generator<Candidate> {
    let pending = true;
    for (const entry of this.#snapshot.entries()) {
      if (pending && byFirstRegistration(entry, this.#entry) >= 0) {
        pending = false;
        yield* this.#entry.candidates;
      }
      if (entry.id !== this.#entry.id) yield* entry.candidates;
    }
    if (pending) yield* this.#entry.candidates;
  }

  #isBefore(id: string): boolean {
    const other = this.#snapshot.get(id);
    return other !== undefined && byFirstRegistration(other, this.#entry) < 0;
  }
}
