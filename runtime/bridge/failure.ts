/**
 * What goes wrong between an agent and the MCP server it speaks for, as a {@linkcode MeshError}.
 *
 * @module
 */
import {
  OAuthClientFlowError,
  OAuthError,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type Transport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { errorText, isMeshError, MeshError } from "../base/errors.ts";
import { type AskedRequest, rpcFailure } from "../mcp/rpc_failure.ts";
import { causeTexts } from "../base/network_failure.ts";
import { lostRequest } from "../base/resend.ts";
import { BROKEN_OFF } from "./http_transport.ts";
import { isCommand, type Target } from "./target.ts";
import { shortened } from "../base/cut_text.ts";

/** Errors of the way to an access token. */
const AUTHORIZATION = [OAuthClientFlowError, OAuthError, UnauthorizedError];
/** Longest text of a server that is quoted, in characters. */
const LONGEST_QUOTE = 300;

/** HTTP status of a refusal, if an error is one. */
export function httpStatus(error: unknown): number | undefined {
  return error instanceof SdkHttpError ? error.status : undefined;
}

/**
 * Why a server cannot be used, in a sentence that names it and what to do.
 *
 * @param error What connecting to it, or looking after the connection, failed with.
 */
export function connectionFailure(error: unknown, target: Target): MeshError {
  if (isMeshError(error)) return error;
  const cause = rootOf(error);
  const name = target.text;
  const status = httpStatus(cause);
  if (status !== undefined) {
    return new MeshError(status >= 500 ? "unreachable" : "protocol", refusalText(name, status), {
      cause: error,
      details: { status },
    });
  }
  if (isTimeout(cause)) {
    return new MeshError("unreachable", `${name} does not answer`, { cause: error });
  }
  if (isUnauthorized(cause)) {
    const text = `${name} does not let this agent in: ${quoted(errorText(cause), target)}`;
    return new MeshError("protocol", `${text}; check its credentials`, { cause: error });
  }
  if (cause instanceof Deno.errors.NotCapable) {
    return new MeshError("permission_denied", cause.message, { cause: error });
  }
  return isNetworkFailure(cause)
    ? new MeshError("unreachable", `cannot reach ${name}: ${networkText(cause, target)}`, {
      cause: error,
    })
    : new MeshError("protocol", `${name} does not speak MCP: ${quoted(errorText(cause), target)}`, {
      cause: error,
    });
}

/** Servers tell of a session they do not know by 404, some by 400 (MCP transports §sessions). */
export function isForgotten(error: unknown, { sessionId }: Pick<Transport, "sessionId">): boolean {
  const status = httpStatus(error);
  return sessionId !== undefined && (status === 404 || status === 400);
}

/** Whether what a look at a server failed with shows that it is there: it refused the question. */
export function isAlive(error: unknown, transport: Pick<Transport, "sessionId">): boolean {
  if (error instanceof ProtocolError) return true;
  const status = httpStatus(error);
  return status !== undefined && status < 500 && status !== 401 && status !== 403 &&
    !isForgotten(error, transport);
}

function refusalText(name: string, status: number): string {
  const answered = `${name} answered HTTP ${status}`;
  if (status === 401 || status === 403) {
    return `${answered}: it wants other credentials; give it an Authorization header or credentials`;
  }
  return status < 500 ? `${answered}; check the URL` : answered;
}

/**
 * Why one request failed.
 *
 * @param error What the SDK rejected with.
 * @param ending What ended the connection, if it has ended.
 * @param asked The request.
 */
export function requestFailure(
  error: unknown,
  target: Target,
  ending: MeshError | undefined,
  asked: AskedRequest,
): MeshError {
  if (isMeshError(error)) return error;
  const name = target.text;
  if (error instanceof ProtocolError) return protocolFailure(error, target, asked);
  const cause = rootOf(error);
  const status = httpStatus(cause);
  if (status !== undefined && status >= 500) {
    // The refusals that prove that nothing ran have been thrown before; see fetchFor().
    const text = `${name} answered HTTP ${status}; the call may have run`;
    return new MeshError("interrupted", text, { cause: error });
  }
  if (status !== undefined || isUnauthorized(cause)) return connectionFailure(error, target);
  if (isNetworkFailure(cause)) {
    const { code, nothingRan } = lostRequest(cause);
    const text = networkText(cause, target);
    const said = nothingRan
      ? `cannot reach ${name}, nothing ran: ${text}`
      : `the connection to ${name} was lost, the call may have run: ${text}`;
    return new MeshError(code, said, { cause: error, nothingRan });
  }
  if (cause instanceof SdkError) {
    switch (cause.code) {
      case SdkErrorCode.NotConnected:
        return away(ending ?? new MeshError("unreachable", `${name} is not connected`));
      case SdkErrorCode.ConnectionClosed: {
        const text = ending?.message ?? `the connection to ${name} was lost`;
        return new MeshError("interrupted", `${text}; the call may have run`, { cause: error });
      }
    }
  }
  return new MeshError("protocol", `${name}: ${quoted(errorText(cause), target)}`, {
    cause: error,
  });
}

/** The failure of a request that was not sent because the server is away. */
export function away(reason: MeshError): MeshError {
  return new MeshError(reason.code, reason.message, { cause: reason, nothingRan: true });
}

/** A JSON-RPC error. */
function protocolFailure(error: ProtocolError, target: Target, asked: AskedRequest): MeshError {
  if (error.data === BROKEN_OFF) {
    const text = `${target.text} broke its answer off; the call may have run`;
    return new MeshError("interrupted", text, { cause: error });
  }
  const failure = rpcFailure(error, asked);
  return new MeshError(failure?.code ?? "tool_failed", quoted(error.message, target), {
    cause: error,
    details: failure?.details ?? { rpcCode: error.code },
    nothingRan: failure?.nothingRan,
  });
}

/** What the SDK wrapped: it puts what a probe failed with in the cause. */
function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof SdkError && !(root instanceof SdkHttpError) && root.cause !== undefined) {
    root = root.cause;
  }
  return root;
}

/** Whether a request was not answered in the time it was given. */
export function isTimeout(error: unknown): boolean {
  return error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
}

function isUnauthorized(error: unknown): boolean {
  return AUTHORIZATION.some((kind) => error instanceof kind);
}

/** What `fetch` rejects with; everything the SDK throws itself is of another class. */
function isNetworkFailure(error: unknown): error is TypeError {
  return error instanceof TypeError;
}

/** Without what goes without saying. */
function networkText(error: TypeError, target: Target): string {
  const text = causeTexts(error);
  const where = isCommand(target) ? "" : ` for url (${target.url.href})`;
  return safeText(text.replace(where, ""), target)
    .replace(/^fetch failed: (error sending request: )?/, "");
}

/** Without the URL as it was given, whose query or path may hold a key. */
export function safeText(text: string, target: Target): string {
  return isCommand(target) ? text : text.replaceAll(target.url.href, target.text);
}

function quoted(text: string, target: Target): string {
  const [line = ""] = safeText(text, target).split("\n", 1);
  return shortened(line, LONGEST_QUOTE);
}
