/**
 * One thing at a time: every write to the directory waits for the one before it, so that what is
 * checked still holds when it is committed, and commits happen in the order of their decisions.
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";

/** Work that steps do one after the other before whatever else has come is heard, milliseconds. */
const BREATH_MS = 20;

/** A queue of asynchronous steps that never overlap. */
export class Turns {
  readonly #now: () => number;
  #last: Promise<unknown> = Promise.resolve();
  /** Work that was done since others were heard, milliseconds. */
  #workedMs = 0;

  /** @param now Milliseconds, monotonic. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Runs `step` after all steps queued before it; a failed step does not hold up the next. */
  take<Result>(step: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(async () => {
      if (this.#workedMs >= BREATH_MS) await this.#breathe();
      return await this.#run(step);
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when everything queued so far is done. */
  async idle(): Promise<void> {
    await this.#last;
  }

  /** Runs a step, and counts the time in which nothing else could run. */
  #run<Result>(step: () => Promise<Result>): Promise<Result> {
    const begun = this.#now();
    try {
      return step();
    } finally {
      this.#workedMs += this.#now() - begun;
    }
  }

  /** Lets the event loop take what has come: a queue of refusals would otherwise keep it to itself. */
  async #breathe(): Promise<void> {
    this.#workedMs = 0;
    await setImmediate();
  }
}
