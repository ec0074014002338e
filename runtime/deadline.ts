/**
 * Deadlines: a point in time by which a call must be over. They travel as `X-Mesh-Timeout` (whole
 * seconds left, registry-protocol §4.2) and only ever shrink.
 *
 * @module
 */
import { MeshError } from "./errors.ts";

/** The header that carries the seconds a call has left. */
export const TIMEOUT_HEADER = "x-mesh-timeout";

/** A signal that fires when the time is up or when a parent signal fires. Dispose it after the call. */
export class Deadline implements Disposable {
  /** Fires with a MeshError `timeout`, or with the parent's reason. */
  readonly signal: AbortSignal;
  readonly #endsAt: number;
  readonly #abort = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #parent: AbortSignal;
  readonly #relay: () => void;

  /**
   * @param timeoutMs How long the call may take, in milliseconds.
   * @param parent Ends the call earlier.
   */
  constructor(timeoutMs: number, parent: AbortSignal) {
    this.signal = this.#abort.signal;
    this.#endsAt = performance.now() + timeoutMs;
    this.#parent = parent;
    this.#relay = () => this.abort(parent.reason);
    this.#timer = setTimeout(
      () => this.abort(new MeshError("timeout", `no answer within ${seconds(timeoutMs)}`)),
      timeoutMs,
    );
    if (parent.aborted) this.#relay();
    else parent.addEventListener("abort", this.#relay, { once: true });
  }

  /** Milliseconds left; never negative. */
  get remainingMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Fires the signal before the time is up. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
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
