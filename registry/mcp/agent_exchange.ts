/**
 * One request to one agent's `/mcp`, and the messages it answers with, each as it comes. Agents answer
 * JSON or an event stream, and keep nothing between requests (registry-protocol §4.2).
 *
 * @module
 */
import { isMeshError, MeshError } from "../../runtime/base/errors.ts";
import { isObject, type JsonObject } from "../../runtime/base/json.ts";
import { boundedText } from "../../runtime/base/bounded_body.ts";
import { fateText, httpFailure, lostRequest } from "../../runtime/base/resend.ts";
import { eventsOf, readEvents } from "../../runtime/base/sse.ts";
import type { Entry } from "../directory/entry.ts";
import { isEventStream } from "../../runtime/base/media_range.ts";
import { parseExact } from "../../runtime/base/exact_json.ts";
import { cutText } from "../../runtime/base/cut_text.ts";

/** A request to an agent. */
export interface AgentRequest {
  readonly agent: Entry;
  readonly headers: Headers;
  /** A JSON-RPC request, as JSON. */
  readonly body: string;
  /** Gives it up. */
  readonly signal: AbortSignal;
  /** Reaches agents. */
  readonly fetch: typeof fetch;
}

/** How a call ends. */
export interface CallEnd {
  readonly result?: unknown;
  /** A JSON-RPC error, where there is no result. */
  readonly error?: unknown;
  /** HTTP status the agent gave its error. @default 200 */
  readonly status?: number;
}

/** Of what an agent says instead of answering, this much is told, characters. */
const TOLD_MAX = 300;

/**
 * Sends the request.
 *
 * @returns Yields the notifications, then returns the response. Leaving the loop ends the request.
 * @throws {MeshError} When there is no response.
 * @throws The reason of the signal, when that is why.
 */
export async function* exchange(request: AgentRequest): AsyncGenerator<JsonObject, CallEnd> {
  const { agent, signal } = request;
  const response = await send(request);
  let isRead = false;
  try {
    for await (const text of messageTexts(response, agent)) {
      const message = readMessage(text, agent);
      if ("result" in message || "error" in message) {
        isRead = true;
        return { ...message, status: response.status };
      }
      if ("id" in message) throw asksBack(message, agent);
      yield message;
    }
    const text = `${agent.name} ended its answer without a result; the call may have run`;
    throw new MeshError("interrupted", text);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isMeshError(error)) throw error;
    if (error instanceof RangeError) {
      throw new MeshError("protocol", `${agent.name} answered more than fits: ${error.message}`);
    }
    const text = `${agent.name} was lost in the middle of its answer; the call may have run`;
    throw new MeshError("interrupted", text, { cause: error });
  } finally {
    if (!isRead) await response.body?.cancel().catch(() => {});
  }
}

async function send(
  { agent, headers, body, signal, fetch }: AgentRequest,
): Promise<Response> {
  const url = agent.endpoint.endsWith("/mcp") ? agent.endpoint : `${agent.endpoint}/mcp`;
  try {
    return await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const { code, nothingRan } = lostRequest(error);
    const text = nothingRan
      ? `${agent.name} cannot be reached at ${agent.endpoint}; nothing ran`
      : `${agent.name} was lost before it answered; the call may have run`;
    throw new MeshError(code, text, { cause: error, nothingRan });
  }
}

/** The messages of an answer, as text. */
async function* messageTexts(response: Response, agent: Entry): AsyncGenerator<string> {
  const { headers, body } = response;
  const isStream = isEventStream(headers.get("content-type"));
  if (body === null) throw refusal(response, "", agent);
  if (isStream && !headers.has("content-length")) {
    for await (const { data } of readEvents(body)) {
      if (data !== "") yield data;
    }
    return;
  }
  const text = await boundedText(response);
  if (isStream) {
    for (const { data } of eventsOf(text)) if (data !== "") yield data;
  } else if (response.ok || isMessage(text)) yield text;
  else throw refusal(response, text, agent);
}

/** Whether a text is a JSON-RPC answer: an agent says in one what is wrong with a request. */
function isMessage(text: string): boolean {
  try {
    const message: unknown = JSON.parse(text);
    return isObject(message) && isObject(message["error"]) && message["jsonrpc"] === "2.0";
  } catch {
    return false;
  }
}

function readMessage(text: string, agent: Entry): JsonObject {
  try {
    const message = parseExact(text);
    if (isObject(message)) return message;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    // It is told below, with what is no object either.
  }
  throw new MeshError(
    "protocol",
    `${agent.name} answered something that is no message: ${cutText(text, TOLD_MAX)}`,
  );
}

function refusal({ status, headers }: Response, text: string, agent: Entry): MeshError {
  const { code, nothingRan, retryAfterMs } = httpFailure(status, headers);
  const said = text.trim() === "" ? "" : `: ${cutText(text.trim(), TOLD_MAX)}`;
  const answered = code === "overloaded"
    ? `${agent.name} takes no more calls now (HTTP ${status})`
    : `${agent.name} answered HTTP ${status}`;
  const fate = code === "protocol" ? "" : `; ${fateText({ nothingRan })}`;
  return new MeshError(code, answered + said + fate, { nothingRan, details: { retryAfterMs } });
}

/** There is no way back to the agent for what its client would answer. */
function asksBack({ method }: JsonObject, agent: Entry): MeshError {
  return new MeshError(
    "protocol",
    `${agent.name} asked its caller for ${method} during the call, which the mesh cannot pass on; ` +
      "call the agent itself",
  );
}
