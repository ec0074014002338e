/**
 * `GET|POST /proxy/{host:port}/mcp…`: a call to a registered agent, for callers that can reach the
 * registry only. It reaches registered agents' `/mcp` and nothing else.
 *
 * @module
 */
import { isObject } from "../../runtime/base/json.ts";
import type { Bodies } from "../http/body.ts";
import type { CallerGuard } from "../http/caller_guard.ts";
import { callBudget, forwardedHeaders } from "../http/call_headers.ts";
import { ownSecrets, type RegistryConfig } from "../config/config.ts";
import { TimeLimit } from "../base/time_limit.ts";
import type { Members } from "../directory/members.ts";
import type { Entry } from "../directory/entry.ts";
import type { Endpoints } from "../http/endpoints.ts";
import { parseExact } from "../../runtime/base/exact_json.ts";
import { eventText } from "../../runtime/base/event_text.ts";
import { failureMeta } from "../../runtime/base/failure.ts";
import { lostRequest } from "../../runtime/base/resend.ts";
import { keptWithBody } from "../../runtime/base/kept_response.ts";
import { askedNamespace } from "../http/namespace_scope.ts";
import { refused } from "../describe/operation.ts";
import { type Answered, madeElsewhere } from "../http/answered.ts";
import { problem } from "../http/problem.ts";
import { proxyTarget, targetAgent } from "../http/proxy_target.ts";
import { isEventStream } from "../../runtime/base/media_range.ts";
import { relayed, timeoutComment } from "../http/relay.ts";
import { NOT_RECEIVED, type Route, route } from "./route.ts";
import { keptOut, toolDoor } from "./tool_door.ts";

/** Options for {@linkcode proxyRoutes}. */
export interface ProxyOptions {
  members: Members;
  bodies: Bodies;
  guard: CallerGuard;
  endpoints: Endpoints;
  config: RegistryConfig;
  /** Aborts when the registry stops. */
  closing: AbortSignal;
}

/** Headers about one connection, or about a form of the body that is not the one passed on. */
const NOT_RELAYED = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "proxy-authenticate",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The body of a request as it is sent on; `null` for none. */
type Sent = Uint8Array<ArrayBuffer> | null;

/** A call that may be made. */
interface Call {
  readonly agent: Entry;
  readonly url: string;
  readonly fetch: typeof fetch;
}

/** Returns the proxy routes. */
export function proxyRoutes(
  { members, bodies, guard, endpoints, config, closing }: ProxyOptions,
): readonly Route[] {
  const secrets = ownSecrets(config);
  /** Returns the call that a request asks for, unless it may not be made. */
  const callOf = async (request: Request) => {
    const target = proxyTarget(request.url);
    if ("fault" in target) return problem(400, target.fault);
    const namespace = askedNamespace(request, config.namespaceStrict);
    const agent = targetAgent(
      namespace !== undefined
        ? members.snapshot.entries().filter((entry) => entry.namespace === namespace)
        : members.snapshot.entries(),
      target,
    );
    if (agent === undefined) {
      return problem(403, `Target host '${target.address}' is not a registered agent`);
    }
    const calling = await endpoints.calling(agent.record);
    if (calling.refused !== undefined) {
      return problem(403, `${agent.name} is not called: ${calling.refused}`);
    }
    return { agent, url: `${agent.endpoint}/${target.path}`, fetch: calling.fetch };
  };
  const forward = async (request: Request, { agent, url, fetch }: Call, body: Sent) => {
    const budgetMs = callBudget(request.headers, config.proxyTimeoutMs);
    const deadline = new TimeLimit(budgetMs, [request.signal, closing]);
    try {
      const upstream = keptWithBody(
        await fetch(url, {
          method: request.method,
          headers: forwardedHeaders(request.headers, config.propagateHeaders, secrets),
          body,
          redirect: "manual",
          signal: deadline.either,
        }),
      );
      return madeElsewhere(answer(upstream, { agent, deadline, budgetMs, sent: body, closing }));
    } catch (error) {
      deadline.end();
      return deadline.passed
        ? timedOut(agent, budgetMs)
        : lost(agent, closing.aborted ? STOPPING : lostRequest(error));
    }
  };
  const forwarding = {
    path: "/proxy/{+target}",
    about:
      "A call to a registered agent, `{host:port}/mcp…`, for callers that reach only the registry",
    ...toolDoor("/proxy", guard),
  } as const;
  const answers = {
    ...keptOut("/proxy"),
    200: { about: "Whatever the agent answers, with its status", body: "*/*" },
    400: refused("The target is none, or leads outside of `/mcp`"),
    403: refused("No registered agent has this address, or the caller may not ask"),
    502: refused("The agent cannot be reached, or not in time"),
  } as const;
  return [
    route({
      ...forwarding,
      method: "GET",
      answers,
      handler: async ({ request }) => {
        const call = await callOf(request);
        return call instanceof Response ? call : await forward(request, call, null);
      },
    }),
    route({
      ...forwarding,
      method: "POST",
      body: "*/*",
      answers: {
        ...NOT_RECEIVED,
        ...answers,
        503: refused("Too many large bodies are being received"),
      },
      handler: async ({ request }) => {
        const call = await callOf(request);
        if (call instanceof Response) return call;
        const body = await bodies.read(request);
        return body instanceof Response ? body : await forward(request, call, body);
      },
    }),
  ];
}

/** JSON-RPC: something went wrong on the way. */
const INTERNAL = -32603;
const STOPPING = { code: "interrupted", nothingRan: false, why: "the registry stopped" } as const;

/** The answer when an agent was not reached, or was lost before it answered. */
function lost(
  { id, name }: Entry,
  { code, nothingRan, why }: Pick<ReturnType<typeof lostRequest>, "code" | "nothingRan" | "why">,
): Answered<502> {
  const what = nothingRan
    ? `${name} cannot be reached, nothing ran`
    : `${name} was lost before it answered, the call may have run`;
  const members = { code, agent_id: id, nothing_ran: nothingRan };
  return problem(502, `Failed to reach target agent: ${what}: ${why}`, undefined, members);
}

/** The event that answers a call whose agent was lost while it answered. */
function lostEvent({ name }: Entry, why: string, sent: Uint8Array | null): string {
  const message = `${name} was lost in the middle of its answer, the call may have run${why}`;
  const data = failureMeta({ code: "interrupted", message });
  const answer = { jsonrpc: "2.0", id: requestId(sent), error: { code: INTERNAL, message, data } };
  return eventText({ data: JSON.stringify(answer) });
}

/** The id of a JSON-RPC request; `null` when there is none. */
function requestId(body: Uint8Array | null): unknown {
  try {
    const request = parseExact(new TextDecoder().decode(body ?? undefined));
    return isObject(request) ? request["id"] ?? null : null;
  } catch {
    return null;
  }
}

function timedOut({ id, name }: Entry, budgetMs: number): Answered<502> {
  const text = `Failed to reach target agent: ${name} gave no answer within ${budgetMs / 1000}s, ` +
    "the call may have run";
  const members = { code: "timeout", agent_id: id, nothing_ran: false };
  return problem(502, text, undefined, members);
}

/** One call that is passed on. */
interface Passing {
  readonly agent: Entry;
  readonly deadline: TimeLimit;
  readonly budgetMs: number;
  /** What was sent. */
  readonly sent: Sent;
  /** Aborts when the registry stops. */
  readonly closing: AbortSignal;
}

function answer(upstream: Response, passing: Passing): Response {
  const { agent, deadline, budgetMs, sent, closing } = passing;
  const headers = new Headers(
    [...upstream.headers].filter(([name]) => !NOT_RELAYED.has(name)),
  );
  const { status, body } = upstream;
  if (body === null) {
    deadline.end();
    return new Response(null, { status, headers });
  }
  const events = isEventStream(headers.get("content-type"));
  const stream = relayed(body, {
    signal: deadline.signal,
    farewell: events ? timeoutComment(budgetMs) : undefined,
    lost: events
      ? () => lostEvent(agent, closing.aborted ? `: ${STOPPING.why}` : "", sent)
      : undefined,
    done: () => deadline.end(),
  });
  return new Response(stream, { status, headers });
}
