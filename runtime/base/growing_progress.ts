/**
 * The numbers of progress notifications: each under one token is greater than the one before, whatever
 * the sender reports (MCP progress §requirements: "MUST increase with each notification").
 *
 * @module
 */

/** The numbers of one notification. */
export type ProgressNumbers = {
  readonly progress: number;
  readonly total?: number;
};

/** What a sender says of its progress; of any type, because it may be of another agent. */
export interface ProgressReport {
  readonly progress?: unknown;
  readonly total?: unknown;
}

/**
 * Between a report and what follows without a number of its own: so little that the sender's next
 * report is still above it, and that `progress` of `total` shows the same.
 */
const STEP = 1e-6;
/** The same as a part of numbers so great that {@linkcode STEP} would be lost in them. */
const LEAST_PART = 2 ** -51;

/** The numbers of the notifications under one progress token. */
export class GrowingProgress {
  /** The last number that was the sender's own. */
  #reported = 0;
  /** Notifications since then. */
  #since = 0;
  #last = -Infinity;
  #total: number | undefined;

  /** The numbers of a notification that is no report, such as a chunk: a step above the last. */
  step(): ProgressNumbers {
    this.#since += 1;
    const step = Math.max(STEP, this.#reported * LEAST_PART);
    return this.#take(this.#reported + this.#since * step);
  }

  /**
   * The numbers of a report. Its own where they grow; a step above the last where it says something
   * else that is new; `undefined` where it says nothing new and is left out.
   *
   * @param says Whether it carries more than numbers.
   */
  report({ progress, total }: ProgressReport, says: boolean): ProgressNumbers | undefined {
    const isOtherTotal = isTotal(total) && total !== this.#total;
    const grows = isNumber(progress) && progress > this.#last;
    if (!grows && !says && !isOtherTotal) return undefined;
    if (grows || isTotal(total)) this.#total = isTotal(total) ? total : undefined;
    if (!grows) return this.step();
    this.#reported = progress;
    this.#since = 0;
    return this.#take(progress);
  }

  #take(progress: number): ProgressNumbers {
    this.#last = progress;
    const total = this.#total;
    return total === undefined ? { progress } : { progress, total };
  }
}

/** Whether it can be progress: JSON holds it, and steps above it can be told apart. */
function isNumber(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function isTotal(value: unknown): value is number {
  return isNumber(value) && value > 0;
}
