/**
 * Messages on their way to another thread, handed over together once a turn.
 *
 * @module
 */

/** Collects messages and sends them in batches, in order. */
export class Outbox<M> {
  readonly #send: (batch: readonly M[], transfer: ArrayBuffer[]) => void;
  #batch: M[] = [];
  #transfer: ArrayBuffer[] = [];

  /** @param send Hands a batch over, and the memory that goes with it; throws for what cannot be cloned. */
  constructor(send: (batch: readonly M[], transfer: ArrayBuffer[]) => void) {
    this.#send = send;
  }

  /**
   * Sends a message with this turn's batch. It must be plain data: nobody is left to be told if not.
   *
   * @param transfer Memory that the message gives away.
   */
  post(message: M, transfer: readonly ArrayBuffer[] = []): void {
    this.#transfer.push(...transfer);
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
    this.#send([message], []);
  }

  /** Sends what waits. */
  flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    const transfer = this.#transfer;
    this.#batch = [];
    if (transfer.length > 0) this.#transfer = [];
    this.#send(batch, transfer);
  }
}
