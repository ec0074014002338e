/**
 * Definitions whose types are inferred: the compiler looks for unknown keys only where it does not
 * infer what an object is, so these types do.
 *
 * @module
 */

/** The keys of whatever objects are in a union. */
type KeyOf<T> = T extends readonly unknown[] ? never : T extends object ? keyof T : never;
/** What a key of {@linkcode KeyOf} has. */
type ValueAt<T, K> = T extends object ? K extends keyof T ? T[K] : never : never;
type ItemOf<T> = T extends readonly (infer Item)[] ? Item : never;

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
  : Given extends readonly (infer Item)[] ? readonly Exactly<Item, ItemOf<Known>>[]
  : Given extends object ? {
      readonly [K in keyof Given]: K extends KeyOf<Known> ? Exactly<Given[K], ValueAt<Known, K>>
        : UnknownKey<K>;
    }
  : Given;
