/**
 * The one error type of the mesh. Every failure that reaches a user, a caller or the wire is a
 * {@linkcode MeshError} with a `code`; nothing matches on message text.
 *
 * @module
 */
import { type Failure, isRetryable, type MeshErrorCode } from "./failure.ts";

export type { MeshErrorCode };

/** Options of {@linkcode MeshError}. */
export interface MeshErrorOptions {
  /** What caused it; kept for logs, never shown to users. */
  cause?: unknown;
  /** Machine-readable particulars, such as the zod issues of a `bad_input`. */
  details?: unknown;
  /** The capability of the dependency whose failure it is. */
  dependency?: string | undefined;
  /**
   * Whether the call that failed is certain to have had no effect, so that it may be sent to another
   * provider.
   *
   * @default false
   */
  nothingRan?: boolean | undefined;
}

const BRAND = Symbol.for("mesh.MeshError");

/**
 * A failure with a code.
 *
 * @example
 * ```ts
 * try {
 *   await userPrefs({ user_id: "demo-user" });
 * } catch (error) {
 *   if (isMeshError(error, "timeout")) return [];
 *   throw error;
 * }
 * ```
 */
export class MeshError extends Error {
  override readonly name = "MeshError";
  /** What kind of failure this is. */
  readonly code: MeshErrorCode;
  /** Machine-readable particulars, if any. */
  readonly details: unknown;
  /**
   * The capability of the dependency that failed, when a handler's call of one is what failed: so that
   * `bad_input` of a dependency is not taken for `bad_input` of the handler's own caller.
   */
  readonly dependency: string | undefined;
  /** Whether the call that failed is certain to have had no effect; otherwise it may have run. */
  readonly nothingRan: boolean;
  /** Present on every instance so that {@linkcode isMeshError} works across copies of this module. */
  readonly [BRAND] = true;

  /**
   * @param code What kind of failure.
   * @param message One sentence: what happened, with the value, and what to do.
   */
  constructor(code: MeshErrorCode, message: string, options: MeshErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details;
    this.dependency = options.dependency;
    this.nothingRan = options.nothingRan ?? false;
  }

  /** Whether trying the same call again later may succeed without risk of running it twice. */
  get retryable(): boolean {
    return this.nothingRan && isRetryable(this.code);
  }
}

/**
 * Whether `error` is a {@linkcode MeshError}, from this or another copy of the module.
 *
 * @param error Anything that was thrown.
 * @param code Only errors with this code.
 */
export function isMeshError(error: unknown, code?: MeshErrorCode): error is MeshError {
  return typeof error === "object" && error !== null && BRAND in error &&
    (code === undefined || (error as MeshError).code === code);
}

/** The text of anything that was thrown, without a stack trace. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error as plain data, to cross a worker boundary. */
export interface PlainError extends Failure {
  readonly dependency?: string;
}

/** Plain data of an error. */
export function plainError(
  { code, message, details, dependency, nothingRan }: MeshError,
): PlainError {
  return {
    code,
    message,
    ...(details === undefined ? {} : { details }),
    ...(dependency === undefined ? {} : { dependency }),
    ...(nothingRan ? { nothingRan } : {}),
  };
}

/** The error of plain data. */
export function fromPlainError({ code, message, ...options }: PlainError): MeshError {
  return new MeshError(code, message, options);
}

/** Anything that was thrown, as a MeshError; `code` is for what is not one already. */
export function asMeshError(error: unknown, code: MeshErrorCode): MeshError {
  return isMeshError(error) ? error : new MeshError(code, errorText(error), { cause: error });
}
