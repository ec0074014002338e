/**
 * Why a call through the gateway failed before an agent answered it.
 *
 * @module
 */
import { failureMeta } from "../../runtime/base/failure.ts";
import type { JsonObject } from "../../runtime/base/exact_json.ts";

/** The closed set of failures; these are codes of the mesh's own errors too. */
export type CallErrorCode =
  /** The connection failed before anything was sent. */
  | "unreachable"
  /** The connection was lost after the call was sent: it may have run. */
  | "interrupted"
  /** The agent takes no more calls now. */
  | "overloaded"
  /** The time is up. */
  | "timeout"
  /** The agent has no working code at the moment. */
  | "host_crashed"
  /** The agent answered something that is no answer to a call. */
  | "protocol";

/** Options of {@linkcode CallError}. */
export interface CallErrorOptions {
  /** What caused it. */
  readonly cause?: unknown;
  /** Whether the call is certain to have had no effect. @default false */
  readonly nothingRan?: boolean;
  /** How long the agent asks its callers to stay away, milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** A call did not get its answer; the message says what happened and what may help. */
export class CallError extends Error {
  /** Tells the class apart in logs. */
  override readonly name = "CallError";
  /** What kind of failure this is. */
  readonly code: CallErrorCode;

  /** Whether the call is certain to have had no effect; otherwise it may have run. */
  readonly nothingRan: boolean;
  /** How long the agent asks its callers to stay away, milliseconds. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param code What kind of failure.
   * @param message What happened, with the agent and the value.
   */
  constructor(code: CallErrorCode, message: string, options: CallErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.nothingRan = options.nothingRan ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The result that says a call failed: text for a model, `_meta` for programs. */
export function failedResult({ code, message, nothingRan }: CallError): JsonObject {
  return { ...errorResult(message), _meta: failureMeta({ code, message, nothingRan }) };
}

/** A result that says something went wrong, in words. */
export function errorResult(text: string): JsonObject {
  return { content: [{ type: "text", text }], isError: true };
}
