/**
 * Definitions whose types are inferred: the compiler looks for unknown keys only where it does not
 * infer what an object is, so these types do.
 *
 * @module
 */

declare const KEY: unique symbol;

/**
 * Stands in the place of a key that is not known: no value is of this type, and the compiler names it
 * in its message. It is not `never`, which would make the whole definition `never`.
 */
export interface NotAKey<K> {
  readonly [KEY]: K;
}

/** The same, unless the compiler does not know the key (`[name]: value`): loading finds that one. */
export type UnknownKey<K> = string extends K ? unknown : NotAKey<K>;

/** Given by somebody as a `Known`: no key that is not one of its keys will do, at any depth. */
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
