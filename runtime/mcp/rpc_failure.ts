/**
 * What a JSON-RPC error of an MCP server means for its caller. The first rule that knows decides:
 *
 * 1. a server of the mesh says it in `data`, as it does in the `_meta` of an error result;
 * 2. the code, where it has one meaning: -32601 (no such method), -32021 (the client lacks a
 *    capability), and -32002 where a resource was asked for (MCP up to 2025-11-25, resources §errors);
 * 3. -32602 whose `data.uri` is the resource that was asked for (MCP 2026-07-28, resources §errors);
 * 4. the words, because both eras answer an unknown tool or prompt with a bare -32602, as they do
 *    arguments that do not fit: they must name what was asked for and say that there is none. Any
 *    other code of a tool's call may have come after it ran, so words do not count there; what only
 *    reads may answer with the codes that SDKs use for want of another.
 *
 * @module
 */
import { asObject, isObject } from "../base/json.ts";
import { type Failure, failureIn } from "../base/failure.ts";
import type { RpcError } from "../base/mcp_request.ts";

/** The request that was answered so. */
export interface AskedRequest {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

const INVALID_PARAMS = -32602;
const METHOD_NOT_FOUND = -32601;
const RESOURCE_NOT_FOUND = -32002;
const MISSING_CAPABILITY = -32021;
/** What SDKs answer when a handler throws: JSON-RPC's internal error, and the 0 of the Python SDK. */
const UNSPECIFIC: ReadonlySet<number> = new Set([-32603, 0]);

/** Requests for one thing by its name: what the thing is called, where its name is. */
const NAMED: Readonly<Record<string, { kind: string; parameter: string; isRead: boolean }>> = {
  "tools/call": { kind: "tool", parameter: "name", isRead: false },
  "prompts/get": { kind: "prompt", parameter: "name", isRead: true },
  "resources/read": { kind: "resource", parameter: "uri", isRead: true },
};

/** The failure an error tells of; `undefined` when the request failed in no way we know. */
export function rpcFailure(error: RpcError, asked: AskedRequest): Failure | undefined {
  const { code: rpcCode, message } = error;
  const data = asObject(error.data);
  const told = failureIn(data, message);
  if (told !== undefined) return told;
  const code = codeOf(error, data, asked);
  if (code === undefined) return undefined;
  const { requiredCapabilities } = data;
  const needed = code === "cannot_ask" && isObject(requiredCapabilities)
    ? { requiredCapabilities }
    : {};
  // Servers look a name up before they run anything.
  const missing = code === "not_found" ? { nothingRan: true } : {};
  return { code, message, details: { rpcCode, ...needed }, ...missing };
}

function codeOf(
  { code, message }: RpcError,
  data: Readonly<Record<string, unknown>>,
  asked: AskedRequest,
): "not_found" | "bad_input" | "cannot_ask" | undefined {
  if (code === METHOD_NOT_FOUND) return "not_found";
  if (code === MISSING_CAPABILITY) return "cannot_ask";
  const named = Object.hasOwn(NAMED, asked.method) ? NAMED[asked.method] : undefined;
  const name = named && asked.params?.[named.parameter];
  if (code === RESOURCE_NOT_FOUND && asked.method.startsWith("resources/")) return "not_found";
  const mayBeMissing = code === INVALID_PARAMS || (named?.isRead && UNSPECIFIC.has(code));
  if (mayBeMissing && named !== undefined && typeof name === "string") {
    const isItsUri = code === INVALID_PARAMS && named.parameter === "uri" && data["uri"] === name;
    if (isItsUri || saysMissing(message, named.kind, name)) return "not_found";
  }
  return code === INVALID_PARAMS ? "bad_input" : undefined;
}

/** Whether words say that there is nothing of this kind with this name. */
function saysMissing(message: string, kind: string, name: string): boolean {
  const words = new RegExp(
    `\\b(unknown|no|no such) ${kind}\\b|\\b${kind}\\b.*\\b(not found|does not exist)\\b`,
    "is",
  );
  return message.includes(name) && words.test(message);
}
