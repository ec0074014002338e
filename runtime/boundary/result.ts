/**
 * Results on the wire (design §3, MCP `CallToolResult`): how a handler's value becomes a result and
 * how a result becomes a value again, such that `[]`, `{}`, `""`, `0`, `false` and `null` stay
 * distinct through any number of hops. Conventions of FastMCP are understood and used.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { detailOf } from "../base/error_details.ts";
import { asObject, isObject } from "../base/json.ts";
import type { InputRequest } from "../define/ask.ts";
import type { ResponseParts } from "../base/parts.ts";
import { errorText, fromPlainError, isMeshError, MeshError } from "../base/errors.ts";
import { after, type FormOf, isBytes, jsonForm, jsonText } from "../base/json_form.ts";
import { MESSAGE_MAX } from "../base/bounded_body.ts";
import { boundedJson, isDeep, TOO_DEEP } from "../base/bounded_json.ts";
import { failureIn, failureMeta } from "../base/failure.ts";
import { carriesText, parseExact } from "../base/exact_json.ts";
import { bytesBlock } from "./bytes_block.ts";
import type { CallToolResult, ContentBlock } from "../protocol/mcp_content.ts";

/**
 * What a run came to, safe to carry: a value as JSON text, an MCP result that passes untouched, or
 * questions to the client without whose answers it cannot go on.
 */
export type Outcome =
  | { readonly kind: "value"; readonly json: string }
  | ReadyMade
  | QuestionsOutcome
  | HttpOutcome;

/** An MCP result that is one already. */
export interface ReadyMade {
  readonly kind: "result";
  readonly result: CallToolResult;
  /** Its JSON text, where that has numbers that JavaScript does not hold exactly. */
  readonly json?: string;
}

/** What a run that asked the client came to. */
export interface QuestionsOutcome {
  readonly kind: "questions";
  readonly requests: Readonly<Record<string, InputRequest>>;
  /** What comes back with the answers, instead of answers given before. */
  readonly state?: unknown;
}

/** What a route came to: a response, which is absent once it has been emitted piece by piece. */
export interface HttpOutcome {
  readonly kind: "response";
  readonly response: ResponseParts | undefined;
}

const SUPERSEDED = "somebody else has taken this work over";

const BLOCK_TYPES = new Set(["text", "image", "audio", "resource", "resource_link"]);
const RESULT_KEYS = new Set(["content", "structuredContent", "isError", "_meta"]);

function isBlock(value: unknown): value is ContentBlock {
  if (!isObject(value) || !("type" in value)) return false;
  const block = value as Record<string, unknown>;
  switch (block["type"]) {
    case "text":
      return typeof block["text"] === "string";
    case "image":
    case "audio":
      return (typeof block["data"] === "string" || isBytes(block["data"])) &&
        typeof block["mimeType"] === "string";
    case "resource_link":
      return typeof block["uri"] === "string" && typeof block["name"] === "string";
    case "resource":
      return typeof block["resource"] === "object" && block["resource"] !== null;
    default:
      return false;
  }
}

/** Whether `value` is an MCP result already: only result keys, and content that is all blocks. */
export function isReadyMade(value: unknown): value is CallToolResult {
  if (!isObject(value) || !("content" in value)) return false;
  const { content } = value;
  return Array.isArray(content) && content.length > 0 && content.every(isBlock) &&
    Object.keys(value).every((key) => RESULT_KEYS.has(key));
}

const RESULT: FormOf = { code: "bad_output", what: "the result" };
const CHUNK: FormOf = { code: "bad_output", what: "a chunk of the stream" };

/**
 * Makes a handler's value safe to carry. Bytes become content, or base64 where they are part of a value.
 *
 * @param isOnlyJson Whether the value has been found to be what JSON holds.
 * @returns A promise when there are Blobs to read.
 * @throws {MeshError} `bad_output` when the value has no JSON form (a cycle, a Map, NaN).
 */
export function encodeOutcome(value: unknown, isOnlyJson = false): Outcome | Promise<Outcome> {
  if (isReadyMade(value)) return readyMade(value);
  if (isBlock(value) && value.type !== "text") return readyMade({ content: [value] });
  if (!isOnlyJson && isBytes(value)) {
    return after(bytesBlock(value), (block) => readyMade({ content: [block] }));
  }
  return after(jsonText(value, RESULT, isOnlyJson), (json) => ({ kind: "value", json }));
}

/**
 * Makes a chunk of a stream safe to carry, as a result of its own would be.
 *
 * @returns A promise when there are Blobs to read.
 * @throws {MeshError} `bad_output` when it has no JSON form.
 */
export function encodeChunk(chunk: unknown): unknown {
  if (isBytes(chunk)) return after(bytesBlock(chunk), (block) => jsonForm(block, CHUNK));
  return jsonForm(chunk, CHUNK);
}

function readyMade(given: CallToolResult): Outcome | Promise<Outcome> {
  // Its form has the members it has.
  const form = jsonForm(given, RESULT) as CallToolResult | Promise<CallToolResult>;
  return after(form, (result) => ({ kind: "result", result }));
}

/** The outcome that is the result of somebody else's tool, whose numbers may be carried as text. */
export function passedOn(result: CallToolResult): Outcome {
  if (!carriesText(result)) return { kind: "result", result };
  const json = JSON.stringify(result);
  return { kind: "result", result: JSON.parse(json), json };
}

/** Returns the flaw for which a result cannot be carried, if it has one (MCP `CallToolResult`). */
export function resultFlaw(
  { content, _meta, isError }: Readonly<Record<string, unknown>>,
): string | undefined {
  if (content !== undefined) {
    if (!Array.isArray(content)) return "has content that is not a list";
    if (!content.every(hasType)) return "has content that is not of blocks with a type";
  }
  if (_meta !== undefined && !isObject(_meta)) return "has _meta that is not an object";
  if (isError !== undefined && typeof isError !== "boolean") {
    return "has an isError that is neither true nor false";
  }
  return undefined;
}

function hasType(block: unknown): boolean {
  return isObject(block) && typeof block["type"] === "string" &&
    (block["text"] === undefined || typeof block["text"] === "string");
}

/** The result with its numbers as they were written, for `JSON.stringify` alone. */
function exactly({ result, json }: ReadyMade): CallToolResult {
  if (json === undefined) return result;
  const read = parseExact(json);
  const flaw = isObject(read) ? resultFlaw(read) : "is not an object";
  if (flaw !== undefined) throw new MeshError("protocol", `the result ${flaw}`);
  // It has been found to be one above.
  return read as CallToolResult;
}

/** An outcome of a tool that is there; where questions can be asked, they have been taken out before. */
type Settled = Exclude<Outcome, { readonly kind: "questions" | "response" }>;

/** Takes an outcome for that of a tool that has no questions. */
function settled(outcome: Outcome): Settled {
  if (outcome.kind === "value" || outcome.kind === "result") return outcome;
  throw outcome.kind === "questions"
    ? new MeshError("cannot_ask", "this needs answers of a client, and there is none to ask")
    : new MeshError("protocol", "a response of a route is no result of a tool");
}

/**
 * The MCP result of a tool call. Its structured content is an object, which has any other value as its
 * `result`.
 *
 * @param wraps Whether the tool's output schema says that an object is the `result` of another, too.
 * @throws {MeshError} `cannot_ask` for questions, which are no result.
 */
export function outcomeToResult(of: Outcome, wraps = false): CallToolResult {
  const outcome = settled(of);
  if (outcome.kind === "result") return withObject(exactly(outcome), wraps);
  const value: unknown = JSON.parse(outcome.json);
  const text = typeof value === "string" ? value : outcome.json;
  const content = [{ type: "text", text }];
  return isObject(value) && !wraps ? { content, structuredContent: value, isError: false } : {
    content,
    structuredContent: { result: value },
    isError: false,
    _meta: { fastmcp: { wrap_result: true } },
  };
}

/**
 * The JSON text of {@linkcode outcomeToResult}, made without reading the value; members stand in the
 * order the MCP SDK writes them in.
 *
 * @param wraps As of {@linkcode outcomeToResult}.
 * @param members Further members of the result, as JSON text beginning with a comma.
 * @param meta Further members of its `_meta`, likewise.
 * @throws {MeshError} `cannot_ask` for questions, which are no result; `bad_output` for a result that
 * is longer than a message.
 */
export function outcomeToJson(of: Outcome, wraps = false, members = "", meta = ""): string {
  const outcome = settled(of);
  if (outcome.kind === "result") {
    return fitting(resultToJson(withObject(exactly(outcome), wraps), members, meta));
  }
  return fitting(valueToJson(fitting(outcome.json), wraps, members, meta));
}

/** A result whose structured content is an object, as clients of 2025 take no other. */
function withObject(result: CallToolResult, wraps: boolean): CallToolResult {
  const { structuredContent, _meta: meta, isError } = result;
  if (structuredContent === undefined) return result;
  const isWhole = isObject(structuredContent) &&
    (!wraps || isError === true || isWrapped(result));
  if (isWhole) return result;
  const fastmcp = asObject(meta?.["fastmcp"]);
  return {
    ...result,
    structuredContent: { result: structuredContent },
    _meta: { ...meta, fastmcp: { ...fastmcp, wrap_result: true } },
  };
}

/**
 * Returns the text of a result, if it fits into a message: whoever gets a longer one does not read it.
 *
 * @throws {MeshError} `bad_output`.
 */
export function fitting(text: string): string {
  // A character is three bytes at most.
  const fits = text.length * 3 <= MESSAGE_MAX ||
    (text.length <= MESSAGE_MAX && Buffer.byteLength(text) <= MESSAGE_MAX);
  if (fits) return text;
  throw new MeshError(
    "bad_output",
    `the result is longer than ${MESSAGE_MAX} bytes as MCP writes it; ` +
      "give it in parts, or keep it elsewhere and give its address",
  );
}

function valueToJson(json: string, wraps: boolean, members: string, meta: string): string {
  // The first character of JSON text tells what it is.
  if (!wraps && json.startsWith("{")) {
    const text = JSON.stringify(json);
    return `{"content":[{"type":"text","text":${text}}],"structuredContent":${json},"isError":false${members}${
      metaAtEnd(meta)
    }}`;
  }
  const text = json.startsWith('"') ? json : JSON.stringify(json);
  return `{"_meta":{"fastmcp":{"wrap_result":true}${meta}},"content":[{"type":"text","text":${text}}],"structuredContent":{"result":${json}},"isError":false${members}}`;
}

function metaAtEnd(meta: string): string {
  return meta === "" ? "" : `,"_meta":{${meta.slice(1)}}`;
}

function resultToJson({ _meta, ...result }: CallToolResult, members: string, meta: string): string {
  // A result always has content, so its text is never `{}`.
  const rest = JSON.stringify(result).slice(1, -1);
  const own = _meta === undefined ? "" : JSON.stringify(_meta).slice(1, -1);
  return own === ""
    ? `{${rest}${members}${metaAtEnd(meta)}}`
    : `{"_meta":{${own}${meta}},${rest}${members}}`;
}

/**
 * The value of an outcome, without going through a result.
 *
 * @throws {MeshError} The failure it carries; `cannot_ask` for questions.
 */
export function outcomeValue(of: Outcome): unknown {
  const outcome = settled(of);
  return outcome.kind === "value" ? JSON.parse(outcome.json) : decodeResult(outcome.result);
}

/**
 * The value of an MCP result, from any kind of MCP server.
 *
 * @param read Reads JSON that is in a text.
 * @throws {MeshError} The failure the result carries, when it is an error result.
 */
export function decodeResult(
  result: CallToolResult,
  read: (text: string) => unknown = boundedJson,
): unknown {
  if (result.isError) throw resultToError(result);
  const { content = [], structuredContent } = result;
  const onlyText = content.every((block) => block.type === "text");
  if (structuredContent !== undefined && onlyText) {
    return isWrapped(result) ? structuredContent["result"] : structuredContent;
  }
  const [first] = content;
  if (first === undefined) return null;
  if (content.length > 1) return result;
  if (first.type !== "text" || first.text === undefined) {
    return BLOCK_TYPES.has(first.type) ? first : result;
  }
  return parsedOrText(first.text, read);
}

function isWrapped(result: CallToolResult): boolean {
  const fastmcp = result._meta?.["fastmcp"];
  const { structuredContent = {} } = result;
  return isObject(fastmcp) && fastmcp["wrap_result"] === true && isObject(structuredContent) &&
    Object.keys(structuredContent).length === 1 && "result" in structuredContent;
}

function parsedOrText(text: string, read = boundedJson): unknown {
  try {
    return read(text);
  } catch {
    return text;
  }
}

/** The outcome that says a call failed. */
export function errorToOutcome(error: MeshError): Outcome {
  return { kind: "result", result: errorToResult(error) };
}

/**
 * The outcome instead of one that cannot be written as JSON (a cycle, a bigint in a ready-made result
 * or in what is asked of the client).
 *
 * @param cause Why it cannot.
 */
export function unwritableOutcome(cause: unknown): Outcome {
  if (isMeshError(cause, "bad_output")) return errorToOutcome(cause);
  const why = errorText(cause);
  return errorToOutcome(
    new MeshError(
      "bad_output",
      `what the tool answers or asks has no JSON form: ${why}; return plain data, and ask with it`,
      { cause },
    ),
  );
}

/**
 * An outcome that MCP can write: itself, or else the failure to write it. The SDK never answers with
 * what cannot be written, and its client would wait for ever.
 */
export function writable(outcome: Outcome): Outcome {
  try {
    const isAsking = outcome.kind === "questions";
    const text = isAsking ? fitting(JSON.stringify(outcome)) : outcomeToJson(outcome);
    if (!isDeep(text)) return outcome;
    throw new MeshError("bad_output", `the result cannot be written: ${TOO_DEEP}`);
  } catch (error) {
    return unwritableOutcome(error);
  }
}

/** The MCP result that says a call failed: text for people, `_meta` for machines. */
export function errorToResult(error: MeshError): CallToolResult {
  const { code, message } = error;
  const capability = detailOf(error, "capability");
  // The reference's agents recognise these envelopes by their exact keys (registry-protocol §4.3, §4.5).
  const text = code === "dependency_unavailable" && capability !== undefined
    ? JSON.stringify({ error: code, capability })
    : code === "superseded"
    ? JSON.stringify({ error: "claim_superseded", detail: message })
    : message;
  return { content: [{ type: "text", text }], isError: true, _meta: failureMeta(error) };
}

/** The failure an outcome carries, if it is one. */
export function errorOf(outcome: Outcome): MeshError | undefined {
  return outcome.kind === "result" && outcome.result.isError === true
    ? resultToError(outcome.result)
    : undefined;
}

function resultToError(result: CallToolResult): MeshError {
  const text = (result.content ?? []).map((block) => block.text ?? `[${block.type}]`).join("\n");
  const failure = failureIn(result._meta, text);
  if (failure !== undefined) return fromPlainError(failure);
  const envelope = parsedOrText(text);
  if (isObject(envelope) && envelope["error"] === "claim_superseded") {
    const detail = envelope["detail"];
    return new MeshError("superseded", typeof detail === "string" ? detail : SUPERSEDED);
  }
  if (isObject(envelope) && envelope["error"] === "dependency_unavailable") {
    return new MeshError(
      "dependency_unavailable",
      `its dependency on ${envelope["capability"]} has no provider`,
      { details: { capability: envelope["capability"] } },
    );
  }
  return new MeshError("tool_failed", text || "the tool failed without saying why");
}
