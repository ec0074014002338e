/**
 * Values that a function of "mesh" has made.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import { type Kind } from "./kind.ts";

/** Makes the kind of the values that a function of "mesh" returns, recognised by their members. */
export function made(by: string, marks: readonly string[]): Kind<object> {
  return (value, place) => {
    if (isObject(value) && marks.every((mark) => mark in value)) return;
    place.refuse(value, `declare it with ${by}({ … }, handler)`);
  };
}
