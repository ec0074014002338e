/**
 * The two eras of MCP as they look on the wire: revision 2026-07-28 carries an envelope with every
 * request, earlier ones do not. Pure.
 *
 * @module
 */
import { classifyInboundRequest, SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/server";
import { type AnswerForm, answerForm, isJsonType } from "../../runtime/base/answer_form.ts";
import { isInteger } from "../../runtime/base/exact_json.ts";
import { isObject, type JsonObject } from "../../runtime/base/json.ts";

/** Whether requests carry an envelope. */
export type Era = "legacy" | "modern";

/** The revision whose requests carry one. */
export const MODERN_VERSION = "2026-07-28";
/** What the keys of `_meta` begin with that belong to the protocol. */
export const ENVELOPE_PREFIX = "io.modelcontextprotocol/";

const LEGACY_VERSIONS: ReadonlySet<string | null> = new Set([null, ...SUPPORTED_PROTOCOL_VERSIONS]);

/** A request that can be answered as it is. A large id is carried as text. */
export interface PlainRequest {
  readonly id: string | number;
  readonly method: "tools/list" | "tools/call";
  readonly params: JsonObject;
  readonly era: Era;
  /** The forms that its client takes an answer in. */
  readonly form: AnswerForm;
}

/**
 * Reads a request for tools about which nothing is left to decide. All others are the SDK's, the wrong
 * ones too.
 */
export function plainRequest(headers: Headers, body: unknown): PlainRequest | undefined {
  const form = answerForm(headers.get("accept"));
  if (!isObject(body) || form === undefined || !isPlainHead(headers)) return undefined;
  const { id, method, params = {} } = body;
  if (method !== "tools/list" && method !== "tools/call") return undefined;
  if ((typeof id !== "string" && !isInteger(id)) || !isObject(params)) return undefined;
  const { name, arguments: args = {} } = params;
  if (method === "tools/call" && (typeof name !== "string" || !isObject(args))) return undefined;
  const era = plainEra(headers, body, method, name);
  // The checks above leave exactly these types of an id.
  return era && { id: id as string | number, method, params, era, form };
}

function isPlainHead(headers: Headers): boolean {
  return isJsonType(headers.get("content-type")) && !headers.has("last-event-id");
}

function plainEra(
  headers: Headers,
  body: JsonObject,
  method: string,
  name: unknown,
): Era | undefined {
  const version = headers.get("mcp-protocol-version");
  const { kind } = classifyInboundRequest({
    httpMethod: "POST",
    ...(version !== null && { protocolVersionHeader: version }),
    body,
  });
  if (kind === "legacy") return LEGACY_VERSIONS.has(version) ? "legacy" : undefined;
  const isPlain = kind === "modern" && version === MODERN_VERSION &&
    headers.get("mcp-method") === method &&
    (method === "tools/list" || headers.get("mcp-name") === name);
  return isPlain ? "modern" : undefined;
}
