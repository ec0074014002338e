/**
 * Calls that carry an idempotency key run once: those that come again get the outcome of the first.
 *
 * @module
 */
import type { Outcome } from "./mcp/result.ts";

/** How long an outcome is kept, in milliseconds. */
const KEEP_MS = 10 * 60_000;
/** Most outcomes kept; the oldest go first. */
const MOST_KEPT = 1_024;

/** The outcomes of one agent's calls, by tool and key. */
export class Idempotency {
  readonly #outcomes = new Map<
    string,
    { readonly at: number; readonly outcome: Promise<Outcome> }
  >();
  readonly #now: () => number;

  /** @param now Milliseconds, monotonic. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * The outcome of the call with this key, run unless it ran already.
   *
   * @param run Runs it; what it rejects with is not kept.
   */
  async once(tool: string, key: string, run: () => Promise<Outcome>): Promise<Outcome> {
    const now = this.#now();
    this.#forget(now);
    const name = `${tool}\n${key}`;
    const known = this.#outcomes.get(name);
    if (known !== undefined) return await known.outcome;
    const outcome = run();
    this.#outcomes.set(name, { at: now, outcome });
    try {
      return await outcome;
    } catch (error) {
      this.#outcomes.delete(name);
      throw error;
    }
  }

  #forget(now: number): void {
    // In order of age, as a map keeps them.
    for (const [name, { at }] of this.#outcomes) {
      if (now - at < KEEP_MS && this.#outcomes.size < MOST_KEPT) return;
      this.#outcomes.delete(name);
    }
  }
}
