/**
 * Work the registry does by itself, again and again: never twice at the same time.
 *
 * @module
 */

/** Something done again and again. */
export interface Chore {
  /** What it is, for the log. */
  readonly name: string;
  /** Time from one start to the next, milliseconds. */
  readonly everyMs: number;
  readonly work: () => Promise<unknown>;
}

/** What {@linkcode Chores} works with. */
export interface ChoresOptions {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes one line about a chore that fails, once until it succeeds. */
  log: (line: string) => void;
}

/**
 * The chores of one registry. Timers drive them between {@linkcode Chores.start} and
 * {@linkcode Chores.stop}; where nothing may run between requests, {@linkcode Chores.due} does.
 * Disposing of them ends the timers and waits for work under way.
 */
export class Chores implements AsyncDisposable {
  readonly #options: ChoresOptions;
  readonly #running = new Map<Chore, Promise<void>>();
  readonly #failing = new Set<Chore>();
  readonly #begun = new Map<Chore, number>();
  #timers: ReturnType<typeof setInterval>[] = [];

  constructor(options: ChoresOptions) {
    this.#options = options;
  }

  /** Takes on a chore; its first time is one interval from now. */
  add(chore: Chore): void {
    this.#begun.set(chore, this.#options.now());
  }

  /** Lets timers drive the chores taken on. */
  start(): void {
    if (this.#timers.length > 0) return;
    this.#timers = [...this.#begun.keys()].map((chore) =>
      setInterval(() => void this.run(chore), chore.everyMs)
    );
  }

  /** Ends the timers. */
  stop(): void {
    this.#timers.forEach(clearInterval);
    this.#timers = [];
  }

  /** Does a chore now; while it is being done, that is what is waited for. Never throws. */
  run(chore: Chore): Promise<void> {
    const running = this.#running.get(chore);
    if (running !== undefined) return running;
    this.#begun.set(chore, this.#options.now());
    const run = this.#do(chore).finally(() => this.#running.delete(chore));
    this.#running.set(chore, run);
    return run;
  }

  /** Does, one after another, the chores whose time has come. */
  async due(): Promise<void> {
    for (const [chore, begun] of this.#begun) {
      if (this.#options.now() - begun >= chore.everyMs) await this.run(chore);
    }
  }

  /** Does all chores now, one after another. */
  async all(): Promise<void> {
    for (const chore of this.#begun.keys()) await this.run(chore);
  }

  async #do(chore: Chore): Promise<void> {
    try {
      await chore.work();
      this.#failing.delete(chore);
    } catch (error) {
      if (!this.#failing.has(chore)) this.#options.log(`${chore.name} failed: ${error}`);
      this.#failing.add(chore);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await Promise.all(this.#running.values());
  }
}
