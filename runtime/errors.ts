/**
 * The one error type of the mesh. Every failure that reaches a user, a caller or the wire is a
 * {@linkcode MeshError} with a `code`; nothing matches on message text.
 *
 * @module
 */

/** Every code a {@linkcode MeshError} can carry, and whether trying again later may help. */
const RETRYABLE = {
  /** A required dependency has no provider. */
  dependency_unavailable: true,
  /** The connection failed before the request was sent: nothing ran. */
  unreachable: true,
  /** The connection was lost after the request was sent: it may have run. */
  interrupted: false,
  /** The deadline passed. */
  timeout: false,
  /** The caller gave up. */
  cancelled: false,
  /** A stream went on for too long without a chunk. */
  stream_stalled: false,
  /** Too many calls at once, or the agent is shutting down. */
  overloaded: true,
  /** Arguments do not fit the tool's input schema. */
  bad_input: false,
  /** A result does not fit the declared output schema. */
  bad_output: false,
  /** The tool itself failed. */
  tool_failed: false,
  /** Agent code touched something its permission flags do not allow. */
  permission_denied: false,
  /** The sandbox of the agent's code went down while the call ran. */
  host_crashed: false,
  /** No such tool, agent or resource. */
  not_found: false,
  /** The handler asked its caller for something, who cannot be asked. */
  cannot_ask: false,
  /** The vendor of a language model failed, or is out of reach, or refuses the key. */
  llm_upstream: true,
  /** The language model, or its vendor's filter, would not answer. */
  llm_refused: false,
  /** Tokens or turns of the language model were used up before there was an answer. */
  llm_limit: false,
  /** What the language model answered does not fit the schema. */
  llm_invalid: false,
  /** Somebody else has taken the work over: stop doing it. */
  superseded: false,
  /** The peer answered something that is not MCP or not the mesh protocol. */
  protocol: false,
  /** The registry refused the registration. */
  registration_refused: false,
  /** An agent module or tool definition is not valid. */
  bad_definition: false,
  /** An environment variable, flag or file has a value that cannot be used. */
  bad_config: false,
  /** The port asked for is taken. */
  port_taken: false,
} as const;

/** The closed set of failure codes. */
export type MeshErrorCode = keyof typeof RETRYABLE;

/** Options of {@linkcode MeshError}. */
export interface MeshErrorOptions {
  /** What caused it; kept for logs, never shown to users. */
  cause?: unknown;
  /** Machine-readable particulars, such as the zod issues of a `bad_input`. */
  details?: unknown;
  /** The capability of the dependency whose failure it is. */
  dependency?: string | undefined;
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
  }

  /** Whether trying the same call again later may succeed without risk of running it twice. */
  get retryable(): boolean {
    return RETRYABLE[this.code];
  }
}

/** Whether `code` is one of the mesh's failure codes. */
export function isMeshErrorCode(code: unknown): code is MeshErrorCode {
  return typeof code === "string" && Object.hasOwn(RETRYABLE, code);
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
