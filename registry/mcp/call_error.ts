/**
 * Why a call through the gateway failed before an agent answered it.
 *
 * @module
 */
import { failureMeta } from "../../runtime/protocol/failure.ts";
import type { JsonObject } from "./exact_json.ts";

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
  /** The agent answered something that is no answer to a call. */
  | "protocol";

/** A call did not get its answer; the message says what happened and what may help. */
export class CallError extends Error {
  /** Tells the class apart in logs. */
  override readonly name = "CallError";
  /** What kind of failure this is. */
  readonly code: CallErrorCode;

  /**
   * @param code What kind of failure.
   * @param message What happened, with the agent and the value.
   * @param options What caused it.
   */
  constructor(code: CallErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Whether the call cannot have run: another agent may be tried. */
  get isUnsent(): boolean {
    return this.code === "unreachable" || this.code === "overloaded";
  }
}

/** The result that says a call failed: text for a model, `_meta` for programs. */
export function failedResult({ code, message }: CallError): JsonObject {
  return { ...errorResult(message), _meta: failureMeta({ code, message }) };
}

/** A result that says something went wrong, in words. */
export function errorResult(text: string): JsonObject {
  return { content: [{ type: "text", text }], isError: true };
}
