/**
 * Things that are made on demand and can be made again: the ones used last are kept.
 *
 * @module
 */

/** A bounded map. */
export class Recent<Value> {
  readonly #values = new Map<string, Value>();
  readonly #limit: number;
  readonly #isNeeded: (value: Value) => boolean;

  /**
   * @param limit How many are kept.
   * @param isNeeded Those must not be forgotten, however many they are.
   */
  constructor(limit: number, isNeeded: (value: Value) => boolean = () => false) {
    this.#limit = limit;
    this.#isNeeded = isNeeded;
  }

  /** The one of a key, made if it is not there. */
  get(key: string, make: () => Value): Value {
    const value = this.#values.get(key) ?? make();
    // A map keeps the order in which its keys came.
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#limit) this.#forgetOne();
    return value;
  }

  /** Those that are kept. */
  values(): Iterable<Value> {
    return this.#values.values();
  }

  #forgetOne(): void {
    for (const [key, value] of this.#values) {
      if (this.#isNeeded(value)) continue;
      this.#values.delete(key);
      return;
    }
  }
}
