/**
 * Whether the registry hands out jobs: while it drains, none are. The flag is in the database, so
 * every instance over it agrees and a restart changes nothing.
 *
 * @module
 */

const KEY = ["drain"];

/** The drain flag. */
export class Drain {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** Whether jobs are held back. */
  async active(): Promise<boolean> {
    return (await this.#kv.get(KEY)).value !== null;
  }

  /**
   * Holds jobs back from now on.
   *
   * @param now Milliseconds since the epoch.
   */
  async start(now: number): Promise<void> {
    // Set once: `since` is when draining began, however often it is asked for.
    await this.#kv.atomic().check({ key: KEY, versionstamp: null }).set(KEY, { since: now })
      .commit();
  }

  /** Hands out jobs again. */
  async end(): Promise<void> {
    await this.#kv.delete(KEY);
  }
}
