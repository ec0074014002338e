/**
 * Shapes: which keys a definition may have, as data that the compiler holds against the interface.
 *
 * @module
 */
import { suggest } from "../protocol/suggest.ts";
import { isRecord, type Kind, listed, type Place } from "./kind.ts";

/** What an object may have: each key, and the kind of its value. */
export interface Shape<T> extends Kind<T> {
  /** What one is called, with its article. */
  readonly noun: string;
}

/** What is particular to a {@linkcode Shape}. */
export interface ShapeOptions {
  /** Keys that must be there. */
  readonly required?: readonly string[];
  /** How one is written, where there is only a text or a list of texts in its place. */
  readonly written?: (text: string) => string;
  /** Reports what is wrong with the whole, once its members have been looked at. */
  readonly also?: (value: Readonly<Record<string, unknown>>, place: Place) => void;
}

/** The keys of any member of a union. */
type KeyOf<T> = T extends unknown ? keyof T : never;
/** The values a key has in any member of a union. */
type ValueOf<T, K> = T extends unknown ? K extends keyof T ? Exclude<T[K], undefined> : never
  : never;

/** The kind of each member of `T`: the compiler refuses a table that lacks a key, or has another. */
export type MembersOf<T> = { readonly [K in KeyOf<T>]: Kind<ValueOf<T, K>> };

/**
 * Makes the shape of `T`.
 *
 * @param noun What one is called, with its article.
 * @param members Its keys, all of them.
 */
export function shape<T extends object>(
  noun: string,
  members: MembersOf<T>,
  { required = [], written = () => "an object", also = () => {} }: ShapeOptions = {},
): Shape<T> {
  // Each kind is only given what stands under its own key.
  const known = new Map(Object.entries<Kind<never>>(members));
  const keys = [...known.keys()];
  const check = (value: unknown, place: Place): void => {
    if (!isRecord(value)) return place.refuse(value, `write ${written(firstText(value))}`);
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
  return Object.assign(check, { noun });
}

/**
 * Reports keys that mean nothing.
 *
 * @param noun What a key has to be, with its article.
 */
export function onlyKeys(noun: string, known: readonly string[]): Kind<object> {
  return (value, place) => {
    if (!isRecord(value)) return;
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
    ? `there are ${listed(known, "and")}`
    : "there is none";
  place.report(`${place.text} is not ${noun}; ${advice}`);
}

function firstText(value: unknown): string {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" && first !== "" ? first : "…";
}
