/**
 * Shapes: the keys that a definition may have, as data that the compiler checks against the interface.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import { suggest } from "../../base/suggest.ts";
import { type Kind, listed, type Place } from "./kind.ts";

/** Options for {@linkcode shape}. */
export interface ShapeOptions {
  /** Keys that must be there. */
  readonly required?: readonly string[];
  /** Returns the way to write it where a text, or a list of texts, stands in its place. */
  readonly written?: (text: string) => string;
  /** Reports what is wrong with the whole, once its members have been looked at. */
  readonly also?: (value: Readonly<Record<string, unknown>>, place: Place) => void;
}

/** The keys of any member of a union. */
type KeyOf<T> = T extends unknown ? keyof T : never;
/** The values a key has in any member of a union. */
type ValueOf<T, K> = T extends unknown ? K extends keyof T ? Exclude<T[K], undefined> : never
  : never;

/** A kind for each key of `T`: the compiler refuses a table that lacks a key or has one too many. */
export type MembersOf<T> = { readonly [K in KeyOf<T>]: Kind<ValueOf<T, K>> };

/**
 * Makes the kind of a `T`, from its keys.
 *
 * @param noun Its name in messages, with the article.
 * @param members All keys, with the kinds of their values.
 */
export function shape<T extends object>(
  noun: string,
  members: MembersOf<T>,
  { required = [], written = () => "an object", also = () => {} }: ShapeOptions = {},
): Kind<T> {
  // Each kind is applied to the value of its own key only.
  const known = new Map(Object.entries<Kind<never>>(members));
  const keys = [...known.keys()];
  return (value, place) => {
    if (!isObject(value)) return place.refuse(value, `write ${written(firstText(value))}`);
    for (const [key, member] of Object.entries(value)) {
      const kind = known.get(key);
      if (kind === undefined) reportKey(place.at(key), key, `a key of ${noun}`, keys);
      else if (member !== undefined) kind(member, place.at(key));
    }
    for (const key of required) {
      if (value[key] !== undefined) continue;
      place.report(`${place.path === "" ? noun : place.text} needs "${key}"`);
    }
    also(value, place);
  };
}

/**
 * Makes a kind that reports unknown keys.
 *
 * @param noun The name of a key in messages, with the article.
 */
export function onlyKeys(noun: string, known: readonly string[]): Kind<object> {
  return (value, place) => {
    if (!isObject(value)) return;
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) reportKey(place.at(key), key, noun, known);
    }
  };
}

function reportKey(place: Place, key: string, noun: string, known: readonly string[]): void {
  const [nearest] = suggest(key, known);
  const advice = nearest !== undefined
    ? `did you mean ${JSON.stringify(nearest)}?`
    : known.length > 0
    ? `the keys are ${listed(known, "and")}`
    : "there are no keys";
  place.report(`${place.text} is not ${noun}; ${advice}`);
}

function firstText(value: unknown): string {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" && first !== "" ? first : "…";
}
