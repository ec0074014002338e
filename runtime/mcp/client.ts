/**
 * The calling side between agents: one MCP request over one fetch (registry-protocol §4.2, §4.5), to
 * any MCP server that is stateless. JSON and SSE answers are understood.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { TIMEOUT_HEADER, timeoutText } from "../base/deadline.ts";
import { fromPlainError, isMeshError, MeshError } from "../base/errors.ts";
import { ChunkWatch } from "./chunk_watch.ts";
import { allPages } from "./pages.ts";
import type { CallToolResult } from "../protocol/mcp_content.ts";
import { type AskedRequest, rpcFailure } from "./rpc_failure.ts";
import { MESSAGE_MAX } from "../base/bounded_body.ts";
import { boundedJson } from "../base/bounded_json.ts";
import { parseExact } from "../base/exact_json.ts";
import { failureIn } from "../base/failure.ts";
import { isObject, type JsonObject } from "../base/json.ts";
import {
  LostRequest,
  MCP_HEADERS,
  mcpUrl,
  requestMcp,
  type RpcError,
  rpcErrorIn,
} from "../base/mcp_request.ts";

/** What every request to an agent has. */
export interface RequestOptions {
  /** The agent's name in messages. @default the endpoint */
  readonly peer?: string;
  /** Base URL of the agent; `/mcp` is added unless it is there. */
  readonly endpoint: string;
  /** Gives the request up. */
  readonly signal: AbortSignal;
  /** Milliseconds the request has left; travels in whole seconds, rounded up. */
  readonly remainingMs: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Gets each streamed chunk, in order; asking for it makes a streaming tool stream. */
  readonly onChunk?: (chunk: unknown) => Promise<void>;
  /** Longest wait for the next chunk, in milliseconds; only while chunks are asked for. */
  readonly stallMs?: number;
  /** Is told how large the request and its answer are. */
  readonly sizes?: MessageSizes;
  /** Whether numbers of the answer keep all digits when it is written as JSON again. */
  readonly exact?: boolean;
}

/** How large a request and its answer are, in bytes. */
export interface MessageSizes {
  requestBytes: number | undefined;
  /** Of a stream, of its messages. */
  responseBytes: number | undefined;
}

/** One call of a tool. */
export interface ToolCall extends RequestOptions {
  readonly tool: string;
  readonly args: Record<string, unknown>;
}

/** `_meta` key of a chunk that is not text. */
export const CHUNK_META = "mesh/chunk";
/** `_meta` key that tells a progress report from a chunk of a stream. */
export const PROGRESS_META = "mesh/progress";
/** `_meta` key of a request whose sender takes the chunks alone: the result need not repeat them. */
export const CHUNKS_ONLY_META = "mesh/chunksOnly";
/**
 * Calls a tool.
 *
 * @param fetch How requests leave.
 * @returns The MCP result, error results included.
 * @throws {MeshError} As {@linkcode requestAgent}.
 */
export async function callTool(
  fetch: typeof globalThis.fetch,
  { tool, args, ...options }: ToolCall,
): Promise<CallToolResult> {
  return await requestAgent(fetch, "tools/call", { name: tool, arguments: args }, options);
}

/**
 * Reads a list, all pages of it. An agent that has nothing to list need not know the method.
 *
 * @param items What the result calls its items.
 * @throws {MeshError} As {@linkcode requestAgent}.
 */
export async function listAgent(
  fetch: typeof globalThis.fetch,
  method: string,
  items: string,
  options: RequestOptions,
): Promise<unknown[]> {
  let bytes = 0;
  return await allPages(items, async (params) => {
    const sizes: MessageSizes = { requestBytes: undefined, responseBytes: undefined };
    try {
      const page = await requestAgent(fetch, method, params, { ...options, sizes });
      Object.assign(options.sizes ?? {}, sizes);
      bytes += sizes.responseBytes ?? 0;
      if (bytes <= MESSAGE_MAX) return page;
      throw new MeshError("protocol", `${peerText(options)} lists more than fits`);
    } catch (error) {
      if (isMeshError(error, "not_found")) return {};
      throw error;
    }
  });
}

/**
 * Sends an MCP request.
 *
 * @param fetch How requests leave.
 * @returns The result.
 * @throws {MeshError} `unreachable` when nothing was sent, `interrupted` when it may have run,
 * `overloaded`, `not_found`, `bad_input`, `cannot_ask`, `stream_stalled`, `protocol`, whatever else an
 * agent of the mesh says, or the reason of `signal`. Its `nothingRan` says whether it may be sent
 * elsewhere.
 */
export async function requestAgent(
  fetch: typeof globalThis.fetch,
  method: string,
  params: Record<string, unknown>,
  options: RequestOptions,
): Promise<Record<string, unknown>> {
  const { onChunk, endpoint, headers, remainingMs, sizes, exact } = options;
  using watch = onChunk === undefined ? undefined : new ChunkWatch(options);
  const { signal } = watch ?? options;
  const body = requestText(method, params, watch?.token);
  // A call that is sent again has the sizes of the last request.
  if (sizes !== undefined) {
    Object.assign(sizes, { requestBytes: sizeOf(body), responseBytes: undefined });
  }
  watch?.wait();
  try {
    const { result, error } = await requestMcp(
      {
        fetch,
        url: mcpUrl(endpoint),
        headers: {
          ...headers,
          ...MCP_HEADERS,
          [TIMEOUT_HEADER]: timeoutText(remainingMs),
        },
        body,
        signal,
        peer: peerText(options),
        parse: exact ? parseExact : boundedJson,
        ...(sizes === undefined ? {} : {
          onText: (text) => void (sizes.responseBytes = (sizes.responseBytes ?? 0) + sizeOf(text)),
        }),
      },
      watch && (async (message) => {
        const chunk = chunkOf(message, watch.token);
        if (chunk === undefined) return;
        watch.pause();
        await onChunk?.(chunk.value);
        watch.wait();
      }),
    );
    if (result !== undefined) return result;
    throw failureOf(rpcErrorIn(error), { method, params });
  } catch (error) {
    // The consumer of chunks may fail because the call was given up.
    if (signal.aborted) throw signal.reason;
    throw reportedFailure(error) ?? error;
  }
}

/** The agent in messages. */
function peerText({ peer, endpoint }: Pick<RequestOptions, "peer" | "endpoint">): string {
  return peer === undefined ? endpoint : `${peer} at ${endpoint}`;
}

function requestText(
  method: string,
  params: Record<string, unknown>,
  token: string | undefined,
): string {
  const meta = token === undefined
    ? {}
    : { _meta: { progressToken: token, [CHUNKS_ONLY_META]: true } };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, ...meta } });
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}

/** The failure that an agent of the mesh reports in the body of a refusal, if it does. */
function reportedFailure(error: unknown): MeshError | undefined {
  const refused = error instanceof LostRequest ? error.answer?.error : undefined;
  if (refused === undefined) return undefined;
  const { data, message } = rpcErrorIn(refused);
  const failure = isObject(data) ? failureIn(data, message) : undefined;
  return failure && fromPlainError(failure);
}

function chunkOf(
  { method, params }: JsonObject,
  token: string,
): { readonly value: unknown } | undefined {
  if (method !== "notifications/progress" || !isObject(params)) return undefined;
  // Only notifications with the caller's own token count (registry-protocol §7.1).
  if (params["progressToken"] !== token) return undefined;
  const { _meta: meta, message } = params;
  if (isObject(meta)) {
    if (meta[PROGRESS_META] === true) return undefined;
    if (CHUNK_META in meta) return { value: meta[CHUNK_META] };
  }
  return typeof message === "string" ? { value: message } : undefined;
}

/** Why a request failed that was answered with an error. */
function failureOf(error: RpcError, asked: AskedRequest): MeshError {
  const { code: rpcCode, message: text } = error;
  const failure = rpcFailure(error, asked);
  return failure === undefined
    ? new MeshError("protocol", text, { details: { rpcCode } })
    : fromPlainError(failure);
}
