/**
 * A database that can be made to fail, and that counts its commits.
 *
 * @module
 */

/** A database in memory under test. */
export class BreakableKv implements Disposable {
  /** Why commits and reads of one key fail, if they do. */
  fault: Error | undefined;
  /** Commits begun so far. */
  commits = 0;
  /** The database as the code under test sees it. */
  readonly kv: Deno.Kv;

  private constructor(readonly sound: Deno.Kv) {
    this.kv = new Proxy(sound, {
      get: (target, name) => {
        if (name === "atomic") return () => this.#atomic();
        if (name === "get" && this.fault !== undefined) return () => Promise.reject(this.fault);
        const member = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  }

  #atomic(): Deno.AtomicOperation {
    const operation = this.sound.atomic();
    const commit = operation.commit.bind(operation);
    operation.commit = () => {
      if (this.fault !== undefined) return Promise.reject(this.fault);
      this.commits++;
      return commit();
    };
    return operation;
  }

  /** An empty database. */
  static async open(): Promise<BreakableKv> {
    return new BreakableKv(await Deno.openKv(":memory:"));
  }

  [Symbol.dispose](): void {
    this.sound.close();
  }
}
