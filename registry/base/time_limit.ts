/**
 * How long something may take, and whether somebody still waits for it.
 *
 * @module
 */

/** A time limit that ends with its owner's work; call {@linkcode TimeLimit.end} when that is done. */
export class TimeLimit {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  /** Aborts when the time is up, or when nobody needs the outcome any more. */
  readonly either: AbortSignal;

  /**
   * @param ms Time allowed, milliseconds.
   * @param others Abort when nobody needs the outcome any more.
   */
  constructor(ms: number, others: readonly AbortSignal[]) {
    this.#timer = setTimeout(
      () => this.#controller.abort(new DOMException("the time is up", "TimeoutError")),
      ms,
    );
    this.either = AbortSignal.any([this.#controller.signal, ...others]);
  }

  /** Aborts when the time is up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time is up. */
  get passed(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Stops the clock. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
