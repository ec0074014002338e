/**
 * A bound on what is read of agent code in a second: code that sends without end costs its own agent
 * its speed, and nobody else.
 *
 * @module
 */

/** Frames a second: more than a busy agent sends. */
const FRAMES = 250_000;
/** Bytes a second. */
const BYTES = 512 * 1024 * 1024;
/** The part of its time that the trusted side spends on reading. */
const SHARE = 0.5;
/** Most of a second's budget that is spent at once, milliseconds: for so long, others wait. */
const BURST_MS = 8;

/** Options of {@linkcode ReadBudget}. */
export interface ReadBudgetOptions {
  readonly framesPerSecond?: number;
  readonly bytesPerSecond?: number;
  /** Milliseconds that only grow. @default {performance.now} */
  readonly now?: () => number;
}

/** The budget of one process. */
export class ReadBudget {
  readonly #frameMs: number;
  readonly #byteMs: number;
  readonly #now: () => number;
  #frames = 0;
  /** When everything that has been read would have come at the allowed rate. */
  #paidUntil = 0;

  constructor(options: ReadBudgetOptions = {}) {
    const { framesPerSecond = FRAMES, bytesPerSecond = BYTES, now = () => performance.now() } =
      options;
    this.#frameMs = 1_000 / framesPerSecond;
    this.#byteMs = 1_000 / bytesPerSecond;
    this.#now = now;
  }

  /** Counts a frame. */
  count(): void {
    this.#frames += 1;
  }

  /**
   * Counts a piece that was read, with its frames.
   *
   * @param bytes Its length.
   * @param tookMs How long it took to read it, in milliseconds.
   * @returns How long to wait before the next piece, in milliseconds.
   */
  spend(bytes: number, tookMs: number): number {
    const cost = Math.max(bytes * this.#byteMs, this.#frames * this.#frameMs, tookMs / SHARE);
    this.#frames = 0;
    const now = this.#now();
    this.#paidUntil = Math.max(this.#paidUntil, now - tookMs) + cost;
    const ahead = this.#paidUntil - now;
    return ahead > BURST_MS ? Math.ceil(ahead - BURST_MS / 2) : 0;
  }
}
