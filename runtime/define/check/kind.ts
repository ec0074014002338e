/**
 * Kinds of values in a definition. A kind reports what the compiler would report in TypeScript, for
 * definitions in JavaScript and behind casts.
 *
 * @module
 */
import { MESH_NAME } from "../../base/mesh_name.ts";
import { isObject } from "../../base/json.ts";
import { TOOL_TEXT_MAX } from "../../protocol/tool_text.ts";
import { parseConstraint } from "../../protocol/resolve/constraint.ts";
import { parseVersion } from "../../protocol/resolve/version.ts";
import { shortened } from "../../base/cut_text.ts";

/** A place in a definition, and the report of its problems. */
export class Place {
  /** Such as `dependencies.prefs.tags[0]`; empty for the definition itself. */
  readonly path: string;
  /** The last key of the path. */
  readonly key: string;
  readonly #problems: string[];

  constructor(problems: string[], path = "", key = "") {
    this.#problems = problems;
    this.path = path;
    this.key = key;
  }

  /** Returns the place of a member. */
  at(key: string | number): Place {
    const step = typeof key === "number"
      ? `[${key}]`
      : /^[A-Za-z_$][\w$]*$/.test(key)
      ? `${this.path === "" ? "" : "."}${key}`
      : `[${JSON.stringify(key)}]`;
    return new Place(this.#problems, this.path + step, String(key));
  }

  /** Returns the place at a path below this one. */
  within(path: string): Place {
    if (path === "" || this.path === "") return new Place(this.#problems, this.path + path);
    return new Place(this.#problems, this.path + (path.startsWith("[") ? "" : ".") + path);
  }

  /** The subject of a sentence about this place. */
  get text(): string {
    return this.path === "" ? "the value" : JSON.stringify(this.path);
  }

  /** Reports a problem, as a sentence without the full stop. */
  report(sentence: string): void {
    this.#problems.push(sentence);
  }

  /** Reports a value that is not valid here, with the way to write it. */
  refuse(value: unknown, advice: string): void {
    this.report(`${this.text} is ${shown(value)}; ${advice}`);
  }
}

/** A check that reports the problems of a value, and has none to report for a `T`. */
export type Kind<T> = ((value: unknown, place: Place) => void) & {
  /** Only for the compiler. */
  readonly takes?: (value: T) => void;
};

/** Returns a value as messages show it, cut to 60 characters. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (isObject(value)) return "an object";
  const text = typeof value === "string" || Array.isArray(value) ? jsonOf(value) : String(value);
  return shortened(text, 60);
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "an array";
  }
}

/** Any value at all. */
export const anything: Kind<unknown> = () => {};

/** Text. */
export const text: Kind<string> = (value, place) => {
  if (typeof value !== "string") place.refuse(value, "write text");
};

/** `true` or `false`. */
export const truth: Kind<boolean> = (value, place) => {
  if (typeof value !== "boolean") place.refuse(value, "write true or false");
};

/** A function. */
export const func: Kind<(...args: never) => unknown> = (value, place) => {
  if (typeof value !== "function") place.refuse(value, "write a function");
};

/** Makes the kind of numbers that pass a test. */
function numberThat(isFit: (value: number) => boolean, described: string): Kind<number> {
  return (value, place) => {
    if (typeof value !== "number" || !isFit(value)) place.refuse(value, `write ${described}`);
  };
}

/** Any number. */
export const number = numberThat(Number.isFinite, "a number");
/** A positive amount of time or tokens. */
export const amount = numberThat((value) => value > 0, "a number above 0");
/** A duration or a size, which may be the result of a subtraction. */
export const quantity = numberThat((value) => !Number.isNaN(value), "a number");
/** A number of repetitions, at least one. */
export const times = numberThat(
  (value) => Number.isInteger(value) && value > 0,
  "a whole number above 0",
);
/** A number of repetitions, or none. */
export const count = numberThat(
  (value) => Number.isInteger(value) && value >= 0,
  "a whole number, 0 or more",
);

/** A port to listen on. */
export const port: Kind<number> = (value, place) => {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65_535) return;
  place.report(`port ${shown(value)} is not valid: use a whole number from 0 to 65535`);
};

/** Any object. */
export const object: Kind<object> = (value, place) => {
  if (typeof value !== "object" || value === null) place.refuse(value, "write an object");
};

/** Makes the kind of the objects of a class. */
export function instance<T>(type: abstract new (...args: never) => T): Kind<T> {
  return (value, place) => {
    if (!(value instanceof type)) place.refuse(value, `write a value of ${type.name}`);
  };
}

/** Makes the kind of a fixed set of words. */
export function word<W extends string>(words: Readonly<Record<W, true>>): Kind<W> {
  return (value, place) => {
    if (typeof value === "string" && Object.hasOwn(words, value)) return;
    place.refuse(value, `write ${listed(Object.keys(words), "or")}`);
  };
}

/** Returns quoted words as the list of a sentence. */
export function listed(words: readonly string[], conjunction: "and" | "or"): string {
  const quoted = words.map((word) => JSON.stringify(word));
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} ${conjunction} ${last}`;
}

/** A name that travels across the mesh: of a capability, a tag. */
export const name: Kind<string> = (value, place) => {
  if (typeof value !== "string") return place.refuse(value, "write text");
  const fault = nameFault(value);
  if (fault !== undefined) place.refuse(value, fault);
};

/** Returns how to correct a name that cannot travel, if it cannot. */
export function nameFault(value: string): string | undefined {
  if (value.trim() === "") return "write a name that is not empty";
  // deno-lint-ignore no-control-regex -- these are what is meant
  if (/[\x00-\x1f\x7f-\x9f]/.test(value)) return "remove the control characters";
  if (!value.isWellFormed()) return "remove the unpaired surrogate";
  return value.length > TOOL_TEXT_MAX ? `use at most ${TOOL_TEXT_MAX} characters` : undefined;
}

/** Tells whether a value is valid as the name of an agent. */
export function isLabel(value: unknown): value is string {
  return typeof value === "string" && MESH_NAME.test(value) && value.length <= 63;
}

/** Makes the kind of names of agents or namespaces, as the registry accepts them. */
export function label(of: string): Kind<string> {
  return (value, place) => {
    if (isLabel(value)) return;
    place.report(
      `${of} ${shown(value)} is not valid: use at most 63 lower-case letters, digits and ` +
        "hyphens, starting and ending with a letter or digit",
    );
  };
}

/** A version, by the rules of resolution. */
export const version: Kind<string> = (value, place) => {
  if (typeof value !== "string" || parseVersion(value) === undefined) {
    place.refuse(value, 'write a semantic version, such as "1.2.0"');
  }
};

/** A range of versions, by the rules of resolution; empty text accepts every version. */
export const versionRange: Kind<string> = (value, place) => {
  if (typeof value === "string" && (value === "" || parseConstraint(value) !== undefined)) return;
  place.refuse(value, 'write a range of versions, such as "^1.2" or ">=1, <3"');
};

/** Makes the kind of lists. */
export function list<T>(of: Kind<T>, example: string): Kind<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) return place.refuse(value, `write a list, such as ${example}`);
    value.forEach((item, index) => of(item, place.at(index)));
  };
}

/** Makes the kind of objects with arbitrary keys. */
export function record<T>(
  of: Kind<T>,
  example: string,
): Kind<Readonly<Record<string, T | undefined>>> {
  return (value, place) => {
    if (!isObject(value)) return place.refuse(value, `write them by name, such as ${example}`);
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) of(member, place.at(key));
    }
  };
}

/** Makes the kind of text, or of another kind. */
export function textOr<T>(other: Kind<T>): Kind<string | T> {
  return (value, place) => typeof value === "string" ? undefined : other(value, place);
}
