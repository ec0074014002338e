/**
 * What must hold before the program itself is loaded, told as it tells everything.
 *
 * @module
 */
import { CliError } from "../base/exit.ts";
import { denoProblem } from "./deno_version.ts";

/** What `prepare` returns; ends the process, with the reason, when this Deno or `prepare` cannot. */
export function whenPossible<Prepared>(prepare: () => Prepared): Prepared {
  const problem = denoProblem(Deno.version.deno);
  if (problem !== undefined) return fail(problem, 1);
  try {
    return prepare();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return fail([error.message, error.hint].filter(Boolean).join("\n"), error.code);
  }
}

function fail(message: string, code: number): never {
  console.error(`Error: ${message}`);
  Deno.exit(code);
}
