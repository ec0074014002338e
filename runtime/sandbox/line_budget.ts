/**
 * How much of its output agent code may have in the log.
 *
 * @module
 */
import { TokenBucket } from "../base/token_bucket.ts";

/** Options for {@linkcode LineBudget}. */
export interface LineBudgetOptions {
  /** Lines a second, on average. */
  readonly linesPerSecond: number;
  /** UTF-16 units a second, on average. */
  readonly unitsPerSecond: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Lines that were not written. */
export interface Dropped {
  readonly lines: number;
  /** UTF-16 units. */
  readonly units: number;
}

/** Admits lines as long as there are not too many; counts the others. */
export class LineBudget {
  readonly #lines: TokenBucket;
  readonly #units: TokenBucket;
  #dropped: Dropped = { lines: 0, units: 0 };

  constructor({ linesPerSecond, unitsPerSecond, now = Date.now }: LineBudgetOptions) {
    this.#lines = new TokenBucket(linesPerSecond, now);
    this.#units = new TokenBucket(unitsPerSecond, now);
  }

  /**
   * Takes lines that came together. Once one of them is too much the others are too, unseen: they may be
   * very many.
   *
   * @returns How many of them, from the first on, may be written; the others count as dropped.
   */
  admit(lines: readonly string[]): number {
    const admitted = lines.findIndex(({ length }) =>
      this.#units.take(length) > 0 || this.#lines.take(1) > 0
    );
    if (admitted < 0) return lines.length;
    let { units } = this.#dropped;
    for (let at = admitted; at < lines.length; at++) units += lines[at]?.length ?? 0;
    this.#dropped = { lines: this.#dropped.lines + lines.length - admitted, units };
    return admitted;
  }

  /**
   * Takes a line.
   *
   * @param units The part of its length that is known.
   * @param more Returns the rest of its length, which costs to find out.
   * @returns Whether it may be written; it counts as dropped otherwise.
   */
  admitLine(units: number, more: () => number): boolean {
    if (this.#lines.take(1) === 0 && this.#units.take(units + more()) === 0) return true;
    const { lines, units: before } = this.#dropped;
    this.#dropped = { lines: lines + 1, units: before + units };
    return false;
  }

  /** Returns the lines that were dropped since the last time, if any were. */
  takeDropped(): Dropped | undefined {
    const dropped = this.#dropped;
    this.#dropped = { lines: 0, units: 0 };
    return dropped.lines === 0 ? undefined : dropped;
  }
}
