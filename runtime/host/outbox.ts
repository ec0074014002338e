/**
 * Messages on their way to another thread, handed over together once a turn.
 *
 * @module
 */

/** Collects messages and sends them in batches, in order. */
export class Outbox<M> {
  readonly #send: (batch: readonly M[]) => void;
  #batch: M[] = [];

  /** @param send Hands a batch over; throws for what cannot be cloned. */
  constructor(send: (batch: readonly M[]) => void) {
    this.#send = send;
  }

  /** Sends a message with this turn's batch. It must be plain data: nobody is left to be told if not. */
  post(message: M): void {
    // After all that this turn brings, not after each part of it: waking the other thread is dear.
    if (this.#batch.push(message) === 1) setImmediate(() => this.flush());
  }

  /**
   * Sends a message that may not be plain data, after what waits.
   *
   * @throws {DOMException} `DataCloneError`.
   */
  postNow(message: M): void {
    this.flush();
    this.#send([message]);
  }

  /** Sends what waits. */
  flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#send(batch);
  }
}
