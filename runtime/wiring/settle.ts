/**
 * The settle window: for a while after an agent joined the mesh, a call whose dependencies are not
 * wired yet waits for them instead of running without (registry-protocol §2.4). A required one is
 * waited for until the window ends; an optional one until the registry has answered once, for then
 * it is known not to be there.
 *
 * @module
 */
import type { OperationManifest } from "../define/manifest.ts";
import { abortable } from "../base/within.ts";
import type { Slots } from "./slots.ts";

/** Lets calls wait for their wiring. */
export class Settle implements Disposable {
  readonly #slots: Slots;
  readonly #windowMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #open = false;
  #answered = false;
  #changed = Promise.withResolvers<void>();

  /** @param windowMs Length of the window in milliseconds; 0 never waits. */
  constructor(slots: Slots, windowMs: number) {
    this.#slots = slots;
    this.#windowMs = windowMs;
  }

  /** Opens the window: the agent starts to join, or declares what it did not before. */
  open(): void {
    if (this.#windowMs === 0) return;
    this.#answered = false;
    this.#open = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(), this.#windowMs);
  }

  /** The registry answered: slots may have been filled. */
  answered(): void {
    this.#answered = true;
    this.#wake();
    if (this.#slots.unresolved().length === 0) this.close();
  }

  /** Ends the window. */
  close(): void {
    clearTimeout(this.#timer);
    this.#open = false;
    this.#wake();
  }

  /** Whether calls still wait for what is missing. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Whether a call of the operation has to wait for {@linkcode settled}. */
  waits({ key, dependencies }: OperationManifest): boolean {
    if (!this.#open || dependencies.length === 0) return false;
    const wired = this.#slots.of(key);
    // A tool that has a language model can do little without it.
    return dependencies.some(({ name, required, llm }) =>
      !wired.has(name) && (required || llm !== undefined || !this.#answered)
    );
  }

  /**
   * Waits until the operation's dependencies are wired or waiting is over.
   *
   * @throws The signal's reason.
   */
  async settled(operation: OperationManifest, signal: AbortSignal): Promise<void> {
    while (this.waits(operation)) await abortable(this.#changed.promise, signal);
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
