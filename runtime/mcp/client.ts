/**
 * The calling side between agents: one MCP request over one fetch (registry-protocol §4.2, §4.5), to
 * any MCP server that is stateless. JSON and SSE answers are understood.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { TIMEOUT_HEADER } from "../base/deadline.ts";
import { fromPlainError, isMeshError, MeshError } from "../base/errors.ts";
import { ChunkWatch } from "./chunk_watch.ts";
import { allPages } from "./pages.ts";
import type { CallToolResult } from "../protocol/mcp_content.ts";
import { type AskedRequest, type RpcError, rpcFailure } from "./rpc_failure.ts";
import { boundedText, MESSAGE_MAX } from "../base/bounded_body.ts";
import { boundedJson } from "../base/bounded_json.ts";
import { parseExact } from "../base/exact_json.ts";
import { failureIn } from "../base/failure.ts";
import { causeTexts } from "../base/network_failure.ts";
import { fateText, httpFailure, lostRequest } from "../base/resend.ts";
import { keptWithBody } from "../base/kept_response.ts";
import { readEvents } from "../base/sse.ts";
import { cutText } from "../base/cut_text.ts";
import { isEventStream } from "../base/media_range.ts";

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

interface JsonRpcAnswer {
  readonly result?: Record<string, unknown> | null;
  readonly error?: RpcError | null;
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
/** `_meta` key of a request whose sender takes the chunks alone: the result need not repeat them. */
export const CHUNKS_ONLY_META = "mesh/chunksOnly";
/** An answer of an agent is never kept longer than this in a message, in characters. */
const LONGEST_ERROR_TEXT = 500;

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
  const { onChunk } = options;
  const who = peerText(options);
  using watch = onChunk === undefined ? undefined : new ChunkWatch(options);
  const { signal } = watch ?? options;
  watch?.wait();
  const response = await send(fetch, method, params, { ...options, signal }, watch?.token);
  try {
    if (!response.ok) throw await refusal(response, who);
    const answer = isEventStream(response.headers.get("content-type"))
      ? await streamedAnswer(response, options, watch)
      : parseAnswer(await wholeText(response, options.sizes), who, options.exact);
    // Some servers write the one that does not apply as null.
    if (answer.error) throw failureOf(answer.error, { method, params });
    if (!answer.result) {
      throw new MeshError("protocol", `${who} answered without a result`);
    }
    return answer.result;
  } catch (error) {
    await response.body?.cancel().catch(() => {});
    if (signal.aborted) throw signal.reason;
    if (isMeshError(error)) throw error;
    if (error instanceof RangeError) {
      throw new MeshError("protocol", `${who} answered more than fits: ${error.message}`);
    }
    throw new MeshError(
      "interrupted",
      `${who} was lost in the middle of its answer; the call may have run: ${causeTexts(error)}`,
      { cause: error },
    );
  }
}

/** The agent in messages. */
function peerText({ peer, endpoint }: Pick<RequestOptions, "peer" | "endpoint">): string {
  return peer === undefined ? endpoint : `${peer} at ${endpoint}`;
}

async function send(
  fetch: typeof globalThis.fetch,
  method: string,
  params: Record<string, unknown>,
  options: RequestOptions,
  token: string | undefined,
): Promise<Response> {
  const { endpoint, signal, headers, remainingMs, sizes } = options;
  const meta = token === undefined
    ? {}
    : { _meta: { progressToken: token, [CHUNKS_ONLY_META]: true } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, ...meta } });
  if (sizes !== undefined) sizes.requestBytes = sizeOf(body);
  try {
    return await fetch(endpoint.endsWith("/mcp") ? endpoint : `${endpoint}/mcp`, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        [TIMEOUT_HEADER]: String(Math.max(1, Math.ceil(remainingMs / 1000))),
      },
      body,
      signal,
      redirect: "error",
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const { code, nothingRan, why } = lostRequest(error);
    const who = peerText(options);
    const said = nothingRan
      ? `${who} cannot be reached, nothing ran: ${why}`
      : `${who} was lost before it answered; the call may have run: ${why}`;
    throw new MeshError(code, said, { cause: error, nothingRan });
  }
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}

async function wholeText(response: Response, sizes: MessageSizes | undefined): Promise<string> {
  const text = await boundedText(response);
  if (sizes !== undefined) sizes.responseBytes = sizeOf(text);
  return text;
}

async function refusal(response: Response, who: string): Promise<MeshError> {
  const { status, headers } = response;
  const failure = httpFailure(status, headers);
  // The status says enough when the text is lost.
  const whole = await boundedText(response).catch(() => "");
  const told = toldFailure(whole);
  if (told !== undefined) return told;
  const text = cutText(whole, LONGEST_ERROR_TEXT);
  const said = `${who} answered ${status}${text === "" ? "" : `: ${text}`}`;
  const { code, nothingRan, retryAfterMs } = failure;
  return new MeshError(code, code === "interrupted" ? `${said}; ${fateText(failure)}` : said, {
    nothingRan,
    details: { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  });
}

/** The failure that an agent of the mesh tells of in the body of a refusal, if it does. */
function toldFailure(text: string): MeshError | undefined {
  try {
    const { error }: JsonRpcAnswer = Object(boundedJson(text));
    const failure = failureIn(Object(error?.data), String(error?.message));
    return failure && fromPlainError(failure);
  } catch {
    return undefined;
  }
}

function parseAnswer(text: string, who: string, exact = false): JsonRpcAnswer {
  let answer: unknown;
  let cause: unknown;
  try {
    answer = exact ? parseExact(text) : boundedJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    cause = error;
  }
  // What its members are is looked at where they are used.
  if (typeof answer === "object" && answer !== null) return answer as JsonRpcAnswer;
  throw new MeshError(
    "protocol",
    `${who} answered something that is no message: ${cutText(text, LONGEST_ERROR_TEXT)}`,
    { cause },
  );
}

async function streamedAnswer(
  response: Response,
  options: RequestOptions,
  watch: ChunkWatch | undefined,
): Promise<JsonRpcAnswer> {
  const { onChunk, sizes } = options;
  if (response.body !== null) {
    keptWithBody(response);
    for await (const { data } of readEvents(response.body)) {
      if (data === "") continue;
      if (sizes !== undefined) sizes.responseBytes = (sizes.responseBytes ?? 0) + sizeOf(data);
      const message = parseAnswer(data, peerText(options), options.exact);
      if (message.result || message.error) return message;
      const chunk = watch && chunkOf(message, watch.token);
      if (chunk === undefined) continue;
      watch?.pause();
      await onChunk?.(chunk.value);
      watch?.wait();
    }
  }
  throw new MeshError(
    "interrupted",
    `${peerText(options)} ended its answer without a result; the call may have run`,
  );
}

function chunkOf(
  { method, params }: JsonRpcAnswer,
  token: string,
): { readonly value: unknown } | undefined {
  if (method !== "notifications/progress") return undefined;
  // Only notifications with the caller's own token count (registry-protocol §7.1).
  if (params?.progressToken !== token || params?._meta?.[PROGRESS_META] === true) return undefined;
  const meta = params?._meta ?? {};
  if (CHUNK_META in meta) return { value: meta[CHUNK_META] };
  return typeof params?.message === "string" ? { value: params.message } : undefined;
}

/** Why a request failed that was answered with an error. */
function failureOf(error: RpcError, asked: AskedRequest): MeshError {
  const { code: rpcCode, message: text } = error;
  const failure = rpcFailure(error, asked);
  return failure === undefined
    ? new MeshError("protocol", text, { details: { rpcCode } })
    : fromPlainError(failure);
}
