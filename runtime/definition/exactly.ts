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

/**
 * Stands in the place of a key that is not known, so that the compiler says it. A key the compiler
 * does not know either (`[name]: value`) is found when the definition is loaded.
 */
export type UnknownKey<K> = string extends K ? unknown
  : `${Extract<K, string>} is not a key here`;

/** Given by somebody as a `Known`: no key that is not one of its keys will do, at any depth. */
export type Exactly<Given, Known> = unknown extends Known ? Given
  : Given extends readonly (infer Item)[] ? readonly Exactly<Item, ItemOf<Known>>[]
  : Given extends object ? {
      readonly [K in keyof Given]: K extends KeyOf<Known> ? Exactly<Given[K], ValueAt<Known, K>>
        : UnknownKey<K>;
    }
  : Given;
