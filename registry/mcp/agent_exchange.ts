/**
 * One request to one agent's `/mcp`, and the messages it answers with, each as it comes. Agents answer
 * JSON or an event stream, and keep nothing between requests (registry-protocol §4.2).
 *
 * @module
 */
import { cutText } from "../../runtime/base/cut_text.ts";
import { MeshError } from "../../runtime/base/errors.ts";
import type { JsonObject } from "../../runtime/base/json.ts";
import { LostRequest, mcpMessages, mcpUrl } from "../../runtime/base/mcp_request.ts";
import { fateText } from "../../runtime/base/resend.ts";
import type { Entry } from "../directory/entry.ts";

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

/** Longest part of an agent's text in a message, in characters. */
const TOLD_MAX = 300;

/**
 * Sends the request.
 *
 * @returns Yields the notifications, then returns the response. Leaving the loop ends the request.
 * @throws {MeshError} When there is no response.
 * @throws The reason of the signal, when that is why.
 */
export async function* exchange(request: AgentRequest): AsyncGenerator<JsonObject, CallEnd> {
  const { agent, ...sent } = request;
  const url = mcpUrl(agent.endpoint);
  await using messages = mcpMessages({ ...sent, url, peer: agent.name });
  try {
    for (;;) {
      const { done, value } = await messages.next();
      if (done) return value;
      if ("id" in value) throw asksBack(value, agent);
      yield value;
    }
  } catch (error) {
    if (!(error instanceof LostRequest)) throw error;
    // An agent says in a JSON-RPC error what is wrong with a request, whatever its status.
    if (error.answer?.error !== undefined) return error.answer;
    const { code, nothingRan, details, cause } = error;
    throw new MeshError(code, lostText(error, agent), { nothingRan, details, cause });
  }
}

/** Returns the words for a request that got no answer. Clients are not shown errors of the network. */
function lostText(lost: LostRequest, { name, endpoint }: Entry): string {
  const { loss, status, said, message } = lost;
  switch (loss) {
    case "unsent":
      return `${name} cannot be reached at ${endpoint}; nothing ran`;
    case "unanswered":
      return `${name} was lost before it answered; the call may have run`;
    case "broken":
      return `${name} was lost in the middle of its answer; the call may have run`;
    case "unreadable":
      return said === ""
        ? `${name} answered HTTP ${status}`
        : `${name} answered something that is no message: ${cutText(said, TOLD_MAX)}`;
    case "refused":
      return refusalText(lost, name);
    default:
      return message;
  }
}

function refusalText({ code, nothingRan, status, said }: LostRequest, name: string): string {
  const text = said.trim() === "" ? "" : `: ${cutText(said.trim(), TOLD_MAX)}`;
  const answered = code === "overloaded"
    ? `${name} takes no more calls now (HTTP ${status})`
    : `${name} answered HTTP ${status}`;
  return answered + text + (code === "protocol" ? "" : `; ${fateText({ nothingRan })}`);
}

/** There is no way back to the agent for what its client would answer. */
function asksBack({ method }: JsonObject, agent: Entry): MeshError {
  return new MeshError(
    "protocol",
    `${agent.name} asked its caller for ${method} during the call, which the mesh cannot pass on; ` +
      "call the agent itself",
  );
}
