/**
 * What an MCP server over HTTP, and its authorization server, are shown of the agent that speaks for
 * it.
 *
 * @module
 */
import {
  ClientCredentialsProvider,
  type OAuthClientProvider,
  PrivateKeyJwtProvider,
} from "@modelcontextprotocol/client";
import { MeshError } from "../errors.ts";
import { httpFailure } from "../protocol/resend.ts";
import { fetchOnce } from "../protocol/fetch_once.ts";
import { keptWithBody } from "../protocol/kept_response.ts";
import type { HttpTarget } from "./target.ts";

/**
 * Sends requests: those to the server itself with the headers it was given. Who reads an answer, as the
 * SDK does, need not hold more of it than its body.
 *
 * What it returns rejects with a MeshError `overloaded` when the server turns a request away for now:
 * the SDK would pass on the status alone, which does not prove that nothing ran.
 */
export function fetchFor(
  { url, headers, text }: HttpTarget,
): (input: string | URL, init?: RequestInit) => Promise<Response> {
  const once = fetchOnce(fetch);
  return async (input, init) => {
    // An authorization server is asked by the same means, and is somebody else.
    if (new URL(input).origin !== url.origin) return keptWithBody(await once(input, init));
    const all = new Headers(init?.headers);
    for (const [name, value] of headers) all.set(name, value);
    const response = await once(input, { ...init, headers: all });
    const failure = response.ok ? undefined : httpFailure(response.status, response.headers);
    if (failure?.code !== "overloaded") return keptWithBody(response);
    await response.body?.cancel();
    const { code, nothingRan, retryAfterMs } = failure;
    throw new MeshError(code, `${text} answered HTTP ${response.status}; nothing ran`, {
      nothingRan,
      details: { status: response.status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    });
  };
}

/**
 * What gets the access tokens of a connection: as an OAuth client with credentials of its own, without
 * a person (OAuth 2.1 §4.2, MCP extension oauth-client-credentials).
 */
export function authorization(
  { credentials }: HttpTarget,
): { readonly authProvider?: OAuthClientProvider } {
  if (credentials === undefined) return {};
  const { clientId, clientSecret, privateKey, algorithm, issuer, scope } = credentials;
  const common = {
    clientId,
    expectedIssuer: issuer,
    ...(scope === undefined ? {} : { scope }),
  };
  const authProvider = privateKey === undefined
    ? new ClientCredentialsProvider({ ...common, clientSecret })
    : new PrivateKeyJwtProvider({ ...common, privateKey, algorithm });
  return { authProvider };
}
