/**
 * Telling clients that the tools they see have changed: once for all that happens within a short time
 * (longer where looking takes long, in a large mesh), and only when what they would be listed differs.
 * With nobody to tell, nothing is done.
 *
 * @module
 */
import type { View } from "./view.ts";

/** What {@linkcode ToolChanges} works with. */
export interface ToolChangesOptions {
  /** Calls back at every change of the directory, until what it returns is called. */
  readonly onAdvance: (listener: () => void) => () => void;
  /** Called when the first client listens and when none does any more. */
  readonly onBusy: (busy: boolean) => void;
  /** Takes one line about something an operator should know. */
  readonly log: (line: string) => void;
}

/** Changes of a mesh come in bunches; they are waited for this long, milliseconds. */
export const COALESCE_MS = 100;
/** Of the time that passes, at most this part is spent on looking. */
const LOOKING_SHARE = 0.1;

interface Watched {
  digest: string;
  readonly listeners: Set<() => void>;
}

/** Who wants to be told of changes. */
export class ToolChanges {
  readonly #options: ToolChangesOptions;
  readonly #watched = new Map<View, Watched>();
  #size = 0;
  #stopFollowing: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** How long the last look took, milliseconds. */
  #lookMs = 0;

  constructor(options: ToolChangesOptions) {
    this.#options = options;
  }

  /** How many listen. */
  get size(): number {
    return this.#size;
  }

  /** Whether anybody listens to a view. */
  isWatched(view: View): boolean {
    return this.#watched.has(view);
  }

  /** Calls `listener` when the tools of a view have changed, until what it returns is called. */
  listen(view: View, listener: () => void): () => void {
    const watched = this.#watched.get(view) ?? { digest: view.digest(), listeners: new Set() };
    this.#watched.set(view, watched);
    // The same function may listen twice, and each of them may stop.
    const own = () => listener();
    watched.listeners.add(own);
    this.#size += 1;
    if (this.#size === 1) this.#begin();
    return () => {
      if (!watched.listeners.delete(own)) return;
      this.#size -= 1;
      if (watched.listeners.size === 0) this.#watched.delete(view);
      if (this.#size === 0) this.#end();
    };
  }

  #begin(): void {
    const { onAdvance, onBusy } = this.#options;
    this.#stopFollowing = onAdvance(() => {
      this.#timer ??= setTimeout(
        () => this.#look(),
        Math.max(COALESCE_MS, this.#lookMs / LOOKING_SHARE),
      );
    });
    onBusy(true);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stopFollowing?.();
    this.#options.onBusy(false);
  }

  #look(): void {
    this.#timer = undefined;
    const begun = performance.now();
    for (const [view, watched] of [...this.#watched]) {
      const digest = view.digest();
      if (digest === watched.digest) continue;
      watched.digest = digest;
      for (const listener of [...watched.listeners]) {
        try {
          listener();
        } catch (error) {
          this.#options.log(`could not tell a client of changed tools: ${error}`);
        }
      }
    }
    this.#lookMs = performance.now() - begun;
  }
}
