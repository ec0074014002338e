/**
 * Deadlines: a point in time by which a call must be over. They travel as `X-Mesh-Timeout` (whole
 * seconds left, registry-protocol §4.2) and only ever shrink.
 *
 * @module
 */
import { MeshError } from "./errors.ts";
import { LONGEST_TIMER_MS } from "./sleep.ts";

/** The header that carries the seconds a call has left. */
export const TIMEOUT_HEADER = "x-mesh-timeout";

/** Something that ends at a time. */
abstract class Timed {
  /** When the time is up, in `performance.now()` time. */
  endsAt = 0;
  /** Neighbours in the list of whose clock it is on; `undefined` when it is on none. */
  previous: Timed | undefined;
  next: Timed | undefined;

  /** The time is up; it is on no clock any more. */
  abstract expire(): void;
}

/**
 * One timer for many deadlines: arming one for each call would cost more than everything else a short
 * call does. They are kept in a list through themselves, so that coming and going makes nothing.
 */
export class Deadlines implements Disposable {
  readonly #ring: Timed = new Ring();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires, in `performance.now()` time. */
  #firesAt = Infinity;

  /**
   * Starts a deadline; dispose it after the call.
   *
   * @param timeoutMs How long the call may take, in milliseconds.
   * @param parent Ends the call earlier; its signal is asked for when the deadline's own is.
   * @param reasonOf What the parent's reason is to those who wait. Default the same.
   */
  start(
    timeoutMs: number,
    parent?: { readonly signal: AbortSignal },
    reasonOf?: (reason: unknown) => unknown,
  ): Deadline {
    const deadline = new Deadline(timeoutMs, parent, reasonOf);
    this.#add(deadline);
    return deadline;
  }

  /** Runs `alarm.ring` after a while, unless it is disposed of or set anew before. */
  set(alarm: Alarm, ms: number): void {
    alarm[Symbol.dispose]();
    alarm.endsAt = performance.now() + ms;
    this.#add(alarm);
  }

  /**
   * Ends everything that is on this clock.
   *
   * @param reasonOf Returns why, for one deadline.
   */
  abort(reasonOf: (deadline: Deadline) => unknown): void {
    for (const timed of this.#all()) if (timed instanceof Deadline) timed.abort(reasonOf(timed));
  }

  /** What is on the clock now: whoever is told may take others off it. */
  #all(): Timed[] {
    const all: Timed[] = [];
    for (let at = this.#ring.next; at !== undefined && at !== this.#ring; at = at.next) {
      all.push(at);
    }
    return all;
  }

  #add(timed: Timed): void {
    const last = this.#ring.previous ?? this.#ring;
    timed.previous = last;
    timed.next = this.#ring;
    last.next = timed;
    this.#ring.previous = timed;
    if (timed.endsAt < this.#firesAt) this.#arm(timed.endsAt);
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = at;
    const ms = Math.max(0, Math.min(at - performance.now(), LONGEST_TIMER_MS));
    this.#timer = setTimeout(() => this.#expire(), ms);
  }

  #expire(): void {
    this.#firesAt = Infinity;
    const now = performance.now();
    let next = Infinity;
    const due: Timed[] = [];
    for (const timed of this.#all()) {
      if (timed.endsAt > now) next = Math.min(next, timed.endsAt);
      else due.push(timed);
    }
    // After a pause of the process several are due, and what ends first may call others off.
    for (const timed of due.sort((a, b) => a.endsAt - b.endsAt)) {
      if (timed.next === undefined) continue;
      unlink(timed);
      timed.expire();
    }
    if (next < this.#firesAt) this.#arm(next);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#firesAt = Infinity;
  }
}

/** The beginning and the end of a list. */
class Ring extends Timed {
  override previous: Timed | undefined = this;
  override next: Timed | undefined = this;

  override expire(): void {}
}

function unlink(timed: Timed): void {
  const { previous, next } = timed;
  if (previous === undefined || next === undefined) return;
  previous.next = next;
  next.previous = previous;
  timed.previous = timed.next = undefined;
}

/** Something that happens after a while, unless it is called off. */
export abstract class Alarm extends Timed implements Disposable {
  /** The time is up. */
  abstract ring(): void;

  override expire(): void {
    this.ring();
  }

  [Symbol.dispose](): void {
    unlink(this);
  }
}

/**
 * Ends a call when the time is up, when a parent signal fires, or when it is told to. Made by
 * {@linkcode Deadlines}. A signal is made when somebody asks for it: most calls end before anybody
 * would listen to one.
 */
export class Deadline extends Timed implements Disposable {
  /** When it began, in `performance.now()` time. */
  readonly startedAt: number = performance.now();
  /** Told of what ends the call; whoever waits without a signal sets it. */
  onEnd: ((reason: unknown) => void) | undefined;
  /** Whether the work that it limits has begun: until then nothing of it can have run. */
  hasBegun = false;
  readonly #timeoutMs: number;
  readonly #parent: { readonly signal: AbortSignal } | undefined;
  readonly #reasonOf: ((reason: unknown) => unknown) | undefined;
  #abort: AbortController | undefined;
  #leaveParent: (() => void) | undefined;
  #ended: { readonly reason: unknown } | undefined;

  /** See {@linkcode Deadlines.start}. */
  constructor(
    timeoutMs: number,
    parent: { readonly signal: AbortSignal } | undefined,
    reasonOf: ((reason: unknown) => unknown) | undefined,
  ) {
    super();
    this.endsAt = this.startedAt + timeoutMs;
    this.#timeoutMs = timeoutMs;
    this.#parent = parent;
    this.#reasonOf = reasonOf;
  }

  /** Fires with a MeshError `timeout`, or with the parent's reason. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#ended !== undefined) this.#abort.abort(this.#ended.reason);
      else this.#followParent();
    }
    return this.#abort.signal;
  }

  /** Milliseconds left; never negative. */
  get remainingMs(): number {
    return Math.max(0, this.endsAt - performance.now());
  }

  /** Takes the limit away: only a parent, or being told to, still ends the call. */
  lift(): void {
    this.endsAt = Infinity;
  }

  /** Ends the call before the time is up. */
  abort(reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    this.#abort?.abort(reason);
    this.onEnd?.(reason);
  }

  override expire(): void {
    this.abort(new MeshError("timeout", `no answer within ${seconds(this.#timeoutMs)}`));
  }

  /** Rejects with what ends the call if that comes before `promise` settles; for one promise. */
  until<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) reject(this.#ended.reason);
      this.onEnd = reject;
      promise.then(resolve, reject);
    });
  }

  #followParent(): void {
    const signal = this.#parent?.signal;
    if (signal === undefined) return;
    const relay = () => {
      const { reason } = signal;
      this.abort(this.#reasonOf === undefined ? reason : this.#reasonOf(reason));
    };
    if (signal.aborted) return relay();
    signal.addEventListener("abort", relay, { once: true });
    this.#leaveParent = () => signal.removeEventListener("abort", relay);
  }

  [Symbol.dispose](): void {
    unlink(this);
    this.onEnd = undefined;
    this.#leaveParent?.();
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}

/** Returns the `X-Mesh-Timeout` header of a call that has some time left: whole seconds, rounded up. */
export function timeoutText(remainingMs: number): string {
  return String(Math.max(1, Math.ceil(remainingMs / 1000)));
}

/** Digits of the longest time that an `X-Mesh-Timeout` header can ask of a reader without a limit. */
const SECONDS = /^\d{1,9}$/;

/**
 * Returns the time that an `X-Mesh-Timeout` header asks for, in milliseconds; `undefined` when it asks for
 * none.
 *
 * @param mostMs Longest time that is given: a header that asks for more gets that much. Without it, a
 * header of ten digits or more asks for nothing.
 */
export function parseTimeout(header: string | null, mostMs?: number): number | undefined {
  const text = header?.trim() ?? "";
  const isUsable = mostMs === undefined ? SECONDS.test(text) : /^\d+$/.test(text);
  const ms = isUsable ? Number(text) * 1000 : 0;
  return ms > 0 ? Math.min(ms, mostMs ?? Infinity) : undefined;
}
