/**
 * `GET|POST /proxy/{host:port}/mcp…`: a call to a registered agent, for callers that can reach the
 * registry only. It reaches registered agents' `/mcp` and nothing else.
 *
 * @module
 */
import type { Hono } from "hono";
import { readBody } from "../body.ts";
import { callBudget, forwardedHeaders } from "../call_headers.ts";
import type { RegistryConfig } from "../config.ts";
import { Deadline } from "../deadline.ts";
import type { Members } from "../directory/members.ts";
import { keptWithBody } from "../../runtime/protocol/kept_response.ts";
import { askedNamespace } from "../namespace_scope.ts";
import { problem, tooLarge } from "../problem.ts";
import { proxyTarget, targetAgent } from "../proxy_target.ts";
import { isEventStream, relayed, timeoutComment } from "../relay.ts";
import { resource } from "./resource.ts";

/** What {@linkcode proxyRoutes} needs. */
export interface ProxyOptions {
  members: Members;
  config: RegistryConfig;
  fetch: typeof fetch;
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
export function proxyRoutes(app: Hono, { members, config, fetch, closing }: ProxyOptions): void {
  const forward = async (request: Request): Promise<Response> => {
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
    const body = request.method === "POST" ? await readBody(request) : null;
    if (body === undefined) return tooLarge();

    const budgetMs = callBudget(request.headers, config.proxyTimeoutMs);
    const deadline = new Deadline(budgetMs, [request.signal, closing]);
    try {
      const upstream = keptWithBody(
        await fetch(`${agent.endpoint}/${target.path}`, {
          method: request.method,
          headers: forwardedHeaders(request.headers, config.propagateHeaders),
          body,
          redirect: "manual",
          signal: deadline.either,
        }),
      );
      return answer(upstream, deadline, budgetMs);
    } catch (error) {
      deadline.end();
      const why = deadline.passed
        ? `no answer within ${budgetMs / 1000}s`
        : error instanceof Error
        ? error.message
        : String(error);
      return problem(502, `Failed to reach target agent: ${why}`);
    }
  };
  const handler = (context: { req: { raw: Request } }) => forward(context.req.raw);
  resource(app, "/proxy/*", { GET: handler, POST: handler });
}

function answer(upstream: Response, deadline: Deadline, budgetMs: number): Response {
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
    done: () => deadline.end(),
  });
  return new Response(stream, { status, headers });
}
