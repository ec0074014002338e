/**
 * Kinds of values that definitions are made of, and what is wrong with a value that is of another.
 * People who write JavaScript, or cast, get here what the compiler tells the others.
 *
 * @module
 */
import { TOOL_TEXT_MAX } from "../protocol/registration.ts";
import { parseConstraint } from "../protocol/resolve/constraint.ts";
import { parseVersion } from "../protocol/resolve/version.ts";

/** A place in a definition, where what is wrong with it is reported. */
export class Place {
  /** Such as `dependencies.prefs.tags[0]`; empty for the definition itself. */
  readonly path: string;
  /** The last part of the path. */
  readonly key: string;
  readonly #problems: string[];

  constructor(problems: string[], path = "", key = "") {
    this.#problems = problems;
    this.path = path;
    this.key = key;
  }

  /** The place of a member. */
  at(key: string | number): Place {
    const step = typeof key === "number"
      ? `[${key}]`
      : /^[A-Za-z_$][\w$]*$/.test(key)
      ? `${this.path === "" ? "" : "."}${key}`
      : `[${JSON.stringify(key)}]`;
    return new Place(this.#problems, this.path + step, String(key));
  }

  /** A place further down, by its path from here. */
  within(path: string): Place {
    if (path === "" || this.path === "") return new Place(this.#problems, this.path + path);
    return new Place(this.#problems, this.path + (path.startsWith("[") ? "" : ".") + path);
  }

  /** How a sentence begins that is about this place. */
  get text(): string {
    return this.path === "" ? "it" : JSON.stringify(this.path);
  }

  /** Reports what is wrong here, in a sentence without its full stop. */
  report(sentence: string): void {
    this.#problems.push(sentence);
  }

  /** Reports that a value is not what it has to be. */
  refuse(value: unknown, advice: string): void {
    this.report(`${this.text} is ${shown(value)}; ${advice}`);
  }
}

/** Reports what is wrong with a value. It takes every `T`, which is only for the compiler. */
export type Kind<T> = ((value: unknown, place: Place) => void) & {
  readonly takes?: (value: T) => void;
};

/** A value of a definition, in as many letters as a message has room for. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return "an object";
  const text = typeof value === "string" || Array.isArray(value) ? jsonOf(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
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

/** A number that `isFit` and is described so. */
function numberThat(isFit: (value: number) => boolean, described: string): Kind<number> {
  return (value, place) => {
    if (typeof value !== "number" || !isFit(value)) place.refuse(value, `write ${described}`);
  };
}

/** Any number. */
export const number = numberThat(Number.isFinite, "a number");
/** An amount: of time, of bytes, of tokens. */
export const amount = numberThat((value) => value > 0, "a number above 0");
/** How often something may happen that happens. */
export const times = numberThat(
  (value) => Number.isInteger(value) && value > 0,
  "a whole number above 0",
);
/** How often something may happen, if at all. */
export const count = numberThat(
  (value) => Number.isInteger(value) && value >= 0,
  "a whole number, 0 or more",
);

/** A port to listen on. */
export const port: Kind<number> = (value, place) => {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65_535) return;
  place.report(`port ${shown(value)} is not valid: use a whole number from 0 to 65535`);
};

/** Anything that has members. */
export const object: Kind<object> = (value, place) => {
  if (typeof value !== "object" || value === null) place.refuse(value, "write an object");
};

/** An object of a class. */
export function instance<T>(type: abstract new (...args: never) => T): Kind<T> {
  return (value, place) => {
    if (!(value instanceof type)) place.refuse(value, `write a value of ${type.name}`);
  };
}

/** One of some words. */
export function word<W extends string>(words: Readonly<Record<W, true>>): Kind<W> {
  return (value, place) => {
    if (typeof value === "string" && Object.hasOwn(words, value)) return;
    place.refuse(value, `write ${listed(Object.keys(words), "or")}`);
  };
}

/** Words in quotation marks, as a list in a sentence. */
export function listed(words: readonly string[], conjunction: "and" | "or"): string {
  const quoted = words.map((word) => JSON.stringify(word));
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} ${conjunction} ${last}`;
}

/** A word that names something across the mesh. */
export const name: Kind<string> = (value, place) => {
  if (typeof value !== "string") return place.refuse(value, "write text");
  const fault = nameFault(value);
  if (fault !== undefined) place.refuse(value, fault);
};

/** What is wrong with a name, in the imperative. */
export function nameFault(value: string): string | undefined {
  if (value.trim() === "") return "write a name that is not empty";
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f-\x9f]/.test(value)) return "leave the control characters out";
  if (!value.isWellFormed()) return "leave the half of a character out";
  return value.length > TOOL_TEXT_MAX ? `use at most ${TOOL_TEXT_MAX} characters` : undefined;
}

const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** Whether a value is a name that an agent can have. */
export function isLabel(value: unknown): value is string {
  return typeof value === "string" && LABEL.test(value) && value.length <= 63;
}

/** The name of an agent or of a namespace: part of a host name, as in the registry. */
export function label(of: string): Kind<string> {
  return (value, place) => {
    if (isLabel(value)) return;
    place.report(
      `${of} ${shown(value)} is not valid: use at most 63 lower-case letters, digits and ` +
        "hyphens, starting and ending with a letter or digit",
    );
  };
}

/** A version, as the mesh reads them. */
export const version: Kind<string> = (value, place) => {
  if (typeof value !== "string" || parseVersion(value) === undefined) {
    place.refuse(value, 'write a semantic version, such as "1.2.0"');
  }
};

/** Which versions will do; nothing stands for any. */
export const versionRange: Kind<string> = (value, place) => {
  if (typeof value === "string" && (value === "" || parseConstraint(value) !== undefined)) return;
  place.refuse(value, 'write a range of versions, such as "^1.2" or ">=1, <3"');
};

/** A list. */
export function list<T>(of: Kind<T>, example: string): Kind<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) return place.refuse(value, `write a list, such as ${example}`);
    value.forEach((item, index) => of(item, place.at(index)));
  };
}

/** Values by any name. */
export function record<T>(
  of: Kind<T>,
  example: string,
): Kind<Readonly<Record<string, T | undefined>>> {
  return (value, place) => {
    if (!isRecord(value)) return place.refuse(value, `write them by name, such as ${example}`);
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) of(member, place.at(key));
    }
  };
}

/** Whether a value is an object that may hold members of a definition. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value of either kind: text, or what else it may be. */
export function textOr<T>(other: Kind<T>): Kind<string | T> {
  return (value, place) => typeof value === "string" ? undefined : other(value, place);
}
