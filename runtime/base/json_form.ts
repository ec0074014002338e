/**
 * The JSON form of what agent code hands over. What JSON holds goes on as it is, bytes as base64; what
 * `JSON.stringify` would lose or change without a word (a Map, a function, NaN) is a failure that names
 * the place.
 *
 * @module
 */
import { errorText, MeshError } from "./errors.ts";
import { MESSAGE_MAX } from "./bounded_body.ts";
import { isDeep, VALUE_DEPTH_MAX } from "./bounded_json.ts";
import { shortened } from "./cut_text.ts";

/** Longest JSON text of a value, in characters. */
const VALUE_MAX = MESSAGE_MAX;

/** What a value is of, for its failure. */
export interface FormOf {
  readonly code: "bad_input" | "bad_output";
  /** Singular, such as `the result`. */
  readonly what: string;
}

/**
 * Whether JSON holds a value whole as it is: data made of plain objects, lists, texts, finite numbers,
 * booleans and null, no deeper and no longer than a message takes it. Members that are `undefined` are
 * as good as absent.
 */
export function isPlain(value: unknown): boolean {
  return weightOf(value) <= VALUE_MAX;
}

/**
 * Returns a lower bound of the length of a value's JSON text, in characters; `Infinity` for a value
 * that JSON does not hold whole as it is, or that is too deep or too long.
 */
export function weightOf(value: unknown): number {
  try {
    return weigh(value, 1);
  } catch {
    // A getter throws: jsonText() says which.
    return Infinity;
  }
}

/**
 * The JSON text of a value; `null` for nothing.
 *
 * @param isOnlyJson Whether the value has been found to be what JSON holds.
 * @returns A promise when there are Blobs in it to read.
 * @throws {MeshError} When it has none, or it is too deep or too long.
 */
export function jsonText(value: unknown, of: FormOf, isOnlyJson = false): string | Promise<string> {
  if (value === undefined) return "null";
  const text = isOnlyJson ? textOf(value) : isPlain(value) ? JSON.stringify(value) : undefined;
  if (text !== undefined) return bounded(text, of);
  const blobs = new Map<Blob, string>();
  const first = written(value, blobs, of);
  return blobs.size === 0 ? first : read(blobs).then(() => written(value, blobs, of));
}

/** Returns the text of a value that is only what JSON holds; `undefined` when it is too deep or too long. */
function textOf(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value);
    return isDeep(text, VALUE_DEPTH_MAX) ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * A value as its reader will get it: itself, if JSON holds it.
 *
 * @returns A promise when there are Blobs in it to read.
 * @throws {MeshError} When it has no JSON form.
 */
export function jsonForm(value: unknown, of: FormOf): unknown {
  if (isPlain(value)) return value;
  return after(jsonText(value, of), (text): unknown => JSON.parse(text));
}

/** Goes on with what may have to be waited for; at once where it need not. */
export function after<T, U>(
  value: T | Promise<T>,
  next: (value: T) => U | Promise<U>,
): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Bytes as code has them. */
export type Bytes = Uint8Array | ArrayBuffer | Blob;

/** Whether a value is bytes. Other typed arrays are lists of numbers of some size, which JSON lacks. */
export function isBytes(value: unknown): value is Bytes {
  return value instanceof Uint8Array || value instanceof ArrayBuffer || value instanceof Blob;
}

/** The bytes of what {@linkcode isBytes} has seen. */
export function bytesOf(value: Bytes): Uint8Array | Promise<Uint8Array> {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value.bytes();
}

/** @param depth The level that it is on. */
function weigh(value: unknown, depth: number): number {
  switch (typeof value) {
    case "string":
      return value.length + 2;
    case "boolean":
      return 4;
    case "number":
      return Number.isFinite(value) ? 1 : Infinity;
    case "object":
      break;
    default:
      return Infinity;
  }
  if (value === null) return 4;
  if (depth > VALUE_DEPTH_MAX) return Infinity;
  const prototype = Object.getPrototypeOf(value);
  let weight = 2;
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype) return Infinity;
    // By index: a list with holes has members that are undefined.
    for (let index = 0; index < value.length && weight <= VALUE_MAX; index++) {
      weight += weigh(value[index], depth + 1);
    }
    return weight;
  }
  if (prototype !== Object.prototype && prototype !== null) return Infinity;
  for (const key in value) {
    const member: unknown = value[key as keyof typeof value];
    if (member !== undefined) weight += key.length + 3 + weigh(member, depth + 1);
    if (weight > VALUE_MAX) return Infinity;
  }
  return weight;
}

/** @throws {MeshError} When a text is too long. */
function bounded(text: string, of: FormOf): string {
  if (text.length > VALUE_MAX) throw tooLong(of);
  return text;
}

function tooLong({ code, what }: FormOf): MeshError {
  return new MeshError(
    code,
    `${what} is longer than ${VALUE_MAX} characters, which is more than a message takes; ` +
      "give it in parts, or keep it elsewhere and give its address",
  );
}

/** Reads the Blobs, as base64. */
async function read(blobs: Map<Blob, string>): Promise<void> {
  await Promise.all([...blobs.keys()].map(async (blob) => {
    blobs.set(blob, (await blob.bytes()).toBase64());
  }));
}

/**
 * Writes a value, looking at every member on the way.
 *
 * @param blobs As they have been read; those that have not are added.
 */
function written(value: unknown, blobs: Map<Blob, string>, of: FormOf): string {
  const { code, what } = of;
  const trail = new Trail();
  let weight = 0;
  /** Breaks off as soon as the text is too long, instead of writing all of it. */
  const weighed = (text: string): string => {
    weight += text.length;
    if (weight > VALUE_MAX) throw tooLong(of);
    return text;
  };
  let text: string;
  try {
    text = JSON.stringify(value, function (this: object, key, formed: unknown) {
      const isCycle = trail.enter(this, key, formed);
      if (isCycle) throw new Unwritable("in itself, and would never end");
      // What it was before its toJSON().
      const raw: unknown = this[key as keyof typeof this];
      if (raw instanceof Blob) {
        const base64 = blobs.get(raw) ?? "";
        blobs.set(raw, base64);
        return weighed(base64);
      }
      // A Buffer has a toJSON() that makes a list of numbers of it.
      if (raw instanceof Uint8Array) return weighed(raw.toBase64());
      if (raw instanceof ArrayBuffer) return weighed(new Uint8Array(raw).toBase64());
      if (typeof formed === "string") return weighed(formed);
      const flaw = flawOf(raw, formed, Array.isArray(this));
      if (flaw !== undefined) throw new Unwritable(flaw);
      if (trail.depth > VALUE_DEPTH_MAX && typeof formed === "object" && formed !== null) {
        throw new Unwritable(`nested deeper than ${VALUE_DEPTH_MAX} levels`);
      }
      return formed;
    }) ?? "null";
  } catch (cause) {
    // The second is of a text that is longer than a text can be at all.
    if (weight > VALUE_MAX || errorText(cause) === "Invalid string length") throw tooLong(of);
    const why = cause instanceof Unwritable
      ? `${trail.path} is ${cause.message}`
      : `${trail.path}: ${errorText(cause)}`;
    throw new MeshError(code, `${what} has no JSON form: ${why}`, { cause });
  }
  return bounded(text, of);
}

/** Says what something is that has no JSON form, and what to do. */
class Unwritable extends Error {}

/** Longest path that is told, in characters. */
const PATH_MAX = 200;

/** Where a value is written at the moment. */
class Trail {
  /** The value that is written is a member of the last one, which is one of the one before, and so on. */
  readonly #holders: object[] = [];
  readonly #keys: string[] = [];

  /**
   * Goes on to a member.
   *
   * @returns Whether the member holds itself.
   */
  enter(holder: object, key: string, member: unknown): boolean {
    const depth = this.#holders.lastIndexOf(holder);
    const length = depth === -1 ? this.#holders.push(holder) : depth + 1;
    this.#holders.length = length;
    this.#keys.length = length;
    this.#keys[length - 1] = key;
    return typeof member === "object" && member !== null && this.#holders.includes(member);
  }

  /** The level that the member is on, if it has members itself. */
  get depth(): number {
    return this.#holders.length;
  }

  /** Such as `items[2].name`. */
  get path(): string {
    // The value itself is a member, without a name, of what JSON.stringify puts around it.
    const steps = this.#keys.slice(1).map((key, index) => {
      if (Array.isArray(this.#holders[index + 1])) return `[${key}]`;
      return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`;
    });
    const path = steps.join("").replace(/^\./, "") || "it";
    return shortened(path, PATH_MAX);
  }
}

/** Kinds of objects that JSON makes `{}` of, and what to do about them. */
const OPAQUE:
  readonly (readonly [kind: abstract new (...args: never) => object, remedy: string])[] = [
    [Map, "make it an object, or a list of its entries"],
    [Set, "make it a list"],
    [Promise, "await it"],
    [Error, "take its message"],
    [RegExp, "take its source"],
    [SharedArrayBuffer, "copy it to a Uint8Array"],
  ];

/**
 * What is wrong with a value, if anything.
 *
 * @param formed What its toJSON() made of it, or itself.
 */
function flawOf(raw: unknown, formed: unknown, isInList: boolean): string | undefined {
  switch (typeof formed) {
    case "undefined":
      return isInList ? "undefined, which lists cannot hold; use null" : undefined;
    case "function":
      return "a function; give data instead";
    case "symbol":
      return "a symbol; give its description instead";
    case "bigint":
      return "a BigInt; make it a number or a text";
    case "number":
      return Number.isFinite(formed) ? undefined : `${formed}; use null or a text`;
    case "object":
      if (formed !== null) return flawOfObject(formed);
      return raw instanceof Date ? "an invalid Date; use null or a text" : undefined;
    default:
      return undefined;
  }
}

function flawOfObject(value: object): string | undefined {
  if (Array.isArray(value)) return undefined;
  const prototype = Object.getPrototypeOf(value);
  // An object of another realm has another Object.prototype, and that has none either.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined;
  if (value instanceof Number) return flawOf(value, Number(value), false);
  if (value instanceof String || value instanceof Boolean) return undefined;
  const name = nameOf(value);
  if (ArrayBuffer.isView(value)) return `${name}; make it a list, or bytes (Uint8Array)`;
  const remedy = OPAQUE.find(([kind]) => value instanceof kind)?.[1];
  if (remedy !== undefined) return `${name}; ${remedy}`;
  return Object.keys(value).length > 0
    ? undefined
    : `${name} without any field that JSON could hold; give it a toJSON(), or give its data`;
}

function nameOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  const name = tag === "Object" || tag === "Error" ? value.constructor?.name || tag : tag;
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}
