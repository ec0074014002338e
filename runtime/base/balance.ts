/**
 * Balancing: which of several providers of the same thing a call goes to, and how one that fails is set
 * aside for a while.
 *
 * @module
 */
import { backoffMs } from "./backoff.ts";

/** First and longest time a provider is set aside. */
const ASIDE = { firstMs: 500, longestMs: 30_000 };

/** The time for which one provider is set aside; longer each time until it answers. */
export class Aside {
  /** Ends then, on the clock of whoever sets it aside; 0 while it is not aside. */
  until = 0;
  #times = 0;

  /**
   * Sets the provider aside.
   *
   * @returns Whether that is news: calls that were under way when it began add nothing.
   */
  begin(now: number): boolean {
    if (now < this.until) return false;
    this.#times += 1;
    this.until = now + backoffMs(ASIDE, this.#times);
    return true;
  }

  /** Takes the provider back: it answered. */
  end(): void {
    this.until = 0;
    this.#times = 0;
  }
}

/** Options for {@linkcode lessBusy}. */
export interface Load<T> {
  /** Calls under way. */
  busy(provider: T): number;
  /** Uniform in [0, 1). */
  random(): number;
}

/**
 * Picks the less busy of two random providers: nearly as good as the least busy of all, without
 * looking at all.
 *
 * @returns `undefined` when there is none.
 */
export function lessBusy<T>(providers: readonly T[], { busy, random }: Load<T>): T | undefined {
  const randomOf = (some: readonly T[]) => some[Math.floor(random() * some.length)];
  const one = randomOf(providers);
  if (one === undefined || providers.length === 1) return one;
  const other = randomOf(providers.filter((provider) => provider !== one)) ?? one;
  return busy(other) < busy(one) ? other : one;
}

/**
 * Picks, where every provider is set aside, the one whose time ends first: it has been aside for
 * longest, which is as good a guess as any.
 *
 * @returns `undefined` when there is none.
 */
export function firstBack<T>(
  providers: readonly T[],
  until: (provider: T) => number,
): T | undefined {
  const [first, ...rest] = providers;
  return first && rest.reduce((a, b) => until(b) < until(a) ? b : a, first);
}
