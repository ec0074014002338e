/**
 * The time of spans: microseconds since the epoch, from a clock that never goes back within a process
 * and follows the machine's when that is set or has been asleep.
 *
 * @module
 */

/** How far it may be from the machine's clock, in milliseconds. */
const ASTRAY_MS = 50;

/** What the clock reads, in milliseconds: since the epoch, and from any beginning. */
export interface ClockSources {
  readonly wall: () => number;
  readonly monotonic: () => number;
}

const PROCESS: ClockSources = { wall: Date.now, monotonic: () => performance.now() };

/** Tells the time of spans. */
export class SpanClock {
  readonly #sources: ClockSources;
  /** The time at the beginning of the monotonic clock, milliseconds since the epoch. */
  #origin: number;

  constructor(sources: ClockSources = PROCESS, origin = performance.timeOrigin) {
    this.#sources = sources;
    this.#origin = origin;
    this.follow();
  }

  /** The time, in whole microseconds since the epoch. */
  micros(): number {
    return Math.round((this.#origin + this.#sources.monotonic()) * 1_000);
  }

  /** Follows the machine's clock where it has gone astray; done now and then. */
  follow(): void {
    const { wall, monotonic } = this.#sources;
    const origin = wall() - monotonic();
    if (Math.abs(origin - this.#origin) > ASTRAY_MS) this.#origin = origin;
  }
}
