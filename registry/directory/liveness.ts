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

  /** An agent was heard of. */
  touch(entry: Entry, now: number): void {
    entry.seen = now;
    this.grant(entry, now);
  }

  /** An agent has the whole threshold from now, though nothing was heard of it. */
  grant(entry: Entry, now: number): void {
    entry.deadline = now + this.thresholdMs;
    this.#earliest = Math.min(this.#earliest, entry.deadline);
  }

  /** The healthy agents that have been silent for longer than the threshold. */
  lapsed(entries: Iterable<Entry>, now: number): Entry[] {
    if (now <= this.#earliest) return [];
    const lapsed: Entry[] = [];
    this.#earliest = Infinity;
    for (const entry of entries) {
      if (entry.status === "unhealthy") continue;
      if (entry.deadline < now) lapsed.push(entry);
      else this.#earliest = Math.min(this.#earliest, entry.deadline);
    }
    return lapsed;
  }
}
