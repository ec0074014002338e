/**
 * Descriptions of environment variables.
 *
 * @module
 */

/** One environment variable. */
export interface Variable {
  readonly name: string;
  /** What counts when it is absent or empty, as a person would write it. */
  readonly fallback: string;
  readonly unit:
    | "seconds"
    | "milliseconds"
    | "text"
    | "port"
    | "count"
    | "list"
    | "address"
    | "flag";
  readonly meaning: string;
  /** Whether another one, whose name is shorter, stands for it in tables. */
  readonly isVariant?: boolean;
}
