/**
 * Who has gone silent. Derived from when agents were last heard of, at any moment: no scan is
 * needed for answers to be right, scans only make sure that someone looks when nobody asks.
 *
 * @module
 */
import type { Entry } from "./entry.ts";

/** Silence before a registry's start that makes an agent dead at once: 30 s, whatever is set. */
export const STALE_AT_START_MS = 30_000;

/** The deadlines of all agents. */
export class Liveness {
  /**
   * No healthy agent's deadline is earlier than this. Beats only move deadlines later, so it
   * stays true without being kept exact, and looking is free until this time has passed.
   */
  #earliest = Infinity;

  /** @param thresholdMs Silence after which an agent counts as unhealthy. */
  constructor(readonly thresholdMs: number) {}

  /** An agent was heard of; an earlier moment than the last known changes nothing. */
  touch(entry: Entry, then: number): void {
    entry.seen = Math.max(entry.seen, then);
    this.grant(entry, then);
  }

  /** An agent has the whole threshold from then, though nothing was heard of it. */
  grant(entry: Entry, then: number): void {
    entry.deadline = Math.max(entry.deadline, then + this.thresholdMs);
    this.#earliest = Math.min(this.#earliest, entry.deadline);
  }

  /** Whether nobody can have gone silent by now. */
  isQuiet(now: number): boolean {
    return now <= this.#earliest;
  }

  /** The agents not heard of for half the threshold: another instance may have heard of them. */
  unheard(entries: Iterable<Entry>, now: number): Entry[] {
    const limit = now - this.thresholdMs / 2;
    return [...entries].filter(({ isPresent, seen }) => isPresent && seen < limit);
  }

  /** The agents that have been silent for longer than the threshold. */
  lapsed(entries: Iterable<Entry>, now: number): Entry[] {
    if (this.isQuiet(now)) return [];
    const lapsed: Entry[] = [];
    this.#earliest = Infinity;
    for (const entry of entries) {
      if (!entry.isPresent) continue;
      if (entry.deadline < now) lapsed.push(entry);
      else this.#earliest = Math.min(this.#earliest, entry.deadline);
    }
    return lapsed;
  }
}
