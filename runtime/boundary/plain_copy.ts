/**
 * Copies of values that agent code has sent. A copy is made of nothing but the data JSON holds: each
 * member of the value is read once, and neither its prototype nor an accessor comes along.
 *
 * @module
 */
import { MESSAGE_MAX } from "../base/bounded_body.ts";
import { VALUE_DEPTH_MAX } from "../base/bounded_json.ts";
import type { JsonObject } from "../base/json.ts";

/** The reason why a value is not copied, as the end of a sentence about it. */
export class NotPlain extends Error {
  override readonly name = "NotPlain";
}

/**
 * Copies a value. Members that are `undefined` are left out, as JSON leaves them out.
 *
 * @param weightMax Most characters of its JSON text, about.
 * @throws {NotPlain} For a value that JSON does not hold as it is, or that is too deep or too long.
 */
export function plainCopy(value: unknown, weightMax: number = MESSAGE_MAX): unknown {
  return new Copy(weightMax).of(value, 1);
}

/** Tells whether a value is an object of members, such as an object literal makes. */
export function isRecord(value: unknown): value is JsonObject {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

class Copy {
  #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  /** @param depth The level that the value is on. */
  of(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case "string":
        this.#take(value.length + 2);
        return value;
      case "boolean":
        this.#take(4);
        return value;
      case "number":
        this.#take(1);
        if (!Number.isFinite(value)) throw new NotPlain("holds a number that is not finite");
        return value;
      case "object":
        if (value === null) break;
        if (depth > VALUE_DEPTH_MAX) {
          throw new NotPlain(`is nested deeper than ${VALUE_DEPTH_MAX} levels`);
        }
        return this.#object(value, depth);
      default:
        throw new NotPlain(`holds ${typeof value === "undefined" ? "a gap" : `a ${typeof value}`}`);
    }
    this.#take(4);
    return null;
  }

  #object(value: object, depth: number): unknown {
    this.#take(2);
    if (Array.isArray(value)) return this.#list(value, depth);
    if (!isRecord(value)) throw new NotPlain("holds an object that is not plain");
    const copy: JsonObject = {};
    for (const key of Object.keys(value)) {
      const member: unknown = value[key];
      if (member === undefined) continue;
      this.#take(key.length + 3);
      const own = this.of(member, depth + 1);
      // To assign to this key is to set the prototype.
      if (key !== "__proto__") copy[key] = own;
      else {Object.defineProperty(copy, key, {
          value: own,
          enumerable: true,
          configurable: true,
          writable: true,
        });}
    }
    return copy;
  }

  #list(value: readonly unknown[], depth: number): unknown[] {
    const copy: unknown[] = [];
    // By index: a list of a few members may say that it has millions.
    for (let index = 0; index < value.length; index++) copy.push(this.of(value[index], depth + 1));
    return copy;
  }

  #take(weight: number): void {
    this.#room -= weight;
    if (this.#room < 0) throw new NotPlain("is longer than a message may be");
  }
}
