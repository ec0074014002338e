/**
 * The particulars in the `details` of a failure that programs act on. A failure may come from an
 * agent's own code or over the wire, so that `details` is unknown until it is read here.
 *
 * @module
 */
import { isObject, type JsonObject, memberOf } from "./json.ts";

/** The particulars that the mesh itself gives failures and reads again, by name. */
export interface ErrorDetails {
  /** The values that do not fit a schema, each with its path; of `bad_input`, `bad_output`, `llm_invalid`. */
  readonly issues: readonly unknown[];
  /** The capability that has no provider; of `dependency_unavailable`. */
  readonly capability: string;
  /** Milliseconds to stay away; of `overloaded`, and of vendors of language models. */
  readonly retryAfterMs: number;
  /** The port of `port_taken`. */
  readonly port: number;
  /** The client capabilities that a `cannot_ask` is about. */
  readonly requiredCapabilities: JsonObject;
  /** How many tools a model had called when its vendor failed; of `llm_upstream`. */
  readonly tools_called: number;
  /**
   * The details of a failure that a module's own definition is the reason of; of `bad_definition`.
   * A module that did not load for another reason has none.
   */
  readonly declared: unknown;
}

const CHECKS: { readonly [K in keyof ErrorDetails]: (value: unknown) => value is ErrorDetails[K] } =
  {
    issues: Array.isArray,
    capability: (value) => typeof value === "string",
    retryAfterMs: isNumber,
    port: isNumber,
    requiredCapabilities: isObject,
    tools_called: isNumber,
    declared: (value): value is unknown => value !== undefined,
  };

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Returns one of a failure's particulars; `undefined` where it is missing or is of another kind. */
export function detailOf<K extends keyof ErrorDetails>(
  { details }: { readonly details?: unknown },
  name: K,
): ErrorDetails[K] | undefined {
  const value = memberOf(details, name);
  return CHECKS[name](value) ? value : undefined;
}
