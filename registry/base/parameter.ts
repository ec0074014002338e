/**
 * The parameters of a query: how each is described, and how the values that a caller gives are read.
 *
 * @module
 */

/** A value that cannot be read, and why. */
export class Fault {
  /**
   * @param text What is wrong with the value.
   * @param isSentence Whether the text stands alone, instead of after the name of the parameter.
   */
  constructor(readonly text: string, readonly isSentence = false) {}
}

/** A parameter of a query. */
export interface Parameter<Value = unknown> {
  readonly type: "string" | "integer" | "boolean";
  readonly about: string;
  readonly required?: boolean;
  /** Whether it may be given several times. */
  readonly repeated?: boolean;
  /**
   * Reads the values of one request.
   *
   * @param given Every value, in order; empty when the parameter is absent.
   */
  read(given: readonly string[]): Value;
}

/** Parameters by name, in the order in which they are described and read. */
export type QueryParameters = Readonly<Record<string, Parameter>>;

/** The values of parameters, once all are read. */
export type Values<Declared extends QueryParameters> = {
  readonly [Name in keyof Declared]: Exclude<ReturnType<Declared[Name]["read"]>, Fault>;
};

/** The first parameter that cannot be read. */
export interface Unreadable {
  readonly parameter: string;
  readonly fault: Fault;
}

/** Returns the values of a query, or the first that cannot be read. */
export function readParameters<Declared extends QueryParameters>(
  declared: Declared,
  query: URLSearchParams,
): { readonly values: Values<Declared> } | Unreadable {
  const values: Record<string, unknown> = {};
  for (const [parameter, { read }] of Object.entries(declared)) {
    const value = read(query.getAll(parameter));
    if (value instanceof Fault) return { parameter, fault: value };
    values[parameter] = value;
  }
  // Every declared parameter has been read by its own reader.
  return { values: values as Values<Declared> };
}

/** Returns a parameter that is a text; an empty one counts as absent. */
export function text(about: string): Parameter<string | undefined> {
  return { type: "string", about, read: ([first]) => first || undefined };
}

/** Returns a parameter that is a text, and is read further where it is given. */
export function textAs<Value>(
  about: string,
  read: (given: string) => Value,
  type: Parameter["type"] = "string",
): Parameter<Value | undefined> {
  return { type, about, read: ([first]) => first ? read(first) : undefined };
}

/** Returns a parameter that may be given several times; empty texts do not count. */
export function texts(about: string): Parameter<string[]> {
  return {
    type: "string",
    about,
    repeated: true,
    read: (given) => given.filter((value) => value !== ""),
  };
}

/**
 * Returns a parameter that must be given.
 *
 * @param missing The sentence that says so when it is not.
 */
export function requiredText(about: string, missing: string): Parameter<string | Fault> {
  return {
    type: "string",
    about,
    required: true,
    read: ([first]) => first || new Fault(missing, true),
  };
}

/** The range of a `limit`. */
export interface LimitRange {
  /** The limit when none is given; Infinity for all. */
  readonly fallback: number;
  /** More counts as this. */
  readonly max: number;
}

/** Returns a parameter that says how many are wanted at most: a whole number, brought into its range. */
export function limit({ fallback, max }: LimitRange): Parameter<number | Fault> {
  const without = fallback === Infinity ? "all" : fallback;
  return {
    type: "integer",
    about: `How many at most, up to ${max}; ${without} without it`,
    read: ([first]) => {
      if (first === undefined) return fallback;
      if (!/^[+-]?\d+$/.test(first)) {
        return new Fault(`${JSON.stringify(first)} is not a whole number`);
      }
      return Math.min(Math.max(Number(first), 1), max);
    },
  };
}

/** The parameter of everything that can be narrowed to a namespace. */
export const NAMESPACE: Parameter<string | undefined> = text(
  "Only what belongs to this namespace",
);
