/**
 * Sends one MCP request to an agent, through the registry's proxy or straight to it.
 *
 * @module
 */
import * as z from "zod";
import { cutText } from "../../runtime/base/cut_text.ts";
import { TIMEOUT_HEADER, timeoutText } from "../../runtime/base/deadline.ts";
import { errorText } from "../../runtime/base/errors.ts";
import { isObject, type JsonObject } from "../../runtime/base/json.ts";
import {
  LostRequest,
  MCP_HEADERS,
  mcpUrl,
  requestMcp,
  type RpcError,
  rpcErrorIn,
} from "../../runtime/base/mcp_request.ts";
import { type CallFailure, fateText } from "../../runtime/base/resend.ts";
import { indentedText } from "../../runtime/base/visible.ts";
import { CliError, type CliErrorOptions, EXIT, type ExitCode } from "../base/exit.ts";

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

/** An answer to a request. */
export type McpAnswer =
  | { kind: "result"; result: JsonObject }
  | { kind: "error"; error: RpcError };

/** Options for {@linkcode sendMcpRequest}. */
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
  const direct = mcpUrl(endpoint);
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
 * Sends a request and waits for its answer.
 *
 * @returns The result or the JSON-RPC error; anything else is thrown.
 * @throws {LostCall} exit 1 when the agent cannot be reached, or is lost before it has answered.
 * @throws {CliError} exit 4 when the registry does not answer, 6 when the time is up, 1 when the
 * agent answers no MCP.
 */
export async function sendMcpRequest(options: McpRequestOptions): Promise<McpAnswer> {
  const { target, method, params, timeout, signal, onNotification, fetch, now } = options;
  const started = now();
  const late = AbortSignal.timeout(timeout * 1_000);
  try {
    return answerOf(
      await requestMcp(
        {
          fetch,
          url: target.url,
          headers: requestHeaders(options),
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
          signal: signal === undefined ? late : AbortSignal.any([late, signal]),
          peer: target.url,
          redirect: "follow",
        },
        onNotification && ((message) => {
          const notification = notificationIn(message);
          if (notification !== undefined) onNotification(notification);
        }),
      ),
    );
  } catch (error) {
    signal?.throwIfAborted();
    const cause = error instanceof LostRequest ? error.cause : error;
    if (cause instanceof DOMException && cause.name === "TimeoutError") throw timeoutError(timeout);
    if (!(error instanceof LostRequest)) throw error;
    // A peer that refuses the request may say why in a JSON-RPC message.
    if (error.answer !== undefined) return answerOf(error.answer);
    throw await callError(error, options, (now() - started) / 1_000);
  }
}

/** The error of a request that got no answer after `spent` seconds. */
async function callError(
  lost: LostRequest,
  options: McpRequestOptions,
  spent: number,
): Promise<CliError> {
  const { target, timeout } = options;
  const { loss, status } = lost;
  if (loss === "late" || gatewayTimedOut(status, spent, timeout)) return timeoutError(timeout);
  switch (loss) {
    case "refused":
      return refused(lost, options);
    case "too_long":
      return tooLong(target, lost);
    case "ended":
      return unreadable(target, "the stream ended without a result");
    case "unreadable":
    case "empty":
      return unreadable(target, "the body is not a JSON-RPC message");
    default:
      return await lostCall(lost, options);
  }
}

function answerOf({ result, error }: { result?: JsonObject; error?: JsonObject }): McpAnswer {
  return result === undefined
    ? { kind: "error", error: rpcErrorIn(error) }
    : { kind: "result", result };
}

/** Returns the notification that a message is; a message with an id is a request, which is not answered. */
function notificationIn({ method, params = {}, id }: JsonObject): Notification | undefined {
  const isNotification = typeof method === "string" && isObject(params) && id === undefined;
  return isNotification ? { method, params } : undefined;
}

/** Whether a gateway error came so late that the budget, not the connection, must have ended it. */
function gatewayTimedOut(status: number | undefined, spent: number, timeout: number): boolean {
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

function refused(lost: LostRequest, { target, timeout }: McpRequestOptions): CliError {
  const { status = 0 } = lost;
  const told = ProxyFailure.safeParse(parsed(lost.said)).data;
  if (told?.code !== undefined) {
    if (told.code === "timeout") return timeoutError(timeout);
    const { code, nothing_ran: nothingRan = false } = told;
    const message = indentedText(told.error.replace(PROXY_PREFIX, ""));
    return new LostCall(EXIT.failure, message, { code, nothingRan }, effectHint(nothingRan));
  }
  const said = indentedText(cutText(told?.error ?? lost.said, SHOWN_MAX).trim());
  const message = `${target.url} answered HTTP ${status}: ${said}`;
  if (lost.code !== "protocol") {
    const text = `${message}; ${fateText(lost)}`;
    return new LostCall(EXIT.failure, text, lost, effectHint(lost.nothingRan));
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

function requestHeaders({ target, headers: own = [], timeout }: McpRequestOptions): Headers {
  const headers = new Headers(own);
  for (const [name, value] of Object.entries(MCP_HEADERS)) headers.set(name, value);
  // An Authorization header of the user's own wins.
  if (target.token !== undefined && !headers.has("authorization")) {
    headers.set("authorization", `Bearer ${target.token}`);
  }
  headers.set(TIMEOUT_HEADER, timeoutText(timeout * 1_000));
  return headers;
}

/** An answer that is not read to its end; what it answers has run. */
function tooLong({ url }: McpTarget, lost: LostRequest): CliError {
  const message = `${url} answers too much to be shown: ${errorText(lost.cause)}`;
  return new LostCall(EXIT.failure, message, lost, { ...effectHint(false), cause: lost.cause });
}

/** The error of a request whose peer was lost: names who that is. */
async function lostCall(lost: LostRequest, options: McpRequestOptions): Promise<CliError> {
  const { target, unreachable } = options;
  const { url, peer, agent } = target;
  const { nothingRan, cause } = lost;
  if (peer === "registry" && nothingRan) return unreachable(cause);
  const isAgent = peer === "agent" || await registryAnswers(options);
  const who = isAgent ? agentText(url, peer, agent) : `the registry at ${new URL(url).origin}`;
  const message = nothingRan
    ? `${who} cannot be reached; nothing ran`
    : `${who} was lost before it had answered; the call may have run`;
  const exit = isAgent ? EXIT.failure : EXIT.unreachable;
  return new LostCall(exit, message, lost, { ...effectHint(nothingRan), cause });
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

function timeoutError(timeout: number): CliError {
  return new CliError(EXIT.timeout, `no result within ${timeout} s; the call may have run`, {
    hint: `Give it longer with --timeout ${Math.ceil(timeout * 2)}.`,
  });
}
