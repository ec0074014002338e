/**
 * Which of the agents that offer a tool a call goes to: calls are spread over replicas, and one that
 * cannot be reached is set aside for a while.
 *
 * @module
 */
import { Aside, firstBack, lessBusy } from "../../runtime/base/balance.ts";
import type { Entry } from "../directory/entry.ts";

/** What {@linkcode Providers} needs from outside. */
export interface ProvidersOptions {
  /** Milliseconds, monotonic. @default performance.now */
  readonly now?: () => number;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
}

interface State {
  /** Calls under way. */
  busy: number;
  readonly aside: Aside;
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
    if (well.length === 0) return firstBack(providers, (one) => this.#asideUntil(one));
    return lessBusy(well, { busy: (one) => this.#busy(one), random: this.#random });
  }

  /** A call to a provider begins; it ends when what is returned is disposed of. */
  begin(provider: Entry): Disposable {
    const state = this.#stateOf(provider);
    state.busy += 1;
    return { [Symbol.dispose]: () => void (state.busy -= 1) };
  }

  /** A provider answered. */
  answered(provider: Entry): void {
    this.#states.get(provider)?.aside.end();
  }

  /** A provider could not be reached: it comes last until some time has passed. */
  missed(provider: Entry): void {
    this.#stateOf(provider).aside.begin(this.#now());
  }

  #asideUntil(provider: Entry): number {
    return this.#states.get(provider)?.aside.until ?? 0;
  }

  #busy(provider: Entry): number {
    return this.#states.get(provider)?.busy ?? 0;
  }

  #stateOf(provider: Entry): State {
    let state = this.#states.get(provider);
    if (state === undefined) {
      state = { busy: 0, aside: new Aside() };
      this.#states.set(provider, state);
    }
    return state;
  }
}
