/**
 * What can keep a registry from starting.
 *
 * @module
 */

/** The closed set of start-up failures. */
export type RegistryErrorCode =
  /** An environment variable or flag has a value that cannot be used. */
  | "bad_config"
  /** The port asked for is taken, or the address is not one of this machine. */
  | "port_taken"
  /** The database cannot be opened. */
  | "kv_unavailable";

/** A registry could not start; the message names the value at fault and what to do. */
export class RegistryError extends Error {
  /** Tells the class apart in logs. */
  override readonly name = "RegistryError";
  /** What kind of failure this is. */
  readonly code: RegistryErrorCode;

  /**
   * @param code What kind of failure.
   * @param message What happened, with the value, and what to do.
   * @param options What caused it, for logs.
   */
  constructor(code: RegistryErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
