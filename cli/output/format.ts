/**
 * Which form of output a user asked for with `-o`.
 *
 * @module
 */
import { usageError } from "../base/exit.ts";

/**
 * The form a user asked for.
 *
 * @param given Value of `-o`, or `undefined` when it was not given.
 * @param forms What the command knows.
 * @param json `--json` was given, which is `-o json`.
 * @throws {CliError} exit 2 for a form the command does not know, or for two that differ.
 */
export function outputForm<Form extends string>(
  given: string | undefined,
  forms: readonly Form[],
  json = false,
): Form | "json" | undefined {
  if (given === undefined) return json ? "json" : undefined;
  const form = given === "json" && json ? "json" : forms.find((each) => each === given);
  if (form === undefined) {
    throw usageError(`-o is "${given}", and it takes ${forms.join(", ")}`);
  }
  if (json && form !== "json") throw usageError(`--json and -o ${given} exclude each other`);
  return form;
}
