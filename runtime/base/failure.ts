/**
 * How an MCP error result says which failure of the mesh it is: text for people in `content`, a
 * {@linkcode Failure} for programs in `_meta`.
 *
 * @module
 */
import { isObject } from "./json.ts";

/** `_meta` key of an error result under which its {@linkcode Failure} is. */
export const FAILURE_META = "mesh/error";

/** Every code of a failure, and whether trying again later may help. */
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
  /** Too many calls at once, or the agent is shutting down; refused at the door, nothing ran. */
  overloaded: true,
  /** Arguments do not fit the tool's input schema. */
  bad_input: false,
  /** A result does not fit the declared output schema. */
  bad_output: false,
  /** The tool itself failed. */
  tool_failed: false,
  /** Agent code touched something its permission flags do not allow. */
  permission_denied: false,
  /** The sandbox of the agent's code went down; unless it was still loading, the call may have run. */
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
  /** The registry's database cannot be opened. */
  kv_unavailable: false,
} as const;

/** The closed set of failure codes. */
export type MeshErrorCode = keyof typeof RETRYABLE;

/** A failure on the wire. */
export interface Failure {
  readonly code: MeshErrorCode;
  /** What happened and what to do, for people. */
  readonly message: string;
  /** Particulars that depend on the code. */
  readonly details?: unknown;
  /** Whether the call is certain to have had no effect; it may have run when this is absent. */
  readonly nothingRan?: boolean;
}

/** Whether a call that failed so, and did not run, may succeed when it is tried again later. */
export function isRetryable(code: MeshErrorCode): boolean {
  return RETRYABLE[code];
}

/** The `_meta` of an error result. */
export function failureMeta(
  { code, message, details, nothingRan }: Failure,
): { [FAILURE_META]: Failure } {
  return {
    [FAILURE_META]: {
      code,
      message,
      ...(details === undefined ? {} : { details }),
      ...(nothingRan === true ? { nothingRan } : {}),
    },
  };
}

/**
 * The failure that the `_meta` of an error result speaks of; `undefined` where there is none, or its
 * code is of another version of the mesh.
 *
 * @param text What it says where its message is missing.
 */
export function failureIn(
  meta: Readonly<Record<string, unknown>> | undefined,
  text: string,
): Failure | undefined {
  const found = meta?.[FAILURE_META];
  if (!isObject(found) || !("code" in found)) return undefined;
  const { code } = found;
  if (typeof code !== "string" || !isErrorCode(code)) return undefined;
  const message = "message" in found ? String(found.message) : text;
  return {
    code,
    message,
    ...("details" in found ? { details: found.details } : {}),
    ...("nothingRan" in found && found.nothingRan === true ? { nothingRan: true } : {}),
  };
}

/** Tells whether a text is the code of a failure. */
export function isErrorCode(code: string): code is MeshErrorCode {
  return Object.hasOwn(RETRYABLE, code);
}
