/**
 * The arguments of a tool call as a model writes them. One place reads them, for all who run tools and
 * for what the model is told again of its own calls. Pure.
 *
 * @module
 */
import { errorText } from "../../base/errors.ts";
import { parseExact } from "../../base/exact_json.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { wellFormed } from "../../base/well_formed.ts";

/**
 * Returns the arguments in a text. Numbers that JavaScript cannot hold keep their digits when they are
 * written as JSON again.
 *
 * Models write nothing, `null` or an empty list for no arguments, and now and then JSON in a JSON text.
 *
 * @throws {Error} When it is not JSON, or not an object, in words for the model.
 */
export function argumentsIn(text: string): JsonObject {
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = parseExact(text);
  } catch (error) {
    throw new Error(`the arguments are not valid JSON (${errorText(error)}); write them again`);
  }
  if (typeof value === "string") return argumentsIn(value);
  if (value === null || (Array.isArray(value) && value.length === 0)) return {};
  if (isObject(value)) return value;
  throw new Error("the arguments are not a JSON object; write them again");
}

/** An escape that may be half a character. */
const HALF = /\\ud[89a-f]/i;

/** Returns the JSON text of arguments, an object always: endpoints refuse anything else. */
export function argumentsText(text: string): string {
  try {
    const value = argumentsIn(text);
    // What is an object already is told as it was written.
    const isTold = text.trimStart().startsWith("{") && !HALF.test(text);
    return isTold ? text : JSON.stringify(wellFormed(value));
  } catch {
    return "{}";
  }
}
