/**
 * How much work one resolution may be. A registration is input: what it asks for is compared with all
 * that others offer, and whoever writes it must not be able to keep a registry from everything else.
 *
 * @module
 */
import type { ParsedVersions } from "./parsed_versions.ts";

/**
 * Steps that working out the wiring of one agent may take, some 30 ms. One candidate that is looked at
 * is one step, and one more for each tag, version range and schema node it is asked for.
 */
export const STEPS_MAX = 500_000;

/** A resolution was more work than it may be. */
export class EffortExceeded extends Error {
  override readonly name = "EffortExceeded";

  constructor(limit: number) {
    super(
      `what this agent depends on takes more than ${limit} comparisons with what the mesh offers; ` +
        "ask for less: fewer dependencies on one capability, fewer tags, simpler version ranges",
    );
  }
}

/** The work left to one resolution. */
export class Effort {
  readonly #limit: number;
  #left: number;

  /** @param limit Steps. */
  constructor(limit: number = STEPS_MAX) {
    this.#limit = limit;
    this.#left = limit;
  }

  /**
   * Takes steps off what is left.
   *
   * @throws {EffortExceeded} When so many are not left.
   */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new EffortExceeded(this.#limit);
  }
}

/** What candidates are looked at with. */
export interface Look {
  /** Parsed versions and constraints. */
  readonly versions: ParsedVersions;
  readonly effort: Effort;
}
