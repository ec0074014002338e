/**
 * Notices code that keeps its thread busy and answers nothing any more, such as a loop without an end.
 *
 * @module
 */

/** What a {@linkcode Watchdog} needs. */
export interface WatchdogOptions {
  /** How long a sign of life may take, milliseconds. */
  readonly patienceMs: number;
  /** Asks for a sign of life. */
  ask(): void;
  /** None has come in time. */
  lost(): void;
}

/** Waits for a sign of life when there is reason to doubt; costs nothing while there is none. */
export class Watchdog implements Disposable {
  readonly #options: WatchdogOptions;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** There is reason to doubt: asks, unless it waits already. */
  doubt(): void {
    if (this.#waiting !== undefined) return;
    const { patienceMs, ask, lost } = this.#options;
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      lost();
    }, patienceMs);
    ask();
  }

  /** A sign of life came, or nobody is left to give one. */
  [Symbol.dispose](): void {
    if (this.#waiting === undefined) return;
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
  }
}
