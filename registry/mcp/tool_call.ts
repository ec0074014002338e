/**
 * A call of an offered tool: to one of its agents, and to another one where `resend.ts` allows it. What the
 * agent says on the way and at the end passes through as it is.
 *
 * @module
 */
import { TIMEOUT_HEADER, timeoutText } from "../../runtime/base/deadline.ts";
import type { AllowedHeaders } from "../../runtime/base/allowed_headers.ts";
import { isMeshError, MeshError } from "../../runtime/base/errors.ts";
import { asObject, isObject, type JsonObject } from "../../runtime/base/json.ts";
import { MCP_HEADERS } from "../../runtime/base/mcp_request.ts";
import { sleep } from "../../runtime/base/sleep.ts";
import { callBudget, forwardedHeaders } from "../http/call_headers.ts";
import { TimeLimit } from "../base/time_limit.ts";
import { failureIn } from "../../runtime/base/failure.ts";
import { GrowingProgress } from "../../runtime/base/growing_progress.ts";
import { detailOf } from "../../runtime/base/error_details.ts";
import { resendOf, resendPauseMs, ROUNDS_MAX } from "../../runtime/base/resend.ts";
import { mirrorsArguments } from "../../runtime/protocol/mirrored_arguments.ts";
import type { Tool } from "../../runtime/protocol/registration.ts";
import type { Entry } from "../directory/entry.ts";
import type { Endpoints } from "../http/endpoints.ts";
import { type AgentRequest, type CallEnd, exchange } from "./agent_exchange.ts";
import { failedResult } from "./failed_result.ts";
import type { OfferedTool } from "./catalog.ts";
import type { Providers } from "./providers.ts";
import { ENVELOPE_PREFIX, type Era, MODERN_VERSION } from "./protocol_era.ts";

/** One call. */
export interface ToolCall {
  readonly offered: OfferedTool;
  /** `params` of the `tools/call` that asks for it; `name` is not looked at. */
  readonly params: JsonObject;
  readonly era: Era;
  /** Whether the caller knows the tool's schema from its list, and repeats in headers what it asks. */
  readonly isListed: boolean;
  /** Headers of the request that asks for it. */
  readonly headers: Headers;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
}

/** What calls need. */
export interface ToolCallsOptions {
  readonly providers: Providers;
  /** Says which agents may be called, and reaches them. */
  readonly endpoints: Endpoints;
  /** Milliseconds of a call that does not say how long it may take. */
  readonly timeoutMs: number;
  /** Further headers that travel on. */
  readonly propagated: AllowedHeaders;
  /** Those of the registry, which agents do not get. */
  readonly secrets: readonly string[];
  /** Aborts when the registry stops. */
  readonly closing: AbortSignal;
}

/** What an agent says during a call: notifications, and then how it ended. */
export type CallMessages = AsyncGenerator<JsonObject, CallEnd>;

/** Headers of the newer era that repeat arguments begin so (MCP transports, `x-mcp-header`). */
const MIRRORED_PREFIX = "mcp-param-";

/** The notification that carries progress, and the chunks of streams. */
const PROGRESS = "notifications/progress";

/** Calls under way at a time; further ones are told to come back. */
export const CALLS_MAX = 256;

/** Calls offered tools. */
export class ToolCalls {
  readonly #options: ToolCallsOptions;
  /** Whether a tool has arguments that headers repeat. */
  readonly #mirroring = new WeakMap<Tool, boolean>();
  #busy = 0;

  constructor(options: ToolCallsOptions) {
    this.#options = options;
  }

  /** Whether as many calls are under way as may be. */
  get isFull(): boolean {
    return this.#busy >= CALLS_MAX;
  }

  /**
   * Calls a tool. A call that gets no answer ends in a result that says so.
   *
   * @throws The reason of `call.signal` when the caller has gone.
   */
  async *call(call: ToolCall): CallMessages {
    if (this.isFull) {
      const message = `the mesh takes ${CALLS_MAX} calls at a time; try again in a moment`;
      return { result: failedResult(new MeshError("overloaded", message, { nothingRan: true })) };
    }
    const { timeoutMs, closing } = this.#options;
    const budgetMs = callBudget(call.headers, timeoutMs);
    const deadline = new TimeLimit(budgetMs, [call.signal, closing]);
    const endsAt = performance.now() + budgetMs;
    this.#busy += 1;
    using _place = heldUntil(deadline.either, () => {
      this.#busy -= 1;
      deadline.end();
    });
    try {
      return yield* this.#attempts(call, deadline, endsAt);
    } catch (error) {
      if (call.signal.aborted && !deadline.passed) throw error;
      return { result: failedResult(failure(error, call, deadline, budgetMs)) };
    }
  }

  async *#attempts(call: ToolCall, deadline: TimeLimit, endsAt: number): CallMessages {
    const { providers } = this.#options;
    const { tool } = call.offered;
    const repeatable = { idempotent: tool.kwargs?.["idempotent"] === true };
    /** The first failure after which the call may have run: from then on it may have, whatever comes. */
    let doubt: MeshError | undefined;
    let left = healthy(call.offered);
    for (let round = 1;;) {
      const agent = providers.pick(left);
      if (agent === undefined) {
        const text = `no agent that offers ${call.offered.name} is healthy; nothing ran`;
        throw new MeshError("unreachable", text, { nothingRan: true });
      }
      const attempt = providers.begin(agent);
      using _attempt = heldUntil(deadline.either, () => attempt[Symbol.dispose]());
      const sent = { hasSpoken: false };
      try {
        const answer = yield* this.#passed(call, agent, deadline.either, endsAt, sent);
        providers.answered(agent);
        return answer;
      } catch (error) {
        left = left.filter((other) => other !== agent);
        if (!isMeshError(error)) throw error;
        if (!error.nothingRan) doubt ??= error;
        const failure = error.nothingRan ? doubt ?? error : error;
        if (error.code === "unreachable") providers.missed(agent);
        const isAgain = !sent.hasSpoken && resendOf(error, repeatable) === "elsewhere" &&
          resendOf(failure, repeatable) === "elsewhere";
        if (!isAgain) throw failure;
        if (left.length > 0) continue;
        const pauseMs = resendPauseMs(round, detailOf(error, "retryAfterMs"));
        if (round++ === ROUNDS_MAX || performance.now() + pauseMs >= endsAt) throw failure;
        await sleep(pauseMs, deadline.either);
        deadline.either.throwIfAborted();
        left = healthy(call.offered);
      }
    }
  }

  /** Passes on what one agent says, if it is for the caller. */
  async *#passed(
    call: ToolCall,
    agent: Entry,
    signal: AbortSignal,
    endsAt: number,
    sent: { hasSpoken: boolean },
  ): CallMessages {
    const calling = await this.#options.endpoints.calling(agent.record);
    if (calling.refused !== undefined) {
      const text = `${agent.name} is not called: ${calling.refused}; nothing ran`;
      throw new MeshError("unreachable", text, { nothingRan: true });
    }
    const { fetch } = calling;
    const messages = exchange({ ...this.#request(call, agent, signal, endsAt), fetch });
    const meta = asObject(call.params["_meta"]);
    const numbers = new GrowingProgress();
    try {
      for (;;) {
        const { value, done } = await messages.next();
        if (done) {
          const refused = refusedAtDoor(value, agent);
          if (refused !== undefined) throw refused;
          return value;
        }
        if (!isForCaller(value, meta, call.era)) continue;
        const told = value["method"] === PROGRESS ? grown(value, numbers) : value;
        if (told === undefined) continue;
        sent.hasSpoken = true;
        yield told;
      }
    } finally {
      // The caller may have gone while the agent was at work.
      await messages.return({});
    }
  }

  #request(
    { offered, params, era, isListed, headers: inbound }: ToolCall,
    agent: Entry,
    signal: AbortSignal,
    endsAt: number,
  ): Omit<AgentRequest, "fetch"> {
    const { propagated, secrets } = this.#options;
    const headers = forwardedHeaders(inbound, propagated, secrets);
    for (const [name, value] of Object.entries(MCP_HEADERS)) headers.set(name, value);
    if (headers.has(TIMEOUT_HEADER)) {
      headers.set(TIMEOUT_HEADER, timeoutText(endsAt - performance.now()));
    }
    const meta = params["_meta"];
    if (!headers.has("traceparent") && isObject(meta) && typeof meta["traceparent"] === "string") {
      headers.set("traceparent", meta["traceparent"]);
    }
    const name = offered.functionName;
    // Agents of other runtimes may not know the newer protocol, in which a call says more.
    const isModern = era === "modern" && agent.runtime === "deno" &&
      (isListed || !this.#mirrors(offered.tool));
    if (isModern) {
      for (const [name, value] of inbound) {
        if (name.startsWith(MIRRORED_PREFIX)) headers.set(name, value);
      }
      headers.set("mcp-protocol-version", MODERN_VERSION);
      headers.set("mcp-method", "tools/call");
      headers.set("mcp-name", name);
    }
    const sent = isModern ? params : withoutEnvelope(params);
    const message = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { ...sent, name, arguments: params["arguments"] ?? {} },
    };
    return { agent, headers, body: JSON.stringify(message), signal };
  }

  #mirrors(tool: Tool): boolean {
    let mirrors = this.#mirroring.get(tool);
    if (mirrors === undefined) {
      mirrors = mirrorsArguments(tool.inputSchema ?? {});
      this.#mirroring.set(tool, mirrors);
    }
    return mirrors;
  }
}

function healthy({ providers }: OfferedTool): Entry[] {
  return providers.filter(({ status }) => status === "healthy");
}

/** The refusal that an answer is, if the agent's code never saw the call and another agent's may. */
function refusedAtDoor({ result }: CallEnd, agent: Entry): MeshError | undefined {
  if (!isObject(result) || result["isError"] !== true || !isObject(result["_meta"])) {
    return undefined;
  }
  const { code, message, nothingRan = false } = failureIn(result["_meta"], "") ?? {};
  if (code !== "overloaded" && code !== "host_crashed") return undefined;
  return nothingRan ? new MeshError(code, `${agent.name}: ${message}`, { nothingRan }) : undefined;
}

/**
 * Lets go of something once: when it is disposed of, or when the signal aborts before. A call whose
 * answer nobody reads is never resumed, and must not keep its place for that.
 */
function heldUntil(signal: AbortSignal, release: () => void): Disposable {
  const letGo = () => {
    signal.removeEventListener("abort", letGo);
    if (isHeld) release();
    isHeld = false;
  };
  let isHeld = true;
  if (signal.aborted) letGo();
  else signal.addEventListener("abort", letGo);
  return { [Symbol.dispose]: letGo };
}

/**
 * A progress notification whose number is above those before it, which agents of others do not see to;
 * `undefined` when it says nothing new.
 */
function grown(
  { method, params }: JsonObject,
  numbers: GrowingProgress,
): JsonObject | undefined {
  if (!isObject(params)) return undefined;
  const { progress, total, progressToken, ...said } = params;
  const told = numbers.report({ progress, total }, Object.keys(said).length > 0);
  return told && { method, params: { ...told, ...said, progressToken } };
}

/** Whether a notification belongs to the call and the caller can make use of it. */
function isForCaller({ method, params }: JsonObject, meta: JsonObject, era: Era): boolean {
  switch (method) {
    case PROGRESS:
      // Only notifications with the caller's own token count (registry-protocol §7.1).
      return meta["progressToken"] !== undefined && isObject(params) &&
        params["progressToken"] === meta["progressToken"];
    case "notifications/message":
      // In the newer protocol a request says whether it wants log messages.
      return era === "legacy" || `${ENVELOPE_PREFIX}logLevel` in meta;
    default:
      return false;
  }
}

function withoutEnvelope(params: JsonObject): JsonObject {
  const { _meta: meta, ...rest } = params;
  if (!isObject(meta)) return params;
  const kept = Object.entries(meta).filter(([key]) => !key.startsWith(ENVELOPE_PREFIX));
  return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) };
}

function failure(
  error: unknown,
  { offered }: ToolCall,
  deadline: TimeLimit,
  budgetMs: number,
): MeshError {
  if (deadline.passed) {
    return new MeshError(
      "timeout",
      `${offered.agent} did not answer ${offered.functionName} within ${budgetMs / 1000} s; ` +
        "it may have run. A longer time can be asked for with the header X-Mesh-Timeout, in seconds",
    );
  }
  if (isMeshError(error)) return error;
  return new MeshError(
    "interrupted",
    `the registry stopped before ${offered.agent} had answered ${offered.functionName}; ` +
      "the call may have run",
    { cause: error },
  );
}
