/**
 * Sends one MCP request to an agent, through the registry's proxy or straight to it.
 *
 * @module
 */
import { CliError, EXIT } from "./exit.ts";
import type { JsonObject } from "./json_argument.ts";
import { isEventStream, type McpAnswer, readMcpAnswer, readNotification } from "./mcp_answer.ts";
import { readEvents } from "../runtime/protocol/sse.ts";

/** Where an MCP request goes. */
export interface McpTarget {
  /** Full URL of the endpoint. */
  url: string;
  /** What does not answer when the connection fails. */
  peer: "registry" | "agent";
}

/** What an agent says before it answers. */
export interface Notification {
  method: string;
  params: JsonObject;
}

/** What {@linkcode sendMcpRequest} needs. */
export interface McpRequestOptions {
  target: McpTarget;
  method: string;
  params: Record<string, unknown>;
  /** Headers of the user's own; those the protocol needs win over them. */
  headers?: [string, string][];
  /** Limit, seconds. */
  timeout: number;
  /** Gives the request up; its reason is thrown. */
  signal?: AbortSignal;
  /** Gets each notification of an answer that is a stream, when it comes. */
  onNotification?(notification: Notification): void;
  fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The error for a registry that does not answer. */
  unreachable(cause: unknown): CliError;
}

/**
 * The route to an agent.
 *
 * @param endpoint Where the agent listens, as the registry tells it.
 * @param registry Address of the registry, to go through its proxy; straight when absent.
 */
export function mcpTarget(endpoint: string, registry?: string): McpTarget {
  const direct = endpoint.replace(/\/+$/, "").replace(/(\/mcp)?$/, "/mcp");
  if (registry === undefined) return { url: direct, peer: "agent" };
  return { url: `${registry}/proxy/${direct.replace(/^https?:\/\//, "")}`, peer: "registry" };
}

/**
 * Sends a request and reads the whole answer.
 *
 * @returns The result or the JSON-RPC error; anything else is thrown.
 * @throws {CliError} exit 4 when the registry does not answer, 6 when the time is up, 1 when the
 * agent cannot be reached or answers no MCP.
 */
export async function sendMcpRequest(
  options: McpRequestOptions,
): Promise<Exclude<McpAnswer, { kind: "timeout" | "unreadable" }>> {
  const started = options.now();
  const response = await post(options);
  const answer = readMcpAnswer(response.contentType, response.body);
  if (answer.kind === "result" || answer.kind === "error") return answer;
  const spent = (options.now() - started) / 1_000;
  if (answer.kind === "timeout" || gatewayTimedOut(response.status, spent, options.timeout)) {
    throw timeoutError(options.timeout);
  }
  const problem = response.ok ? answer.reason : response.body.slice(0, 500).trim();
  throw new CliError(
    EXIT.failure,
    `${options.target.url} answered HTTP ${response.status}: ${problem}`,
    { hint: "Check with `status` whether the agent is healthy, and read its log." },
  );
}

/** Whether a gateway error came so late that the budget, not the connection, must have ended it. */
function gatewayTimedOut(status: number, spent: number, timeout: number): boolean {
  return status === 504 || (status === 502 && spent >= timeout * 0.95);
}

interface ReadResponse {
  ok: boolean;
  status: number;
  contentType: string | null;
  body: string;
}

async function post(options: McpRequestOptions): Promise<ReadResponse> {
  const { target, method, params, timeout, signal } = options;
  const late = AbortSignal.timeout(timeout * 1_000);
  const headers = new Headers(options.headers ?? []);
  headers.set("content-type", "application/json");
  headers.set("accept", "application/json, text/event-stream");
  headers.set("x-mesh-timeout", String(Math.max(1, Math.ceil(timeout))));
  try {
    const response = await options.fetch(target.url, {
      method: "POST",
      headers,
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
    });
    const contentType = response.headers.get("content-type");
    return {
      ok: response.ok,
      status: response.status,
      contentType,
      body: await readBody(response, contentType, options),
    };
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof DOMException && cause.name === "TimeoutError") {
      throw timeoutError(timeout);
    }
    if (brokeOff(cause)) throw wentAway(target, cause);
    if (target.peer === "registry") throw options.unreachable(cause);
    throw new CliError(EXIT.failure, `the agent at ${target.url} does not answer`, {
      hint: "Check the address, or leave out --agent-url and --use-proxy=false to go through " +
        "the registry.",
      cause,
    });
  }
}

/** Whether a connection was there and was lost. Only the text of Deno's error tells. */
function brokeOff(error: unknown): boolean {
  if (!(error instanceof TypeError)) return false;
  const { message, cause } = error;
  return /reading a body/.test(message) ||
    cause instanceof Error && /client error \(SendRequest\)/.test(cause.message);
}

function wentAway({ url, peer }: McpTarget, cause: unknown): CliError {
  const code = peer === "registry" ? EXIT.unreachable : EXIT.failure;
  const who = peer === "registry"
    ? `the registry at ${new URL(url).origin}`
    : `the agent at ${url}`;
  return new CliError(code, `${who} went away before it answered`, {
    hint:
      "Whether the call had its effect is not known; `trace --last` and the agent's log may tell.",
    cause,
  });
}

/** The whole body; what a stream notifies of is told on the way. */
async function readBody(
  response: Response,
  contentType: string | null,
  { onNotification }: McpRequestOptions,
): Promise<string> {
  const { body } = response;
  if (onNotification === undefined || body === null || !isEventStream(contentType)) {
    return await response.text();
  }
  const decoder = new TextDecoder();
  let text = "";
  const kept = body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (bytes, controller) => {
        text += decoder.decode(bytes, { stream: true });
        controller.enqueue(bytes);
      },
    }),
  );
  for await (const { data } of readEvents(kept)) {
    const notification = readNotification(data);
    if (notification !== undefined) onNotification(notification);
  }
  return text;
}

function timeoutError(timeout: number): CliError {
  return new CliError(EXIT.timeout, `no result within ${timeout} s`, {
    hint: `Give it longer with --timeout ${Math.ceil(timeout * 2)}.`,
  });
}
