/**
 * The calling side of a mesh call: one `tools/call` over one fetch (registry-protocol §4.2, §4.5),
 * to any MCP server that is stateless. JSON and SSE answers are understood.
 *
 * @module
 */
import { TIMEOUT_HEADER } from "../deadline.ts";
import { errorText, isMeshError, MeshError } from "../errors.ts";
import type { CallToolResult } from "./result.ts";
import { readEvents } from "./sse.ts";

/** One call. */
export interface ToolCall {
  /** Base URL of the agent; `/mcp` is added unless it is there. */
  readonly endpoint: string;
  readonly tool: string;
  readonly args: Record<string, unknown>;
  /** Gives the call up. */
  readonly signal: AbortSignal;
  /** Milliseconds the call has left; travels in whole seconds, rounded up. */
  readonly remainingMs: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Gets each streamed chunk, in order; asking for it makes a streaming tool stream. */
  readonly onChunk?: (chunk: unknown) => Promise<void>;
}

interface JsonRpcAnswer {
  readonly result?: CallToolResult;
  readonly error?: { readonly code: number; readonly message: string };
  readonly method?: string;
  readonly params?: {
    readonly progressToken?: unknown;
    readonly message?: unknown;
    readonly _meta?: Record<string, unknown>;
  };
}

/** `_meta` key of a chunk that is not text. */
export const CHUNK_META = "mesh/chunk";
/** `_meta` key that tells a progress report from a chunk of a stream. */
export const PROGRESS_META = "mesh/progress";
/** An answer of an agent is never kept longer than this in memory, in bytes. */
const LONGEST_ERROR_TEXT = 500;

/**
 * Calls a tool.
 *
 * @param fetch How requests leave.
 * @returns The MCP result, error results included.
 * @throws {MeshError} `unreachable` when nothing was sent, `interrupted` when it may have run,
 * `overloaded`, `not_found`, `protocol`, or the reason of `call.signal`.
 */
export async function callTool(
  fetch: typeof globalThis.fetch,
  call: ToolCall,
): Promise<CallToolResult> {
  const { endpoint, signal } = call;
  const token = call.onChunk === undefined ? undefined : crypto.randomUUID();
  const response = await send(fetch, call, token);
  try {
    if (!response.ok) throw await refusal(response, endpoint);
    const answer = isEventStream(response)
      ? await streamedAnswer(response, call, token)
      : parseAnswer(await response.text(), endpoint);
    if (answer.error !== undefined) throw rpcFailure(answer.error);
    if (answer.result === undefined) {
      throw new MeshError("protocol", `${endpoint} answered without a result`);
    }
    return answer.result;
  } catch (error) {
    await response.body?.cancel().catch(() => {});
    if (signal.aborted) throw signal.reason;
    if (isMeshError(error)) throw error;
    throw new MeshError("interrupted", `the connection to ${endpoint} was lost: ${causes(error)}`, {
      cause: error,
    });
  }
}

async function send(
  fetch: typeof globalThis.fetch,
  call: ToolCall,
  token: string | undefined,
): Promise<Response> {
  const { endpoint, signal } = call;
  try {
    return await fetch(endpoint.endsWith("/mcp") ? endpoint : `${endpoint}/mcp`, {
      method: "POST",
      headers: {
        ...call.headers,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        [TIMEOUT_HEADER]: String(Math.max(1, Math.ceil(call.remainingMs / 1000))),
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: {
          name: call.tool,
          arguments: call.args,
          ...(token === undefined ? {} : { _meta: { progressToken: token } }),
        },
      }),
      signal,
      redirect: "error",
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const text = causes(error);
    // Deno names the phase a request failed in; only before the connection stood was nothing sent.
    const code = /\(Connect\)|dns error/.test(text) ? "unreachable" : "interrupted";
    throw new MeshError(code, `${endpoint} cannot be reached: ${text}`, { cause: error });
  }
}

/** The texts of an error and its causes; Deno puts the particulars of a failed fetch in the cause. */
function causes(error: unknown): string {
  const texts: string[] = [];
  for (let at = error; at !== undefined; at = at instanceof Error ? at.cause : undefined) {
    texts.push(errorText(at));
  }
  return texts.join(": ");
}

function isEventStream(response: Response): boolean {
  const type = response.headers.get("content-type") ?? "";
  return /^text\/event-stream\s*(;|$)/i.test(type);
}

async function refusal(response: Response, endpoint: string): Promise<MeshError> {
  const text = (await response.text()).slice(0, LONGEST_ERROR_TEXT);
  const said = `${endpoint} answered ${response.status}${text === "" ? "" : `: ${text}`}`;
  if (response.status === 503 || response.status === 429) return new MeshError("overloaded", said);
  return new MeshError("protocol", said, { details: { status: response.status } });
}

function parseAnswer(text: string, endpoint: string): JsonRpcAnswer {
  try {
    return JSON.parse(text) as JsonRpcAnswer;
  } catch (cause) {
    throw new MeshError(
      "protocol",
      `${endpoint} answered something that is not JSON: ${text.slice(0, LONGEST_ERROR_TEXT)}`,
      { cause },
    );
  }
}

async function streamedAnswer(
  response: Response,
  call: ToolCall,
  token: string | undefined,
): Promise<JsonRpcAnswer> {
  if (response.body !== null) {
    for await (const { data } of readEvents(response.body)) {
      if (data === "") continue;
      const message = parseAnswer(data, call.endpoint);
      if (message.result !== undefined || message.error !== undefined) return message;
      await chunkOf(message, call, token);
    }
  }
  throw new MeshError("interrupted", `${call.endpoint} ended its answer without a result`);
}

async function chunkOf(
  { method, params }: JsonRpcAnswer,
  call: ToolCall,
  token: string | undefined,
): Promise<void> {
  if (method !== "notifications/progress" || call.onChunk === undefined) return;
  // Only notifications with the caller's own token count (registry-protocol §7.1).
  if (params?.progressToken !== token || params?._meta?.[PROGRESS_META] === true) return;
  const meta = params?._meta ?? {};
  if (CHUNK_META in meta) await call.onChunk(meta[CHUNK_META]);
  else if (typeof params?.message === "string") await call.onChunk(params.message);
}

/** JSON-RPC codes are those of the MCP specification. */
function rpcFailure(error: { code: number; message: string }): MeshError {
  const code = error.code === -32601 || /unknown tool|not found|has no tool/i.test(error.message)
    ? "not_found"
    : "protocol";
  return new MeshError(code, error.message, { details: { rpcCode: error.code } });
}
