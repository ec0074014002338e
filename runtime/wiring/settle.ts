/**
 * The settle window: for a while after an agent joined the mesh, a call whose dependencies are not
 * wired yet waits for them instead of running without (registry-protocol §2.4). A required one is
 * waited for until the window ends; an optional one until the registry has answered once, for then
 * it is known not to be there.
 *
 * @module
 */
import type { ToolManifest } from "../manifest.ts";
import { abortable } from "../deadline.ts";
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

  /** Opens the window; called once, when the agent starts to join. */
  open(): void {
    if (this.#windowMs === 0) return;
    this.#open = true;
    this.#timer = setTimeout(() => this.close(), this.#windowMs);
  }

  /** The registry answered: slots may have been filled. */
  answered(): void {
    this.#answered = true;
    this.#wake();
    if (this.#slots.unresolved().length === 0) this.close();
  }

  /** Ends the window for good. */
  close(): void {
    clearTimeout(this.#timer);
    this.#open = false;
    this.#wake();
  }

  /** Whether calls still wait for what is missing. */
  get isOpen(): boolean {
    return this.#open;
  }

  /**
   * Waits until the tool's dependencies are wired or waiting is over.
   *
   * @throws The signal's reason.
   */
  async settled(tool: ToolManifest, signal: AbortSignal): Promise<void> {
    while (this.#open && this.#waits(tool)) await abortable(this.#changed.promise, signal);
  }

  #waits(tool: ToolManifest): boolean {
    const wired = this.#slots.of(tool.name);
    return tool.dependencies.some(({ name, required }) =>
      !wired.has(name) && (required || !this.#answered)
    );
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
