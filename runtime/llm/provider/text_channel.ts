/**
 * Text on its way from who writes it to who reads it, one piece at a time: the writer waits until
 * its piece is taken.
 *
 * @module
 */

/** Carries pieces of text from one writer to one reader. */
export class TextChannel {
  #piece: { readonly text: string; readonly taken: () => void } | undefined;
  #arrived = Promise.withResolvers<void>();
  #closed = false;

  /** Hands a piece over; resolves when the reader asks for the next one, or is gone. */
  write(text: string): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#piece = { text, taken: resolve };
    this.#arrived.resolve();
    return promise;
  }

  /** There will be no more pieces, or nobody to read them. */
  close(): void {
    this.#closed = true;
    this.#piece?.taken();
    this.#arrived.resolve();
  }

  /** The pieces, until the channel is closed. */
  async *read(): AsyncGenerator<string, void> {
    for (;;) {
      await this.#arrived.promise;
      if (this.#piece === undefined) return;
      const { text, taken } = this.#piece;
      this.#piece = undefined;
      this.#arrived = Promise.withResolvers();
      if (this.#closed) this.#arrived.resolve();
      yield text;
      taken();
    }
  }
}
