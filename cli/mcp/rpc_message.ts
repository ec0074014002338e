/**
 * Messages of MCP as lines (MCP transports, stdio) and what HTTP wants to know of them besides. Pure.
 *
 * @module
 */
import { isInteger, parseExact } from "../../runtime/base/exact_json.ts";
import { cutText } from "../../runtime/base/cut_text.ts";
import { asObject, isObject, type JsonObject } from "../../runtime/base/json.ts";

/** What a line is. */
export type Line =
  | { readonly kind: "request"; readonly id: string | number; readonly message: JsonObject }
  | { readonly kind: "notification"; readonly message: JsonObject }
  /** Several messages at once, as revision 2025-03-26 has it. */
  | { readonly kind: "batch" }
  /** A response: nothing here asks the client anything. */
  | { readonly kind: "response" }
  | { readonly kind: "unreadable" };

const ENVELOPE = "io.modelcontextprotocol/";
/** `_meta` key that says which subscription a notification belongs to. */
export const SUBSCRIPTION_META = `${ENVELOPE}subscriptionId`;
/** Told to clients whose list of tools may have changed. */
export const LIST_CHANGED = "notifications/tools/list_changed";

/** JSON-RPC error codes. */
export const RPC_ERROR = { parse: -32700, server: -32000 } as const;

/** Reads a line. */
export function readLine(line: string): Line {
  let message: unknown;
  try {
    message = parseExact(line);
  } catch {
    return { kind: "unreadable" };
  }
  if (Array.isArray(message)) return { kind: "batch" };
  if (!isObject(message)) return { kind: "unreadable" };
  const { id, method } = message;
  if (typeof method !== "string") {
    return { kind: "result" in message || "error" in message ? "response" : "unreadable" };
  }
  if (id === undefined) return { kind: "notification", message };
  return isId(id) ? { kind: "request", id, message } : { kind: "unreadable" };
}

/** Tells whether a value is an id of a request. A large one is carried as text. */
export function isId(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number" || isInteger(value);
}

/**
 * The headers that repeat what a message says (MCP transports, Streamable HTTP).
 *
 * @param negotiated The revision agreed on by `initialize`, if that is how the client began.
 */
export function messageHeaders(
  message: JsonObject,
  negotiated: string | undefined,
): Record<string, string> {
  const { method, params } = message;
  const meta = asObject(asObject(params)["_meta"]);
  const version = meta[`${ENVELOPE}protocolVersion`];
  if (typeof version !== "string") {
    const isAgreed = negotiated !== undefined && method !== "initialize";
    return isAgreed ? { "mcp-protocol-version": negotiated } : {};
  }
  const name = isObject(params) ? params["name"] ?? params["uri"] : undefined;
  return {
    "mcp-protocol-version": version,
    "mcp-method": String(method),
    ...(typeof name === "string" && { "mcp-name": headerValue(name) }),
  };
}

/** A text as a header may carry it. */
function headerValue(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) &&
    !text.startsWith("=?base64?");
  return isPlain ? text : `=?base64?${new TextEncoder().encode(text).toBase64()}?=`;
}

/** A message on one line. Line ends in JSON can only stand between its parts. */
export function onOneLine(json: string): string {
  return json.replaceAll(/[\r\n]+/g, " ");
}

/**
 * The response that says a request failed.
 *
 * @param data Particulars for programs.
 */
export function errorResponse(
  id: string | number | null,
  code: number,
  message: string,
  data?: unknown,
): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, data } });
}

/**
 * The response to make of a refusal: the JSON-RPC error it carries, with the id of the request, or its
 * reason in words.
 */
export function refusalResponse(id: string | number, status: number, body: string): string {
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch {
    said = undefined;
  }
  const error = isObject(said) ? said["error"] : undefined;
  if (isObject(error)) return JSON.stringify({ jsonrpc: "2.0", id, error });
  const reason = typeof error === "string" ? error : cutText(body, 300).trim();
  return errorResponse(id, RPC_ERROR.server, `the registry answered HTTP ${status}: ${reason}`);
}
