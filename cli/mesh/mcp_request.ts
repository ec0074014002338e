/**
 * Sends one MCP request to an agent, through the registry's proxy or straight to it.
 *
 * @module
 */
import { TIMEOUT_HEADER } from "../../runtime/base/deadline.ts";
import type { JsonObject } from "../../runtime/base/json.ts";
import { boundedText, MESSAGE_MAX } from "../../runtime/base/bounded_body.ts";
import { indentedText } from "../../runtime/base/visible.ts";
import * as z from "zod";
import { CliError, type CliErrorOptions, EXIT, type ExitCode } from "../base/exit.ts";
import { isEventStream } from "../../runtime/base/media_range.ts";
import { type McpAnswer, readMcpAnswer, readNotification } from "./mcp_answer.ts";
import { type CallFailure, fateText, httpFailure, lostRequest } from "../../runtime/base/resend.ts";
import { readEvents } from "../../runtime/base/sse.ts";
import { cutText } from "../../runtime/base/cut_text.ts";

/** Where an MCP request goes. */
export interface McpTarget {
  /** Full URL of the endpoint. */
  url: string;
  /** What does not answer when the connection fails. */
  peer: "registry" | "agent";
  /** Name of the agent; `undefined` when only its address is known. */
  agent?: string;
  /** What the registry wants to be shown; agents are shown nothing. */
  token?: string;
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

/** A call that got no answer. */
export class LostCall extends CliError {
  /** What the loss means for sending it again. */
  readonly failure: CallFailure;

  /**
   * @param code How the process ends.
   * @param message Who was lost, and whether the call may have run.
   */
  constructor(
    code: ExitCode,
    message: string,
    failure: CallFailure,
    options: CliErrorOptions = {},
  ) {
    super(code, message, options);
    this.failure = failure;
  }
}

/**
 * The route to an agent.
 *
 * @param endpoint Where the agent listens, as the registry tells it.
 * @param registry Address of the registry, to go through its proxy; straight when absent.
 * @param agent Name of the agent, for messages.
 * @param token Secret that the registry asks of callers, if it does (`MCP_MESH_MCP_TOKEN`).
 */
export function mcpTarget(
  endpoint: string,
  registry?: string,
  agent?: string,
  token?: string,
): McpTarget {
  const direct = endpoint.replace(/\/+$/, "").replace(/(\/mcp)?$/, "/mcp");
  const named = agent === undefined ? {} : { agent };
  if (registry === undefined) return { url: direct, peer: "agent", ...named };
  return {
    url: `${registry}/proxy/${direct.replace(/^https?:\/\//, "")}`,
    peer: "registry",
    ...named,
    ...(token === undefined ? {} : { token }),
  };
}

/**
 * Sends a request and reads the whole answer.
 *
 * @returns The result or the JSON-RPC error; anything else is thrown.
 * @throws {LostCall} exit 1 when the agent cannot be reached, or is lost before it has answered.
 * @throws {CliError} exit 4 when the registry does not answer, 6 when the time is up, 1 when the
 * agent answers no MCP.
 */
export async function sendMcpRequest(
  options: McpRequestOptions,
): Promise<Exclude<McpAnswer, { kind: "timeout" | "unreadable" }>> {
  const started = options.now();
  const response = await post(options);
  const answer = readMcpAnswer(response.headers.get("content-type"), response.body);
  if (answer.kind === "result" || answer.kind === "error") return answer;
  const spent = (options.now() - started) / 1_000;
  if (answer.kind === "timeout" || gatewayTimedOut(response.status, spent, options.timeout)) {
    throw timeoutError(options.timeout);
  }
  throw response.ok ? unreadable(options.target, answer.reason) : refused(response, options);
}

/** Whether a gateway error came so late that the budget, not the connection, must have ended it. */
function gatewayTimedOut(status: number, spent: number, timeout: number): boolean {
  return status === 504 || (status === 502 && spent >= timeout * 0.95);
}

function unreadable({ url }: McpTarget, reason: string): CliError {
  return new CliError(EXIT.failure, `${url} answered HTTP 200: ${reason}`, {
    hint: "Check with `status` whether the agent is healthy, and read its log.",
  });
}

/** What the registry's proxy says of an agent that it did not reach, or lost. */
const ProxyFailure = z.object({
  error: z.string(),
  code: z.string().optional(),
  nothing_ran: z.boolean().optional(),
});
const PROXY_PREFIX = /^Failed to reach target agent: /;
/** Longest part of a foreign answer that is shown, in characters. */
const SHOWN_MAX = 500;

function refused({ status, headers, body }: ReadResponse, { target, timeout }: McpRequestOptions) {
  const failure = httpFailure(status, headers);
  const told = ProxyFailure.safeParse(parsed(body)).data;
  if (told?.code !== undefined) {
    if (told.code === "timeout") return timeoutError(timeout);
    const { code, nothing_ran: nothingRan = false } = told;
    const message = indentedText(told.error.replace(PROXY_PREFIX, ""));
    return new LostCall(EXIT.failure, message, { code, nothingRan }, effectHint(nothingRan));
  }
  const said = indentedText(cutText(told?.error ?? body, SHOWN_MAX).trim());
  const message = `${target.url} answered HTTP ${status}: ${said}`;
  if (failure.code !== "protocol") {
    const text = `${message}; ${fateText(failure)}`;
    return new LostCall(EXIT.failure, text, failure, effectHint(failure.nothingRan));
  }
  const hint =
    (told !== undefined && target.peer === "registry" ? DOOR_HINTS[status] : undefined) ??
      "Check with `status` whether the agent is healthy, and read its log.";
  return new CliError(EXIT.failure, message, { hint });
}

/** What to do where the registry lets nobody through, by HTTP status. */
const DOOR_HINTS: Readonly<Record<number, string>> = {
  401:
    "Give the registry's token with MCP_MESH_MCP_TOKEN, or ask the agent with --use-proxy=false.",
  403:
    "Ask the agent itself with --use-proxy=false; on the registry's side, MCP_MESH_MCP says who may " +
    "call through it.",
  404: "Ask the agent itself with --use-proxy=false; the registry's MCP_MESH_MCP is off.",
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What to do about a call that may have had its effect. */
function effectHint(nothingRan: boolean): CliErrorOptions {
  return nothingRan ? {} : { hint: "`trace --last` and the agent's log may tell whether it ran." };
}

interface ReadResponse {
  ok: boolean;
  status: number;
  headers: Headers;
  body: string;
}

async function post(options: McpRequestOptions): Promise<ReadResponse> {
  const { target, method, params, timeout, signal } = options;
  const late = AbortSignal.timeout(timeout * 1_000);
  const headers = new Headers(options.headers ?? []);
  headers.set("content-type", "application/json");
  headers.set("accept", "application/json, text/event-stream");
  // What the user shows of their own counts.
  if (target.token !== undefined && !headers.has("authorization")) {
    headers.set("authorization", `Bearer ${target.token}`);
  }
  headers.set(TIMEOUT_HEADER, String(Math.max(1, Math.ceil(timeout))));
  try {
    const response = await options.fetch(target.url, {
      method: "POST",
      headers,
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
    });
    const { ok, status } = response;
    return { ok, status, headers: response.headers, body: await readBody(response, options) };
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof DOMException && cause.name === "TimeoutError") {
      throw timeoutError(timeout);
    }
    if (cause instanceof RangeError) throw tooLong(target, cause);
    throw await lostCall(options, cause);
  }
}

/** An answer that is not read to its end; what it answers has run. */
function tooLong({ url }: McpTarget, cause: RangeError): CliError {
  return new LostCall(
    EXIT.failure,
    `${url} answers too much to be shown: ${cause.message}`,
    { code: "protocol", nothingRan: false },
    { ...effectHint(false), cause },
  );
}

/** The error of a request that got no answer: names who was lost. */
async function lostCall(options: McpRequestOptions, cause: unknown): Promise<CliError> {
  const { target, unreachable } = options;
  const { url, peer, agent } = target;
  const failure = lostRequest(cause);
  if (peer === "registry" && failure.nothingRan) return unreachable(cause);
  const isAgent = peer === "agent" || await registryAnswers(options);
  const who = isAgent ? agentText(url, peer, agent) : `the registry at ${new URL(url).origin}`;
  const message = failure.nothingRan
    ? `${who} cannot be reached; nothing ran`
    : `${who} was lost before it had answered; the call may have run`;
  const exit = isAgent ? EXIT.failure : EXIT.unreachable;
  return new LostCall(exit, message, failure, { ...effectHint(failure.nothingRan), cause });
}

function agentText(url: string, peer: McpTarget["peer"], agent: string | undefined): string {
  const address = peer === "agent" ? new URL(url).origin : url.replace(/^.*\/proxy\/|\/mcp$/g, "");
  return agent === undefined ? `the agent at ${address}` : `${agent} at ${address}`;
}

/** How long the registry may take to show that it is alive, in milliseconds. */
const ALIVE_MS = 2_000;

/** Whether the registry is there, so that what broke off is the agent's answer. */
async function registryAnswers({ target, fetch }: McpRequestOptions): Promise<boolean> {
  try {
    const { origin } = new URL(target.url);
    const response = await fetch(`${origin}/health`, { signal: AbortSignal.timeout(ALIVE_MS) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** The whole body; what a stream notifies of is told on the way. */
async function readBody(
  response: Response,
  { onNotification }: McpRequestOptions,
): Promise<string> {
  const { body, headers } = response;
  if (
    onNotification === undefined || body === null || !isEventStream(headers.get("content-type"))
  ) {
    return await boundedText(response);
  }
  const decoder = new TextDecoder();
  let text = "";
  const kept = body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (bytes, controller) => {
        text += decoder.decode(bytes, { stream: true });
        if (text.length > MESSAGE_MAX) {
          throw new RangeError(`more than the ${MESSAGE_MAX} characters that fit`);
        }
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
  return new CliError(EXIT.timeout, `no result within ${timeout} s; the call may have run`, {
    hint: `Give it longer with --timeout ${Math.ceil(timeout * 2)}.`,
  });
}
