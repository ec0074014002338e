/**
 * An allowance over time: so much a second on average, and at once what was not used for a while.
 *
 * @module
 */

/** Seconds whose allowance may be used at once. */
const BURST_SECONDS = 2;

/** An allowance that fills up as time passes. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /**
   * @param perSecond 0 is no limit.
   * @param now Milliseconds since the epoch.
   */
  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = perSecond * BURST_SECONDS;
    this.#filledAt = now();
  }

  /**
   * Takes `count` tokens, if they are there; a full bucket gives any number.
   *
   * @returns Milliseconds until they will be there; 0 when they were taken.
   */
  take(count: number): number {
    if (this.#perSecond === 0) return 0;
    const full = this.#perSecond * BURST_SECONDS;
    const now = this.#now();
    const passed = Math.max(0, now - this.#filledAt) / 1_000;
    this.#tokens = Math.min(full, this.#tokens + passed * this.#perSecond);
    this.#filledAt = now;
    const wanted = Math.min(count, full);
    if (this.#tokens < wanted) return Math.ceil((wanted - this.#tokens) / this.#perSecond * 1_000);
    this.#tokens -= count;
    return 0;
  }
}
