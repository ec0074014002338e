/**
 * `GET|POST /proxy/{host:port}/mcp…`: a call to a registered agent, for callers that can reach the
 * registry only. It reaches registered agents' `/mcp` and nothing else.
 *
 * @module
 */
import type { Context, Hono } from "hono";
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
import type { Peer } from "../http/peer.ts";
import { problem } from "../http/problem.ts";
import { proxyTarget, targetAgent } from "../http/proxy_target.ts";
import { isEventStream } from "../../runtime/base/media_range.ts";
import { relayed, timeoutComment } from "../http/relay.ts";
import { resource } from "./resource.ts";

/** What {@linkcode proxyRoutes} needs. */
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

/** Adds the proxy routes. */
export function proxyRoutes(
  app: Hono,
  { members, bodies, guard, endpoints, config, closing }: ProxyOptions,
): void {
  const secrets = ownSecrets(config);
  const forward = async (request: Request, peer: Peer): Promise<Response> => {
    const stopped = guard(request, peer, "/proxy");
    if (stopped !== undefined) return stopped;
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
    const body = request.method === "POST" ? await bodies.read(request) : null;
    if (body instanceof Response) return body;

    const budgetMs = callBudget(request.headers, config.proxyTimeoutMs);
    const deadline = new TimeLimit(budgetMs, [request.signal, closing]);
    try {
      const upstream = keptWithBody(
        await calling.fetch(`${agent.endpoint}/${target.path}`, {
          method: request.method,
          headers: forwardedHeaders(request.headers, config.propagateHeaders, secrets),
          body,
          redirect: "manual",
          signal: deadline.either,
        }),
      );
      return answer(upstream, { agent, deadline, budgetMs, sent: body, closing });
    } catch (error) {
      deadline.end();
      return deadline.passed
        ? timedOut(agent, budgetMs)
        : lost(agent, closing.aborted ? STOPPING : lostRequest(error));
    }
  };
  // The application is only ever given a Peer; see createApp.
  const handler = ({ req, env }: Context) => forward(req.raw, env as Peer);
  resource(app, "/proxy/*", { GET: handler, POST: handler });
}

/** JSON-RPC: something went wrong on the way. */
const INTERNAL = -32603;
const STOPPING = { code: "interrupted", nothingRan: false, why: "the registry stopped" } as const;

/** The answer when an agent was not reached, or was lost before it answered. */
function lost(
  { id, name }: Entry,
  { code, nothingRan, why }: Pick<ReturnType<typeof lostRequest>, "code" | "nothingRan" | "why">,
): Response {
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

function timedOut({ id, name }: Entry, budgetMs: number): Response {
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
  readonly sent: Uint8Array | null;
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
