/**
 * How a command ends: its exit code, and the one error type that carries a code with a message.
 *
 * @module
 */

/** Exit codes of `meshctl`; scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** The command ran and did not succeed. */
  failure: 1,
  /** The command line, a file it names or an argument cannot be understood. */
  usage: 2,
  /** No such agent, tool, path or log. */
  notFound: 3,
  /** The registry does not answer. */
  unreachable: 4,
  /** The tool was called and answered an error. */
  toolError: 5,
  /** The time limit passed. */
  timeout: 6,
} as const;

/** One of the exit codes of {@linkcode EXIT}. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** Options of {@linkcode CliError}. */
export interface CliErrorOptions {
  /** What the user can do about it; may span lines. */
  hint?: string;
  /** What caused it. */
  cause?: unknown;
}

/** A failure that ends the command with a code, a sentence and what to do. */
export class CliError extends Error {
  override readonly name = "CliError";
  /** The exit code of the process. */
  readonly code: ExitCode;
  /** What the user can do about it. */
  readonly hint: string | undefined;

  /**
   * @param code How the process ends.
   * @param message One sentence: what happened, with the value.
   */
  constructor(code: ExitCode, message: string, options: CliErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.hint = options.hint;
  }
}

/** A {@linkcode CliError} for a command line that cannot be understood. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(EXIT.usage, message, hint === undefined ? {} : { hint });
}
