/**
 * Which requests to `/mcp` are plain: `tools/call` and `tools/list` about which nothing has to be
 * decided, in either era of the protocol. Whatever else there is, however well-formed, is not.
 *
 * @module
 */
import { isObject } from "../base/json.ts";
import type { ChunkUse } from "../boundary/host.ts";
import type { McpClient } from "../define/handler_context.ts";
import { isJsonType } from "../base/answer_form.ts";
import { asNumbers, isInteger, mayBeInexact, parseExact } from "../base/exact_json.ts";
import { CHUNKS_ONLY_META } from "./client.ts";

/** Revisions whose requests carry no envelope; requests without a header are of the oldest kind. */
const LEGACY = new Set([null, "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]);
/** The revision whose requests carry an envelope in `params._meta`. */
const MODERN = "2026-07-28";
const ENVELOPE = "io.modelcontextprotocol/";

/** An era of the protocol. */
export type Era = "legacy" | "modern";

/** A plain request. Of its id and token, a number that JavaScript does not hold is carried as text. */
export interface PlainRequest {
  readonly id: string | number;
  readonly method: "tools/call" | "tools/list";
  readonly isModern: boolean;
  readonly name: string;
  readonly args: Record<string, unknown>;
  /** Under which progress is reported and chunks are sent; absent when nobody wants them. */
  readonly token: string | number | undefined;
  readonly chunks: ChunkUse;
  readonly client: McpClient | undefined;
}

/**
 * Which era a request is of by its headers, in whichever form it is answered; `undefined` when they need
 * a closer look.
 */
export function plainEra(headers: Headers): Era | undefined {
  if (!isJsonType(headers.get("content-type"))) return undefined;
  const version = headers.get("mcp-protocol-version");
  if (version === MODERN) return "modern";
  return LEGACY.has(version) ? "legacy" : undefined;
}

/**
 * Reads a request that is plain.
 *
 * @param headers A request of the modern era repeats the body's particulars in them.
 * @param keepsNumbers Whether numbers in the arguments of a tool are kept as they were written, for
 * somebody else to read.
 */
export function plainRequest(
  text: string,
  era: Era,
  headers: Headers,
  keepsNumbers: (tool: string) => boolean = () => false,
): PlainRequest | undefined {
  const isInexact = mayBeInexact(text);
  let message: unknown;
  try {
    message = isInexact ? parseExact(text) : JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(message) || !onlyHas(message, MESSAGE_KEYS)) return undefined;
  const { jsonrpc, id, method } = message;
  const params = message["params"] ?? {};
  if (jsonrpc !== "2.0" || !isObject(params)) return undefined;
  if (typeof id !== "string" && !isInteger(id)) return undefined;
  if (method !== "tools/call" && method !== "tools/list") return undefined;
  const { name = "" } = params;
  const meta = params["_meta"] ?? undefined;
  const args = params["arguments"] ?? {};
  const isCall = method === "tools/call";
  if (!onlyHas(params, isCall ? CALL_KEYS : LIST_KEYS)) return undefined;
  if (isCall && (typeof name !== "string" || !("name" in params) || !isObject(args))) {
    return undefined;
  }
  const isModern = era === "modern";
  const isPlainMeta = isModern
    ? isEnvelope(meta) && headers.get("mcp-method") === method &&
      (!isCall || headers.get("mcp-name") === name)
    : meta === undefined || isLegacyMeta(meta);
  if (!isPlainMeta) return undefined;
  const { progressToken: token, [CHUNKS_ONLY_META]: chunksOnly } = isObject(meta) ? meta : NO_META;
  if (token !== undefined && typeof token !== "string" && !isInteger(token)) return undefined;
  const isRead = isInexact && isCall && !keepsNumbers(name as string);
  // The checks above leave exactly these types.
  return {
    id: id as string | number,
    method,
    isModern,
    name: name as string,
    args: (isRead ? asNumbers(args) : args) as PlainRequest["args"],
    token: token as string | number | undefined,
    chunks: token === undefined ? "none" : chunksOnly === true ? "only" : "also",
    client: isModern ? clientOf(meta as Record<string, unknown>) : undefined,
  };
}

const NO_META: Record<string, unknown> = {};
const MESSAGE_KEYS = new Set(["jsonrpc", "id", "method", "params"]);
const CALL_KEYS = new Set(["name", "arguments", "_meta"]);
const LIST_KEYS = new Set(["_meta"]);
const ENVELOPE_KEYS = ["protocolVersion", "clientInfo", "clientCapabilities"].map((key) =>
  ENVELOPE + key
);

function onlyHas(object: Record<string, unknown>, keys: ReadonlySet<string>): boolean {
  for (const key in object) if (!keys.has(key)) return false;
  return true;
}

/** Meta data without an envelope. */
function isLegacyMeta(meta: unknown): boolean {
  if (!isObject(meta)) return false;
  for (const key in meta) if (key.startsWith(ENVELOPE)) return false;
  return true;
}

/** An envelope that says what it must and asks for nothing. */
function isEnvelope(meta: unknown): boolean {
  if (!isObject(meta)) return false;
  for (const key in meta) {
    if (key.startsWith(ENVELOPE) && !ENVELOPE_KEYS.includes(key)) return false;
  }
  const client = meta[`${ENVELOPE}clientInfo`];
  return meta[`${ENVELOPE}protocolVersion`] === MODERN && isObject(client) &&
    typeof client["name"] === "string" && typeof client["version"] === "string" &&
    Object.keys(client).length === 2 &&
    isObject(meta[`${ENVELOPE}clientCapabilities`]);
}

/** Who sends an envelope that {@linkcode isEnvelope} has seen. */
function clientOf(meta: Record<string, unknown>): McpClient {
  const { name, version } = meta[`${ENVELOPE}clientInfo`] as { name: string; version: string };
  const capabilities = meta[`${ENVELOPE}clientCapabilities`] as McpClient["capabilities"];
  return { name, version, capabilities };
}
