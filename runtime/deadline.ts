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
   * @param parent Ends the call earlier.
   */
  start(timeoutMs: number, parent: AbortSignal): Deadline {
    const deadline = new Deadline(timeoutMs, parent, this.#active);
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

/** A signal that fires when the time is up or when a parent signal fires. Made by {@linkcode Deadlines}. */
export class Deadline implements Disposable {
  /** When the time is up, in `performance.now()` time. */
  readonly endsAt: number;
  readonly #timeoutMs: number;
  readonly #abort = new AbortController();
  readonly #parent: AbortSignal;
  readonly #active: Set<Deadline>;
  readonly #relay: () => void;

  /** @param active Whose clock it is on; it takes itself out when it is disposed of. */
  constructor(timeoutMs: number, parent: AbortSignal, active: Set<Deadline>) {
    this.endsAt = performance.now() + timeoutMs;
    this.#timeoutMs = timeoutMs;
    this.#parent = parent;
    this.#active = active;
    this.#relay = () => this.abort(parent.reason);
    active.add(this);
    if (parent.aborted) this.#relay();
    else parent.addEventListener("abort", this.#relay, { once: true });
  }

  /** Fires with a MeshError `timeout`, or with the parent's reason. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Milliseconds left; never negative. */
  get remainingMs(): number {
    return Math.max(0, this.endsAt - performance.now());
  }

  /** Fires the signal before the time is up. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  /** Fires the signal because the time is up. */
  expire(): void {
    this.#active.delete(this);
    this.abort(new MeshError("timeout", `no answer within ${seconds(this.#timeoutMs)}`));
  }

  [Symbol.dispose](): void {
    this.#active.delete(this);
    this.#parent.removeEventListener("abort", this.#relay);
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
