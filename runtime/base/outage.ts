/**
 * Reporting an outage once, and its end once it has lasted: what comes and goes many times a second is
 * one outage.
 *
 * @module
 */

/** How long it must be well to be taken for over, in milliseconds. */
const STAYS_MS = 1_000;

/** An outage that may be. */
export class Outage implements Disposable {
  readonly #tell: (message: string) => void;
  #isOut = false;
  #recovery: ReturnType<typeof setTimeout> | undefined;

  /** @param tell Gets what is worth a line in a log. */
  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  /** It does not work. */
  fails(message: string): void {
    clearTimeout(this.#recovery);
    this.#recovery = undefined;
    if (!this.#isOut) this.#tell(message);
    this.#isOut = true;
  }

  /** It works, at the moment. */
  works(message: string): void {
    if (!this.#isOut) return;
    this.#recovery ??= setTimeout(() => {
      this.#isOut = false;
      this.#recovery = undefined;
      this.#tell(message);
    }, STAYS_MS);
  }

  /** Says nothing more. */
  [Symbol.dispose](): void {
    clearTimeout(this.#recovery);
  }
}
