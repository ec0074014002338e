/**
 * Deadlines: a point in time by which a call must be over. They travel as `X-Mesh-Timeout` (whole
 * seconds left, registry-protocol §4.2) and only ever shrink.
 *
 * @module
 */
import { MeshError } from "./errors.ts";

/** The header that carries the seconds a call has left. */
export const TIMEOUT_HEADER = "x-mesh-timeout";

/**
 * The deadlines of one agent's calls. One timer serves them all: arming one for each call would cost
 * more than everything else a short call does.
 */
export class Deadlines implements Disposable {
  readonly #active = new Set<Deadline>();
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
    reasonOf: (reason: unknown) => unknown = (reason) => reason,
  ): Deadline {
    const deadline = new Deadline(timeoutMs, parent, reasonOf, this.#active);
    if (deadline.endsAt < this.#firesAt) this.#arm(deadline.endsAt);
    return deadline;
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = at;
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, at - performance.now()));
  }

  #expire(): void {
    this.#firesAt = Infinity;
    const now = performance.now();
    let next = Infinity;
    for (const deadline of this.#active) {
      if (deadline.endsAt <= now) deadline.expire();
      else next = Math.min(next, deadline.endsAt);
    }
    if (next < Infinity) this.#arm(next);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#firesAt = Infinity;
  }
}

/**
 * Ends a call when the time is up, when a parent signal fires, or when it is told to. Made by
 * {@linkcode Deadlines}. A signal is made when somebody asks for it: most calls end before anybody
 * would listen to one.
 */
export class Deadline implements Disposable {
  /** When it began, in `performance.now()` time. */
  readonly startedAt: number = performance.now();
  /** When the time is up, in `performance.now()` time. */
  readonly endsAt: number;
  readonly #timeoutMs: number;
  readonly #parent: { readonly signal: AbortSignal } | undefined;
  readonly #reasonOf: (reason: unknown) => unknown;
  readonly #active: Set<Deadline>;
  #abort: AbortController | undefined;
  #parentSignal: AbortSignal | undefined;
  #relay: (() => void) | undefined;
  #ended: { readonly reason: unknown } | undefined;
  /** Told of what ends the call; whoever waits without a signal sets it. */
  onEnd: ((reason: unknown) => void) | undefined;

  /** @param active Whose clock it is on; it takes itself out when it is disposed of. */
  constructor(
    timeoutMs: number,
    parent: { readonly signal: AbortSignal } | undefined,
    reasonOf: (reason: unknown) => unknown,
    active: Set<Deadline>,
  ) {
    this.endsAt = this.startedAt + timeoutMs;
    this.#timeoutMs = timeoutMs;
    this.#parent = parent;
    this.#reasonOf = reasonOf;
    this.#active = active;
    active.add(this);
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

  /** What ended the call before it was over, if anything did. */
  get ended(): { readonly reason: unknown } | undefined {
    return this.#ended;
  }

  /** Ends the call before the time is up. */
  abort(reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    this.#abort?.abort(reason);
    this.onEnd?.(reason);
  }

  /** Ends the call because the time is up. */
  expire(): void {
    this.#active.delete(this);
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
    this.#relay = () => this.abort(this.#reasonOf(signal.reason));
    if (signal.aborted) return this.#relay();
    this.#parentSignal = signal;
    signal.addEventListener("abort", this.#relay, { once: true });
  }

  [Symbol.dispose](): void {
    this.#active.delete(this);
    this.onEnd = undefined;
    if (this.#relay) this.#parentSignal?.removeEventListener("abort", this.#relay);
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}

/** The seconds of an `X-Mesh-Timeout` header, as milliseconds; `undefined` when it says nothing usable. */
export function parseTimeout(header: string | null): number | undefined {
  if (header === null || !/^\d{1,9}$/.test(header.trim())) return undefined;
  const ms = Number(header) * 1000;
  return ms > 0 ? ms : undefined;
}

/** Rejects with the signal's reason when it fires before `promise` settles. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
