/**
 * Messages on their way to another thread, handed over together once a turn.
 *
 * @module
 */

/** Hands a batch over, and the memory that goes with it; throws when some of it cannot be cloned. */
export type Send<M> = (batch: readonly M[], transfer: ArrayBuffer[]) => void;

const NOTHING: readonly ArrayBuffer[] = [];

/** Messages that are handed over together. */
interface Batch<M> {
  readonly messages: M[];
  readonly transfer: readonly ArrayBuffer[];
}

/** Collects messages and sends them in batches, in order. */
export class Outbox<M> {
  readonly #send: Send<M>;
  readonly #onUnsent: (message: M, cause: unknown) => void;
  #batches: Batch<M>[] = [];

  /**
   * @param send Hands a batch over.
   * @param onUnsent Gets each message that cannot be cloned; the others of its batch are sent.
   */
  constructor(send: Send<M>, onUnsent: (message: M, cause: unknown) => void) {
    this.#send = send;
    this.#onUnsent = onUnsent;
  }

  /**
   * Sends a message with this turn's batch.
   *
   * @param transfer Memory that the message gives away.
   */
  post(message: M, transfer: readonly ArrayBuffer[] = NOTHING): void {
    const last = this.#batches.at(-1);
    // Memory is given away even when the batch cannot be sent: it takes no part in another's failure.
    const joins = last !== undefined && last.transfer.length === 0 && transfer.length === 0;
    if (joins) return void last.messages.push(message);
    // After all that this turn brings, not after each part of it: waking the other thread is dear.
    if (this.#batches.push({ messages: [message], transfer }) === 1) {
      setImmediate(() => this.flush());
    }
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

  /** Sends what waits. Never throws. */
  flush(): void {
    if (this.#batches.length === 0) return;
    const batches = this.#batches;
    this.#batches = [];
    for (const { messages, transfer } of batches) this.#sendAll(messages, transfer);
  }

  #sendAll(messages: readonly M[], transfer: readonly ArrayBuffer[]): void {
    try {
      this.#send(messages, [...transfer]);
    } catch (cause) {
      const [only] = messages;
      if (messages.length === 1 && only !== undefined) return this.#onUnsent(only, cause);
      // Nothing of it has been sent. All but what is at fault goes out in its order.
      for (const message of messages) this.#sendAll([message], NOTHING);
    }
  }
}
