/**
 * Which of the agents that offer a tool a call goes to: calls are spread over replicas, and one that
 * cannot be reached is set aside for a while.
 *
 * @module
 */
import type { Entry } from "../directory/entry.ts";

/** What {@linkcode Providers} needs from outside. */
export interface ProvidersOptions {
  /** Milliseconds, monotonic. @default performance.now */
  readonly now?: () => number;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
}

/** First and longest time a provider is set aside, milliseconds; doubles while it stays away. */
const ASIDE_MS = { first: 500, longest: 30_000 };

interface State {
  /** Calls under way. */
  busy: number;
  asideMs: number;
  asideUntil: number;
}

/** What is known of the agents that were called. */
export class Providers {
  readonly #now: () => number;
  readonly #random: () => number;
  /** Forgotten with their registration: an agent that comes back has a fresh start. */
  readonly #states = new WeakMap<Entry, State>();

  constructor(
    { now = () => performance.now(), random = Math.random }: ProvidersOptions = {},
  ) {
    this.#now = now;
    this.#random = random;
  }

  /**
   * The provider to call next: of two random ones that are well, the less busy.
   *
   * @returns `undefined` when there is none.
   */
  pick(providers: readonly Entry[]): Entry | undefined {
    if (providers.length <= 1) return providers[0];
    const now = this.#now();
    const well = providers.filter((one) => !one.suspect && this.#asideUntil(one) <= now);
    // When none is well, the one set aside for longest is as good a guess as any.
    if (well.length === 0) {
      return providers.reduce((a, b) => this.#asideUntil(b) < this.#asideUntil(a) ? b : a);
    }
    const one = this.#randomOf(well);
    const other = this.#randomOf(well.filter((provider) => provider !== one)) ?? one;
    return one && other && this.#busy(other) < this.#busy(one) ? other : one;
  }

  /** A call to a provider begins; it ends when what is returned is disposed of. */
  begin(provider: Entry): Disposable {
    const state = this.#stateOf(provider);
    state.busy += 1;
    return { [Symbol.dispose]: () => void (state.busy -= 1) };
  }

  /** A provider answered. */
  answered(provider: Entry): void {
    const state = this.#states.get(provider);
    if (state === undefined || state.asideUntil === 0) return;
    state.asideMs = ASIDE_MS.first;
    state.asideUntil = 0;
  }

  /** A provider could not be reached: it comes last until some time has passed. */
  missed(provider: Entry): void {
    const state = this.#stateOf(provider);
    const now = this.#now();
    // Calls that were under way when it was set aside add nothing new.
    if (now < state.asideUntil) return;
    state.asideUntil = now + state.asideMs;
    state.asideMs = Math.min(state.asideMs * 2, ASIDE_MS.longest);
  }

  #randomOf(providers: readonly Entry[]): Entry | undefined {
    return providers[Math.floor(this.#random() * providers.length)];
  }

  #asideUntil(provider: Entry): number {
    return this.#states.get(provider)?.asideUntil ?? 0;
  }

  #busy(provider: Entry): number {
    return this.#states.get(provider)?.busy ?? 0;
  }

  #stateOf(provider: Entry): State {
    let state = this.#states.get(provider);
    if (state === undefined) {
      state = { busy: 0, asideMs: ASIDE_MS.first, asideUntil: 0 };
      this.#states.set(provider, state);
    }
    return state;
  }
}
