/**
 * Calls that carry an idempotency key run once: those that come again get the outcome of the first.
 * What is known of them ends with the process; a call that its caller sent before that is refused when
 * it comes again, because it may have run.
 *
 * @module
 */
import { MeshError } from "./errors.ts";
import type { Outcome } from "./mcp/result.ts";

/** The header that names a call, so that it runs once (draft-ietf-httpapi-idempotency-key-header). */
export const IDEMPOTENCY_HEADER = "idempotency-key";
/** The header of a call that is sent again under its key: milliseconds since it was sent first. */
export const RESENT_HEADER = "x-mesh-resent";

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
  /** Since when every call that came is known. */
  #completeSince: number;

  /** @param now Milliseconds, monotonic. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#completeSince = now();
  }

  /**
   * The outcome of the call with this key, run unless it ran already.
   *
   * @param run Runs it; what it rejects with is not kept.
   * @param ageMs Of a call that is sent again, milliseconds since it was sent first.
   * @throws {MeshError} `interrupted` when it may have run in a time that is not remembered.
   */
  async once(
    tool: string,
    key: string,
    run: () => Promise<Outcome>,
    ageMs?: number,
  ): Promise<Outcome> {
    const now = this.#now();
    this.#forget(now);
    const name = `${tool}\n${key}`;
    const known = this.#outcomes.get(name);
    if (known !== undefined) return await known.outcome;
    if (ageMs !== undefined && now - ageMs <= this.#completeSince) {
      throw new MeshError(
        "interrupted",
        `${tool} was called with this idempotency key ${ageMs} ms ago, before this agent's memory ` +
          "of such calls begins; it may have run",
      );
    }
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
      this.#completeSince = Math.max(this.#completeSince, at);
    }
  }
}
