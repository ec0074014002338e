/**
 * The account of a soak: how many calls there were, and which kill each failed one is put down to.
 *
 * @module
 */

/** One failed call. */
export interface Failure {
  /** When it ended, in `performance.now()` time. */
  readonly at: number;
  readonly text: string;
}

/** Counts calls and puts failures down to kills. */
export class Account {
  /** When the process on each port was killed. */
  readonly #kills = new Map<number, number>();
  readonly #unexplained: Failure[] = [];
  #calls = 0;
  #failures = 0;

  /** The process that listened on `port` was killed. */
  killed(port: number, at: number): void {
    this.#kills.set(port, at);
  }

  /** A call ended well. */
  succeeded(): void {
    this.#calls += 1;
  }

  /** A call failed: explained when its failure names a process that had been killed. */
  failed(failure: Failure): void {
    this.#calls += 1;
    this.#failures += 1;
    const named = Array.from(
      failure.text.matchAll(/127\.0\.0\.1:(\d+)/g),
      ([, port]) => Number(port),
    );
    const explained = named.some((port) => (this.#kills.get(port) ?? Infinity) <= failure.at);
    if (!explained) this.#unexplained.push(failure);
  }

  /** Calls, failed ones, kills. */
  get numbers(): { readonly calls: number; readonly failures: number; readonly kills: number } {
    return { calls: this.#calls, failures: this.#failures, kills: this.#kills.size };
  }

  /** Failures that no kill explains. */
  get unexplained(): readonly Failure[] {
    return this.#unexplained;
  }
}
