/**
 * The short path of `/mcp` (design §4): plain `tools/call` and `tools/list` requests are answered
 * without the SDK, which builds a server for each. A request is plain when nothing about it needs a
 * decision; everything else, every refusal included, is the SDK's. What is answered here is answered
 * as the SDK would: short_path_test.ts holds the two paths equal.
 *
 * @module
 */
import { asMeshError, errorToOutcome, type Outcome, outcomeToJson } from "./result.ts";
import { isMeshError } from "../errors.ts";
import type { AgentManifest } from "../manifest.ts";
import { LARGEST_BODY, listed, type McpServer, sdkServer, type ToolServer } from "./server.ts";

/** Revisions whose requests carry no envelope; requests without a header are of the oldest kind. */
const LEGACY = new Set([null, "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]);
/** The revision whose requests carry an envelope in `params._meta`. */
const MODERN = "2026-07-28";
const ENVELOPE = "io.modelcontextprotocol/";

interface PlainRequest {
  readonly id: string | number;
  readonly method: "tools/call" | "tools/list";
  readonly name: string;
  readonly args: Record<string, unknown>;
}

/** The MCP face of `agent`. */
export function mcpServer(agent: ToolServer): McpServer {
  const sdk = sdkServer(agent);
  const lists = new ToolLists();
  const answer = async (request: Request, plain: PlainRequest, modern: boolean) => {
    const { manifest } = agent;
    if (plain.method === "tools/list") {
      return respond(plain.id, lists.of(manifest, modern), modern);
    }
    const outcome = await outcomeOf(agent, request, plain);
    if (outcome === undefined) return undefined;
    const json = modern
      ? outcomeToJson(outcome, `,"resultType":"complete"`, `,${serverInfo(manifest)}`)
      : outcomeToJson(outcome);
    return respond(plain.id, json, modern);
  };
  return {
    ...sdk,
    async fetch(request) {
      const era = plainEra(request.headers);
      if (request.method !== "POST" || era === undefined) return await sdk.fetch(request);
      const text = await request.text();
      const plain = plainRequest(text, era === "modern" ? request.headers : undefined);
      return (plain && await answer(request, plain, era === "modern")) ??
        await sdk.fetch(again(request, text));
    },
  };
}

/** Which era a request is of by its headers; `undefined` when they need a closer look. */
function plainEra(headers: Headers): "legacy" | "modern" | undefined {
  const length = headers.get("content-length");
  // A body of unknown length has to be counted while it is read, which the SDK does.
  if (length === null || Number(length) > LARGEST_BODY) return undefined;
  if (headers.get("content-type") !== "application/json") return undefined;
  const accept = headers.get("accept");
  if (!accept?.includes("application/json") || !accept.includes("text/event-stream")) {
    return undefined;
  }
  if (headers.has("mcp-session-id") || headers.has("last-event-id")) return undefined;
  const version = headers.get("mcp-protocol-version");
  if (version === MODERN) return "modern";
  return LEGACY.has(version) ? "legacy" : undefined;
}

/**
 * Reads a request that is plain.
 *
 * @param headers Of a request of the modern era, which repeats the body's particulars in them.
 */
function plainRequest(text: string, headers: Headers | undefined): PlainRequest | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(message) || !onlyHas(message, MESSAGE_KEYS)) return undefined;
  const { jsonrpc, id, method, params = {} } = message;
  if (jsonrpc !== "2.0" || !isObject(params)) return undefined;
  if (typeof id !== "string" && !Number.isSafeInteger(id)) return undefined;
  if (method !== "tools/call" && method !== "tools/list") return undefined;
  const { _meta: meta, name = "", arguments: args = {} } = params;
  const isCall = method === "tools/call";
  if (!onlyHas(params, isCall ? CALL_KEYS : LIST_KEYS)) return undefined;
  if (isCall && (typeof name !== "string" || !("name" in params) || !isObject(args))) {
    return undefined;
  }
  const isPlainMeta = headers === undefined
    ? meta === undefined || isLegacyMeta(meta)
    : isEnvelope(meta) && headers.get("mcp-method") === method &&
      (!isCall || headers.get("mcp-name") === name);
  if (!isPlainMeta) return undefined;
  // The checks above leave exactly these types.
  return {
    id: id as string | number,
    method,
    name: name as string,
    args: args as PlainRequest["args"],
  };
}

const MESSAGE_KEYS = new Set(["jsonrpc", "id", "method", "params"]);
const CALL_KEYS = new Set(["name", "arguments", "_meta"]);
const LIST_KEYS = new Set(["_meta"]);
const ENVELOPE_KEYS = ["protocolVersion", "clientInfo", "clientCapabilities"].map((key) =>
  ENVELOPE + key
);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function onlyHas(object: Record<string, unknown>, keys: ReadonlySet<string>): boolean {
  for (const key in object) if (!keys.has(key)) return false;
  return true;
}

/** Meta data that asks for nothing: no progress, no envelope. */
function isLegacyMeta(meta: unknown): boolean {
  if (!isObject(meta) || "progressToken" in meta) return false;
  for (const key in meta) if (key.startsWith(ENVELOPE)) return false;
  return true;
}

/** An envelope that says what it must and asks for nothing. */
function isEnvelope(meta: unknown): boolean {
  if (!isObject(meta) || "progressToken" in meta) return false;
  for (const key in meta) {
    if (key.startsWith(ENVELOPE) && !ENVELOPE_KEYS.includes(key)) return false;
  }
  const client = meta[`${ENVELOPE}clientInfo`];
  return meta[`${ENVELOPE}protocolVersion`] === MODERN && isObject(client) &&
    typeof client["name"] === "string" && typeof client["version"] === "string" &&
    Object.keys(client).length === 2 &&
    isObject(meta[`${ENVELOPE}clientCapabilities`]);
}

/** Runs a call; `undefined` when the tool does not exist, which is the SDK's to say. */
async function outcomeOf(
  agent: ToolServer,
  request: Request,
  { name, args }: PlainRequest,
): Promise<Outcome | undefined> {
  try {
    return await agent.call({
      tool: name,
      args,
      headers: request.headers,
      signal: request.signal,
      emit: NOBODY_LISTENS,
      progress: NOBODY_LISTENS,
    });
  } catch (error) {
    if (isMeshError(error, "not_found")) return undefined;
    return errorToOutcome(asMeshError(error, "tool_failed"));
  }
}

const NOBODY_LISTENS = () => Promise.resolve();

/** The results of `tools/list`, made once a manifest. */
class ToolLists {
  readonly #json = new WeakMap<AgentManifest, Map<boolean, string>>();

  of(manifest: AgentManifest, modern: boolean): string {
    let lists = this.#json.get(manifest);
    if (lists === undefined) this.#json.set(manifest, lists = new Map());
    let json = lists.get(modern);
    if (json === undefined) lists.set(modern, json = listJson(manifest, modern));
    return json;
  }
}

function listJson(manifest: AgentManifest, modern: boolean): string {
  const tools = JSON.stringify(manifest.tools.map(listed));
  return modern
    ? `{"tools":${tools},"resultType":"complete","ttlMs":0,"cacheScope":"private","_meta":{${
      serverInfo(manifest)
    }}}`
    : `{"tools":${tools}}`;
}

function serverInfo({ name, version }: AgentManifest): string {
  return `"${ENVELOPE}serverInfo":${JSON.stringify({ name, version })}`;
}

const MODERN_HEADERS = { "content-type": "application/json" };
/**
 * Without `connection` and `x-accel-buffering`, which the SDK adds: they are for streams that go on,
 * this one is complete when it leaves, and each header costs.
 */
const LEGACY_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
};

function respond(id: string | number, result: string, modern: boolean): Response {
  const message = `{"result":${result},"jsonrpc":"2.0","id":${JSON.stringify(id)}}`;
  return modern
    ? new Response(message, { headers: MODERN_HEADERS })
    : new Response(`event: message\ndata: ${message}\n\n`, { headers: LEGACY_HEADERS });
}

/** The request as it was before its body was read. */
function again(request: Request, body: string): Request {
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, body, signal });
}
