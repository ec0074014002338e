/**
 * Types that have the compiler refuse unknown keys in definitions whose type it infers, where it would
 * not look for them by itself.
 *
 * @module
 */

declare const KEY: unique symbol;

/**
 * The type of an unknown key. No value has it, and the compiler's message names it; `never` would turn
 * the whole definition into `never`.
 */
export interface NotAKey<K> {
  readonly [KEY]: K;
}

/** The type of an unknown key, unless the key is computed (`[name]: value`): loading checks those. */
export type UnknownKey<K> = string extends K ? unknown : NotAKey<K>;

/** A `Given` without keys that `Known` does not have, at any depth. */
export type Exactly<Given, Known> = unknown extends Known ? Given
  : Given extends readonly (infer Item)[]
    ? readonly Exactly<Item, Known extends readonly (infer KnownItem)[] ? KnownItem : never>[]
  : Given extends object ? {
      readonly [
        // Of a union, a key of any of its members will do.
        K in keyof Given
      ]: K extends (Known extends object ? keyof Known : never)
        ? Exactly<Given[K], Known extends object ? K extends keyof Known ? Known[K] : never : never>
        : UnknownKey<K>;
    }
  : Given;
