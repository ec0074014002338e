/**
 * Pieces of a body on their way out. Each takes a while to be taken; those that come meanwhile go
 * together, so that many small ones cost what few do.
 *
 * @module
 */

/** Most bytes that wait for those before them. */
const MOST = 64 * 1024;

/** Sends pieces, one or several at a time. */
export class Gathering {
  readonly #emit: (bytes: Uint8Array) => Promise<void>;
  #waiting: Uint8Array[] = [];
  #size = 0;
  /** What is under way; rejects with what kept it from being taken. */
  #underway: Promise<void> | undefined;

  /** @param emit Sends bytes; resolves when they were taken. */
  constructor(emit: (bytes: Uint8Array) => Promise<void>) {
    this.#emit = emit;
  }

  /**
   * Takes a piece; resolves when there is room for another.
   *
   * @throws What keeps pieces from being taken.
   */
  async add(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#size += bytes.length;
    this.#underway ??= this.#send();
    while (this.#size > MOST) await this.#underway;
  }

  /**
   * Resolves when all was taken.
   *
   * @throws What kept a piece from being taken.
   */
  async taken(): Promise<void> {
    await this.#underway;
  }

  #send(): Promise<void> {
    const sending = this.#sendAll();
    // Whoever adds the next piece, or waits for the last, is told.
    sending.catch(() => {});
    return sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#size > 0) {
      const bytes = joined(this.#waiting, this.#size);
      this.#waiting = [];
      this.#size = 0;
      await this.#emit(bytes);
    }
    this.#underway = undefined;
  }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
