/**
 * One thing at a time: every write to the directory waits for the one before it, so that what is
 * checked still holds when it is committed, and commits happen in the order of their decisions.
 *
 * @module
 */

/** A queue of asynchronous steps that never overlap. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `step` after all steps queued before it; a failed step does not hold up the next. */
  take<Result>(step: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(step);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when everything queued so far is done. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
