/**
 * Reading of what the code of an agent has sent. A message is input like any request from a network:
 * the reader takes the members it knows, copies them, and refuses a message whose members are not of
 * their kind. Texts that are too long are cut, as honest code sends those too.
 *
 * @module
 */
import { shortened } from "../base/cut_text.ts";
import type { PlainError } from "../base/errors.ts";
import { isErrorCode } from "../base/failure.ts";
import { LOG_TEXT_MAX, type LogLevel } from "../base/log.ts";
import type { CheckVerdict } from "../define/health_check.ts";
import type { AgentManifest } from "../define/manifest.ts";
import type { FromAgent } from "./agent_messages.ts";
import { AgentManifestSchema } from "./manifest_schema.ts";
import {
  finite,
  flawed,
  given,
  type Members,
  name,
  NAME_MAX,
  note,
  number,
  optional,
  parsed,
  readWith,
  record,
  refusal,
  text,
} from "./members.ts";
import { isRecord, NotPlain, plainCopy } from "./plain_copy.ts";
import { bytesOf, outcomeMessage } from "./received_outcome.ts";
import { portMessage, updateMessage } from "./received_request.ts";
import { spanOf } from "./received_span.ts";

/** Longest text of an error, and longest JSON text of its details, in UTF-16 units. */
const ERROR_MAX = 1024 * 1024;
/** Longest JSON text of the fields of a log line, in UTF-16 units. */
const FIELDS_MAX = 1024 * 1024;
/** Most values of a completion; MCP clients are sent no more than 100 of them. */
const COMPLETED_MAX = 1_000;
/** Most checks and most errors of a verdict, and longest text of one. */
const VERDICT_COUNT_MAX = 100;
const VERDICT_TEXT_MAX = 1_000;
const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * Returns a message of agent code as a copy that is exactly of its type. JSON text within it (the
 * `json` of an outcome, the `exact` arguments of a dependency call) is bounded in length and not read:
 * see `checkedJsonText()`.
 *
 * @throws {MeshError} `protocol`, with a message that continues "the code of the agent".
 */
export function readFromAgent(value: unknown): FromAgent {
  if (!isRecord(value)) throw refusal("is not an object");
  return readWith(read, value);
}

function read(message: Members): FromAgent {
  const { type } = message;
  switch (type) {
    // Most messages are of the first ones.
    case "outcome":
      return outcomeMessage(message);
    case "emit":
      return { type, call: number(message, "call"), chunk: chunkOf(message["chunk"]) };
    case "log":
      return logMessage(message);
    case "port":
      return portMessage(message);
    case "progress":
      return {
        type,
        call: number(message, "call"),
        progress: finite(message, "progress"),
        total: optional(message, "total", finite),
        message: optional(message, "message", note),
      };
    case "span":
      return { type, call: number(message, "call"), span: spanOf(record(message, "span")) };
    case "error":
      return { type, call: number(message, "call"), error: errorIn(message) };
    case "verdict":
      return {
        type,
        call: number(message, "call"),
        verdict: verdictOf(record(message, "verdict")),
      };
    case "completed":
      return { type, call: number(message, "call"), values: completedOf(message["values"]) };
    case "done":
      return { type, call: number(message, "call") };
    case "port_abort":
      return { type, port: number(message, "port"), error: errorIn(message) };
    case "port_taken":
      return { type, port: number(message, "port") };
    case "loaded":
    case "manifest":
      return { type, manifest: manifestOf(message["manifest"]) };
    case "resource_updated":
      return updateMessage(message);
    case "failed":
      return { type, error: errorIn(message) };
    case "exiting":
      return { type, reason: note(message, "reason") };
    case "refused":
      return { type, message: note(message, "message") };
    case "pong":
    case "check_health":
      return { type };
    default:
      throw refusal("is of no known type", typeof type === "string" ? message : undefined);
  }
}

/** A chunk: of a tool's stream, or of a response, whose head comes first. */
function chunkOf(chunk: unknown): unknown {
  return chunk instanceof Uint8Array ? bytesOf(chunk) : plainCopy(chunk);
}

function logMessage(message: Members): FromAgent {
  const level = LEVELS.find((each) => each === message["level"]);
  if (level === undefined) throw flawed("level", "a level of log lines");
  return {
    type: "log",
    call: optional(message, "call", number),
    level,
    message: text(message, "message", LOG_TEXT_MAX),
    fields: optional(message, "fields", fieldsOf),
  };
}

/** Fields of a log line. Those that cannot be carried must not cost the line. */
function fieldsOf(message: Members, member: string): Record<string, unknown> {
  const fields = plainOr(record(message, member), FIELDS_MAX);
  return isRecord(fields) ? fields : { left_out: fields };
}

/** Returns a copy of a value, or in words why there is none. */
function plainOr(value: unknown, max: number): unknown {
  try {
    return plainCopy(value, max);
  } catch (error) {
    if (!(error instanceof NotPlain)) throw error;
    return `left out: this ${error.message}`;
  }
}

function manifestOf(manifest: unknown): AgentManifest {
  return parsed(AgentManifestSchema, plainCopy(manifest), "has no manifest");
}

function errorIn(message: Members): PlainError {
  const error = record(message, "error");
  const { code } = error;
  if (typeof code !== "string" || !isErrorCode(code)) throw flawed("code", "the code of a failure");
  const { details } = error;
  return {
    code,
    message: text(error, "message", ERROR_MAX),
    // Details that cannot be carried must not make another failure of it.
    ...(details !== undefined && { details: plainOr(details, ERROR_MAX) }),
    ...given(error, "dependency", name),
    ...(error["nothingRan"] === true && { nothingRan: true }),
  };
}

const STATUSES: readonly CheckVerdict["status"][] = ["healthy", "degraded", "unhealthy"];

function verdictOf(verdict: Members): CheckVerdict {
  const status = STATUSES.find((each) => each === verdict["status"]);
  if (status === undefined) {
    return {
      status: "degraded",
      errors: [
        `the check says that it is ${JSON.stringify(shown(verdict["status"]))}; ` +
        `use one of ${STATUSES.join(", ")}`,
      ],
    };
  }
  const { checks, errors } = verdict;
  return {
    status,
    ...(isRecord(checks) && { checks: checksOf(checks) }),
    ...(Array.isArray(errors) && { errors: errors.slice(0, VERDICT_COUNT_MAX).map(shown) }),
  };
}

function shown(value: unknown): string {
  return typeof value === "string" ? shortened(value, VERDICT_TEXT_MAX) : typeof value;
}

function checksOf(checks: Members): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(checks).slice(0, VERDICT_COUNT_MAX).map(([name, isWell]) => [
      shortened(name, VERDICT_TEXT_MAX),
      isWell === true,
    ]),
  );
}

function completedOf(values: unknown): readonly string[] {
  if (!Array.isArray(values)) throw flawed("values", "a list");
  return values.slice(0, COMPLETED_MAX).map((value: unknown) => {
    if (typeof value !== "string") throw flawed("values", "a list of texts");
    return shortened(value, NAME_MAX);
  });
}
