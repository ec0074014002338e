/**
 * Things under a number for as long as they last. A number says where the thing stands, so that
 * coming and going makes nothing, and is not given twice, so that what comes too late finds nothing.
 *
 * @module
 */

/** Places; a power of two above what is ever under way at once in one agent. */
const PLACES = 2 ** 20;

/** Things by number. */
export class Numbered<T extends { number: number }> {
  readonly #things: (T | undefined)[] = [];
  readonly #free: number[] = [];
  #given = 0;

  /** Gives a thing its number. */
  add(thing: T): void {
    const place = this.#free.pop() ?? this.#things.length;
    this.#given += 1;
    thing.number = this.#given * PLACES + place;
    this.#things[place] = thing;
  }

  /** The thing with a number, if it is still there. */
  get(number: number): T | undefined {
    const thing = this.#things[number % PLACES];
    return thing?.number === number ? thing : undefined;
  }

  /** Takes a thing out. */
  delete(thing: T): void {
    const place = thing.number % PLACES;
    if (this.#things[place] !== thing) return;
    this.#things[place] = undefined;
    this.#free.push(place);
  }

  /** All that are there. */
  all(): T[] {
    return this.#things.filter((thing) => thing !== undefined);
  }
}
