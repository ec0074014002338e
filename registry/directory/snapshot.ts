/**
 * The directory in memory: what every answer of this instance is made from. It holds agents and
 * their indexes and marks those whose wiring a change may alter; it decides nothing about time and
 * stores nothing.
 *
 * @module
 */
import type { AgentStatus, Candidate, Directory } from "../../runtime/protocol/resolve/model.ts";
import { Pass } from "../../runtime/protocol/resolve/availability.ts";
import { KnownSchemas } from "../../runtime/protocol/resolve/known_schemas.ts";
import { ParsedVersions } from "../../runtime/protocol/resolve/parsed_versions.ts";
import type { Known } from "../../runtime/protocol/resolve/requirement.ts";
import { changedCapabilities } from "./change.ts";
import { Consumers } from "./consumers.ts";
import { byFirstRegistration, type Entry } from "./entry.ts";
import { type Health, sameHealth } from "./health.ts";
import { Preview } from "./preview.ts";

/** All agents, in order of first registration, with an index by capability. */
export class Snapshot implements Directory {
  readonly #byId = new Map<string, Entry>();
  #ordered: Entry[] = [];
  readonly #providers = new Map<string, Candidate[]>();
  readonly #consumers = new Consumers();
  readonly #suspects = new Set<Entry>();
  readonly #marked: (entries: ReadonlySet<Entry>) => void;
  #pass: Pass | undefined;
  /** Parsed texts and schemas of agents, kept across changes. */
  readonly known: Known = { versions: new ParsedVersions(), schemas: new KnownSchemas() };

  /** @param marked Told of agents whose health or wiring a change has, or may have, altered. */
  constructor(marked: (entries: ReadonlySet<Entry>) => void = () => {}) {
    this.#marked = marked;
  }

  /** The agent with this id. */
  get(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /** All agents, in order of first registration. */
  entries(): readonly Entry[] {
    return this.#ordered;
  }

  providers(capability: string): readonly Candidate[] {
    return this.#providers.get(capability) ?? [];
  }

  *tools(): Generator<Candidate> {
    for (const entry of this.#ordered) yield* entry.candidates;
  }

  /** The evaluation of the present state, shared by all answers until the next change. */
  pass(): Pass {
    return this.#pass ??= new Pass(this, this.known);
  }

  /** Evaluates the state with one more agent, or with it in place of the one with its id. */
  passWith(entry: Entry): Pass {
    return new Pass(new Preview(this, entry), this.known);
  }

  /** Those that are suspect. */
  suspects(): Iterable<Entry> {
    return this.#suspects;
  }

  /** Adds an agent, or replaces the one with its id, and marks whom that concerns. */
  put(entry: Entry): void {
    const before = this.#byId.get(entry.id);
    if (before !== undefined) this.#unindex(before);
    this.#byId.set(entry.id, entry);
    this.#index(entry);
    this.#mark(changedCapabilities(before, entry));
  }

  /** Forgets an agent and marks whom that concerns. */
  delete(entry: Entry): void {
    this.#unindex(entry);
    this.#byId.delete(entry.id);
    this.#mark(changedCapabilities(entry, undefined));
  }

  /**
   * Changes how an agent is and marks whom that concerns.
   *
   * @param health What it says of itself, when it is not well.
   */
  setStatus(entry: Entry, status: AgentStatus, health?: Health): void {
    if (!sameHealth(entry.health, health)) entry.listed = undefined;
    entry.health = health;
    if (entry.status === status) return;
    entry.status = status;
    entry.listed = undefined;
    this.#mark(capabilitiesOf(entry));
    this.#marked(new Set([entry]));
  }

  /**
   * Makes an agent suspect, or not, and marks whom that concerns.
   *
   * @param until Until when it is, milliseconds since the epoch; 0 when it is not.
   */
  setSuspect(entry: Entry, until: number): void {
    const suspect = until > 0;
    entry.suspectUntil = until;
    if (entry.suspect === suspect) return;
    entry.suspect = suspect;
    if (suspect) this.#suspects.add(entry);
    else this.#suspects.delete(entry);
    this.#mark(capabilitiesOf(entry));
  }

  #mark(capabilities: Iterable<string>): void {
    this.#pass = undefined;
    const concerned = this.#consumers.concernedBy(capabilities);
    for (const entry of concerned) {
      entry.stale = true;
      entry.listed = undefined;
    }
    if (concerned.size > 0) this.#marked(concerned);
  }

  #index(entry: Entry): void {
    this.#ordered.splice(position(this.#ordered, entry), 0, entry);
    this.#consumers.add(entry);
    if (entry.suspect) this.#suspects.add(entry);
    for (const [capability, own] of Map.groupBy(entry.candidates, capabilityOf)) {
      const others = this.#providers.get(capability) ?? [];
      const at = others.findLastIndex(({ agent }) => this.#isBefore(agent.id, entry)) + 1;
      this.#providers.set(capability, others.toSpliced(at, 0, ...own));
    }
  }

  #isBefore(id: string, entry: Entry): boolean {
    const other = this.#byId.get(id);
    return other !== undefined && byFirstRegistration(other, entry) < 0;
  }

  #unindex(entry: Entry): void {
    this.#ordered.splice(position(this.#ordered, entry), 1);
    this.#consumers.delete(entry);
    this.#suspects.delete(entry);
    for (const capability of new Set(entry.candidates.map(capabilityOf))) {
      const others = this.providers(capability).filter(({ agent }) => agent !== entry);
      if (others.length > 0) this.#providers.set(capability, others);
      else this.#providers.delete(capability);
    }
  }
}

function capabilitiesOf(entry: Entry): string[] {
  return entry.candidates.map(capabilityOf);
}

function capabilityOf({ tool }: Candidate): string {
  return tool.capability;
}

/** Where an entry stands, or would stand, in an ordered list. */
function position(ordered: readonly Entry[], entry: Entry): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = ordered[middle];
    if (other !== undefined && byFirstRegistration(other, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
