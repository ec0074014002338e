/**
 * Outbound calls: from the agent's code to the agents it depends on. Which replica, how long, with
 * which headers, and what is tried again is decided here.
 *
 * @module
 */
import { sleep } from "../base/sleep.ts";
import type { AgentConfig } from "./config.ts";
import type { Deadline, Deadlines } from "../base/deadline.ts";
import type { Target } from "../define/dependency.ts";
import { asMeshError, isMeshError, MeshError } from "../base/errors.ts";
import type { TraceContext } from "../protocol/trace_context.ts";
import { type HeaderAllowList, traceHeaders, withCarried } from "../protocol/headers.ts";
import type { AgentRequest, DependencyPort, Host, PortCallOptions } from "../boundary/host.ts";
import { mayAskAnother } from "./failover.ts";
import { forReference, leavesTools } from "../define/handed_tools.ts";
import { promptKey } from "../define/manifest.ts";
import { callTool, listAgent, requestAgent, type RequestOptions } from "../mcp/client.ts";
import { decodeResult, type Outcome, outcomeValue } from "../boundary/result.ts";
import type { CallToolResult } from "../protocol/mcp_content.ts";
import { type InboundCall, listings, resourceOf } from "../mcp/agent_server.ts";
import type { AgentMeter } from "./agent_meter.ts";
import { parseExact } from "../base/exact_json.ts";
import { detailOf } from "../base/error_details.ts";
import { resendOf, resendPauseMs, ROUNDS_MAX } from "../base/resend.ts";
import { IDEMPOTENCY_HEADER, RESENT_HEADER } from "./idempotency.ts";
import type { Replicas } from "../wiring/replicas.ts";
import type { ClientSpan, ServerSpan } from "../tracing/call_span.ts";
import type { Targets } from "../wiring/slots.ts";

/** What the outbound calls of one agent need. */
export interface OutboundOptions {
  readonly host: Host;
  readonly config: AgentConfig;
  readonly replicas: Replicas;
  readonly meter: AgentMeter;
  readonly allowed: HeaderAllowList;
  readonly deadlines: Deadlines;
  /** How requests to peers leave. */
  readonly fetch: typeof fetch;
  /** Serves a call of the agent to itself, which does not touch the network. */
  readonly serveSelf: (inbound: InboundCall, deadline: Deadline) => Promise<Outcome>;
}

/** The inbound call that outbound ones are made for. */
export interface Caller {
  readonly deadline: Deadline;
  /** What travels on. */
  readonly headers: Readonly<Record<string, string>>;
  readonly trace: TraceContext | undefined;
  /** Its span, if it is recorded. */
  readonly span: ServerSpan | undefined;
}

/** Where the calls of a dependency go. */
export interface Route {
  readonly targets: Targets;
  /** Where it leads when a call is tried again. */
  lead(): Targets;
  /**
   * Providers of a language model: asked in their order, the next one when one fails before anything
   * was done, and the answer says who gave it.
   */
  readonly llm: boolean;
  /** What is asked of the targets. */
  readonly capability: string | undefined;
}

/** What an agent answered: an MCP result of a call, or a value that has been read already. */
type Answered = { readonly result: CallToolResult } | { readonly value: unknown };

/** A call under way. */
interface Sent {
  /** Where it was sent last. */
  to: Target;
  /** When it was sent first, in `performance.now()` time; `undefined` while it is the first time. */
  firstAt: number | undefined;
  /** Its span, if it is recorded. */
  readonly span: ClientSpan | undefined;
}

/** The outbound calls of one agent. */
export class Outbound {
  readonly #options: OutboundOptions;

  constructor(options: OutboundOptions) {
    this.#options = options;
  }

  /** A wired dependency for one inbound call. */
  port(route: Route, caller: Caller): DependencyPort {
    return {
      target: route.targets[0],
      call: (request, options) => {
        const span = caller.span?.client(
          nameOf(request, route.targets[0]),
          route.capability,
          options.parentSpanId,
        );
        const traced = span === undefined ? caller : { ...caller, trace: span.context };
        return this.#measured(route, request, options, traced, span);
      },
    };
  }

  async #measured(
    route: Route,
    request: AgentRequest,
    options: PortCallOptions,
    caller: Caller,
    span: ClientSpan | undefined,
  ): Promise<unknown> {
    const start = performance.now();
    const sent: Sent = { to: route.targets[0], firstAt: undefined, span };
    const over = (failure?: MeshError) => {
      span?.end(failure);
      this.#options.meter.called({
        method: request.method,
        tool: nameOf(request, sent.to),
        capability: route.capability,
        agentId: sent.to.agentId,
        durationMs: performance.now() - start,
        error: failure?.code,
      });
    };
    try {
      const value = await this.#call(route, request, options, caller, sent);
      over();
      return value;
    } catch (error) {
      over(asMeshError(error, "protocol"));
      throw error;
    }
  }

  async #call(
    route: Route,
    request: AgentRequest,
    options: PortCallOptions,
    caller: Caller,
    sent: Sent,
  ): Promise<unknown> {
    const { span } = sent;
    const { config, deadlines, replicas } = this.#options;
    const timeoutMs = Math.min(
      options.timeoutMs ?? config.callTimeoutMs,
      caller.deadline.remainingMs,
    );
    using deadline = deadlines.start(timeoutMs, options);
    let streamed = false;
    const { onChunk } = options;
    const watched: PortCallOptions = onChunk === undefined ? options : {
      ...options,
      onChunk: (chunk) => {
        streamed = true;
        if (span !== undefined) span.chunks += 1;
        return onChunk(chunk);
      },
    };
    // Another replica need not have the sibling tool, nor its state: it is not spread.
    const spread = request.method === "tools/call" && request.tool === undefined &&
      !route.llm;
    let targets = route.targets;
    const startedAt = performance.now();
    /** The first attempt that may have run: from then on the call may have, whatever comes. */
    let doubt: MeshError | undefined;
    for (let round = 1;; round++) {
      const failures: Failure[] = [];
      try {
        return await replicas.call(targets, {
          spread,
          send: (target) => {
            sent.to = target;
            span?.sentTo(target.agentId, nameOf(request, target));
            return this.#send(target, request, watched, deadline, caller, sent);
          },
          // A tool's own failure says nothing about its replica.
          read: (answered) => {
            const isExact = request.method === "tools/call" && request.exact !== undefined;
            const read = isExact ? parseExact : undefined;
            const value = "result" in answered
              ? decodeResult(answered.result, read)
              : answered.value;
            if (isExact) return JSON.stringify(value) ?? "null";
            return route.llm ? { provider: sent.to.agentId, value } : value;
          },
          moves: (error, target) =>
            !streamed && movesOn(route, request, error, target) &&
            failures.push({ error, target }) > 0,
        });
      } catch (cause) {
        const isAll = failures.length > 1 && failures.at(-1)?.error === cause;
        const error = asMeshError(isAll ? allFailed(failures) : cause, "protocol");
        if (!error.nothingRan) doubt ??= error;
        const failure = error.nothingRan ? doubt ?? error : error;
        const repeatable = { idempotent: sent.to.idempotent, keyed: isKeyed(sent.to, options) };
        const isLast = round === ROUNDS_MAX || streamed ||
          resendOf(error, repeatable) === "nowhere";
        const where = isLast ? "nowhere" : resendOf(failure, repeatable);
        if (where === "nowhere" || !await pause(error, round, deadline)) throw failure;
        // What is wired may have changed in the meantime.
        targets = where === "elsewhere" ? route.lead() : sameAs(sent.to, route.lead());
        sent.firstAt ??= startedAt;
      }
    }
  }

  async #send(
    target: Target,
    request: AgentRequest,
    options: PortCallOptions,
    deadline: Deadline,
    caller: Caller,
    { span, firstAt }: Sent,
  ): Promise<Answered> {
    if (target.agentId === this.#options.config.agentId) {
      return { value: await this.#callSelf(target, request, options, deadline, caller) };
    }
    const { fetch, allowed } = this.#options;
    const { onChunk, stallMs, idempotencyKey, headers } = options;
    const sent: RequestOptions = {
      peer: target.agentId,
      endpoint: target.endpoint,
      signal: deadline.signal,
      remainingMs: deadline.remainingMs,
      headers: {
        ...caller.headers,
        ...traceHeaders(caller.trace),
        ...headers,
        ...(idempotencyKey === undefined ? {} : keyHeaders(idempotencyKey, firstAt)),
      },
      ...(onChunk === undefined ? {} : { onChunk }),
      ...(stallMs === undefined ? {} : { stallMs }),
      ...(span === undefined ? {} : { sizes: span }),
    };
    switch (request.method) {
      case "tools/call": {
        const isOurs = target.runtime === "deno";
        const isLlm = request.twin !== undefined;
        const given = request.exact === undefined
          ? request.args
          : parseExact(request.exact) as typeof request.args;
        const args = isLlm && !isOurs ? forReference(given) : given;
        // Ours read real headers; the reference's hide them from their tools.
        const carried = isOurs ? args : withCarried(args, caller.trace, {
          ...caller.headers,
          ...allowed.filter(headers ?? {}),
        });
        const exact = request.exact !== undefined;
        const call = (tool: string) => callTool(fetch, { ...sent, tool, args: carried, exact });
        // A stream of the reference ends without the calls that are left to whoever asked.
        const inFrames = request.twin === true && mayHaveTwin(target) &&
          (isOurs || !leavesTools(args));
        if (request.tool !== undefined || !inFrames) {
          return { result: await call(request.tool ?? target.tool) };
        }
        try {
          return { result: await call(target.tool + TWIN) };
        } catch (error) {
          if (!isMeshError(error, "not_found")) throw error;
          return { result: await call(target.tool) };
        }
      }
      case "tools/list":
      case "prompts/list":
        return { value: await listAgent(fetch, request.method, itemsOf(request.method), sent) };
      case "resources/list":
        return { value: await listResources(fetch, sent) };
      case "prompts/get": {
        const { method, name, args } = request;
        return { value: await requestAgent(fetch, method, { name, arguments: args }, sent) };
      }
      case "resources/read": {
        const { method, uri } = request;
        const { contents } = await requestAgent(fetch, method, { uri }, sent);
        return { value: contents };
      }
    }
  }

  /** What an agent asks of itself, without a network in between. */
  async #callSelf(
    target: Target,
    request: AgentRequest,
    options: PortCallOptions,
    deadline: Deadline,
    caller: Caller,
  ): Promise<unknown> {
    const { manifest } = this.#options.host;
    const serve = async (key: string, args: Record<string, unknown>) => {
      const inbound: InboundCall = {
        key,
        args,
        headers: new Headers({
          ...caller.headers,
          ...traceHeaders(caller.trace),
          ...options.headers,
        }),
        signal: deadline.signal,
        client: undefined,
        answers: {},
        chunks: options.onChunk === undefined ? "none" : "only",
        emit: async (chunk) => await options.onChunk?.(chunk),
        progress: () => {},
      };
      return await deadline.until(this.#options.serveSelf(inbound, deadline));
    };
    switch (request.method) {
      case "tools/call": {
        const twin = target.tool + TWIN;
        const hasTwin = request.twin === true && manifest.tools.some(({ name }) => name === twin);
        const tool = request.tool ?? (hasTwin ? twin : target.tool);
        // Its own code has numbers as JavaScript has them.
        const args = request.exact === undefined ? request.args : JSON.parse(request.exact);
        return outcomeValue(await serve(tool, args));
      }
      case "tools/list":
        return listings(manifest).tools;
      case "prompts/list":
        return listings(manifest).prompts;
      case "resources/list":
        return [...listings(manifest).resources, ...listings(manifest).resourceTemplates];
      case "prompts/get":
        return readyMade(await serve(promptKey(request.name), { ...request.args }));
      case "resources/read": {
        const found = resourceOf(manifest, request.uri);
        if (found === undefined) {
          throw new MeshError("not_found", `there is no resource ${request.uri}`);
        }
        return readyMade(await serve(found.key, found.args))["contents"];
      }
    }
  }
}

/** What a request is for, for people. */
function nameOf(request: AgentRequest, target: Target): string {
  switch (request.method) {
    case "tools/call":
      return request.tool ?? target.tool;
    case "prompts/get":
      return promptKey(request.name);
    default:
      return request.method;
  }
}

function itemsOf(method: "tools/list" | "prompts/list"): string {
  return method === "tools/list" ? "tools" : "prompts";
}

/** Resources and templates together: both are what can be read. */
async function listResources(fetch: typeof globalThis.fetch, options: RequestOptions) {
  const [resources, templates] = await Promise.all([
    listAgent(fetch, "resources/list", "resources", options),
    listAgent(fetch, "resources/templates/list", "resourceTemplates", options),
  ]);
  return [...resources, ...templates];
}

function readyMade(outcome: Outcome): Record<string, unknown> {
  if (outcome.kind === "result" && outcome.result.isError !== true) return outcome.result;
  // Only a failure is left, which decoding throws.
  throw new MeshError("protocol", `unexpected answer ${JSON.stringify(outcomeValue(outcome))}`);
}

/** Ends the name of a tool whose answer is streamed, beside the one that answers at once (sdk §2.10). */
const TWIN = "_stream";
/** Runtimes whose providers of language models never stream (sdk §2.8). */
const WITHOUT_TWIN: ReadonlySet<string> = new Set(["typescript", "java"]);

function mayHaveTwin({ runtime }: Target): boolean {
  return runtime === undefined || !WITHOUT_TWIN.has(runtime);
}

/** One of several targets that failed. */
interface Failure {
  readonly error: MeshError;
  readonly target: Target;
}

function movesOn(
  { llm }: Route,
  request: AgentRequest,
  error: unknown,
  target: Target,
): error is MeshError {
  return llm && request.method === "tools/call" && isMeshError(error) &&
    mayAskAnother(error, target, request.args);
}

function allFailed(failures: readonly Failure[]): MeshError {
  const last = failures.at(-1)?.error;
  const nothingRan = failures.every(({ error }) => error.nothingRan);
  const each = failures.map(({ error, target }) => `${target.agentId}: ${error.message}`);
  const code = nothingRan && last !== undefined ? last.code : "llm_upstream";
  return new MeshError(code, `every provider failed: ${each.join("; ")}`, {
    cause: last,
    nothingRan,
    details: {
      providers: failures.map(({ error: { code, message }, target }) => ({
        agent_id: target.agentId,
        code,
        message,
      })),
    },
  });
}

/** Whether the target runs calls with the key of this call once. */
function isKeyed({ runtime }: Target, { idempotencyKey }: PortCallOptions): boolean {
  return idempotencyKey !== undefined && runtime === "deno";
}

function keyHeaders(key: string, firstAt: number | undefined): Record<string, string> {
  if (firstAt === undefined) return { [IDEMPOTENCY_HEADER]: key };
  const ageMs = Math.ceil(performance.now() - firstAt);
  return { [IDEMPOTENCY_HEADER]: key, [RESENT_HEADER]: String(ageMs) };
}

/** A target as it is wired now: only the agent that had the call knows whether it ran. */
function sameAs(target: Target, wired: Targets): Targets {
  return [wired.find(({ agentId }) => agentId === target.agentId) ?? target];
}

/**
 * Waits before the next round.
 *
 * @returns Whether there is time left for one.
 * @throws The reason of the deadline when it ends the wait.
 */
async function pause(
  error: MeshError,
  round: number,
  deadline: Deadline,
): Promise<boolean> {
  const wait = resendPauseMs(round, detailOf(error, "retryAfterMs"));
  if (wait >= deadline.remainingMs) return false;
  await sleep(wait, deadline.signal);
  deadline.signal.throwIfAborted();
  return true;
}
