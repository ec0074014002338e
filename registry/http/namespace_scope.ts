/**
 * Which namespace a request may look into. What lists or follows reads the query `namespace`; here it
 * is made to say what counts. The proxy and `/mcp`, which pass requests on as they were sent, ask.
 *
 * | asked for | strict | otherwise |
 * |---|---|---|
 * | a name, as query or header | that namespace | that namespace |
 * | nothing | `default` | all |
 * | `*` | all, for operators | all |
 *
 * @module
 */
import { operatorRefusal } from "./operator.ts";
import type { Peer } from "./peer.ts";

/** What {@linkcode namespaceScope} needs to know. */
export interface NamespaceScopeOptions {
  /** Whether all namespaces are for operators only. */
  strict: boolean;
  /** What operators must show; `undefined` makes this machine's requests theirs. */
  token: string | undefined;
}

const HEADER = "x-mesh-namespace";
const EVERY = "*";

/** An address whose path, and not its query, is a heartbeat's. */
const HEARTBEAT = /^[^:]+:\/\/[^/?#]+\/heartbeat/;

/** Paths that tell of agents, or lead to them. */
const SCOPED =
  /^\/(?:agents(?:\/[^/]+)?|events(?:\/stream)?|traces(?:\/stream)?|metrics\/targets|trace\/(?!spans$)[^/]+|a2a\/agents|why|mcp|proxy\/.*)$/s;

/** Of these, the ones that get the request as it was sent and ask {@linkcode askedNamespace}. */
const ASKING = /^\/(?:mcp$|proxy\/)/;

/** The request as the routes may read it, or why it is refused. */
export function namespaceScope(
  { strict, token }: NamespaceScopeOptions,
): (request: Request, peer: Peer) => Request | Response {
  return (request, peer) => {
    // Most requests are heartbeats: they must not pay for a URL.
    if (request.method === "HEAD" || HEARTBEAT.test(request.url)) return request;
    // An agent that leaves says its id, and need not know what a namespace is.
    if (request.method === "DELETE") return request;
    const url = new URL(request.url);
    if (!SCOPED.test(url.pathname)) return request;
    const asked = askedNamespace(request, strict, url.searchParams.get("namespace"));
    if (asked === undefined && strict) {
      const refused = operatorRefusal(request, peer, "Looking into every namespace", token);
      if (refused !== undefined) return refused;
    }
    // The proxy looks at its path as it was sent; a copy of the request would not have that.
    return ASKING.test(url.pathname) ? request : withQuery(request, url, asked);
  };
}

/**
 * The namespace a request may look into; `undefined` is all of them. Whether all are allowed is
 * decided by {@linkcode namespaceScope}.
 *
 * @param strict Whether nothing asked for means the default namespace.
 * @param named The namespace that the query names, which counts before the header `X-Mesh-Namespace`.
 */
export function askedNamespace(
  { headers }: Request,
  strict: boolean,
  named?: string | null,
): string | undefined {
  const asked = named || headers.get(HEADER) || (strict ? "default" : EVERY);
  return asked === EVERY ? undefined : asked;
}

function withQuery(request: Request, url: URL, name: string | undefined): Request {
  if ((url.searchParams.get("namespace") ?? undefined) === name) return request;
  if (name === undefined) url.searchParams.delete("namespace");
  else url.searchParams.set("namespace", name);
  return new Request(url, request);
}
