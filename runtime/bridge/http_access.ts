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
import { MeshError } from "../base/errors.ts";
import { boundedResponse } from "../base/bounded_body.ts";
import { httpFailure } from "../base/resend.ts";
import { fetchOnce } from "../base/fetch_once.ts";
import type { HttpTarget } from "./target.ts";

/**
 * Sends requests: those to the server itself with the headers it was given. Who reads an answer, as the
 * SDK does, need not hold more of it than its body, and gets no more than fits: a stream of events fails
 * at the event that is too long.
 *
 * What it returns rejects with a MeshError: `overloaded` when the server turns a request away for now,
 * because the SDK would pass on the status alone, which does not prove that nothing ran; `protocol` for
 * an answer that is too long.
 *
 * @param onTooLong Gets the body of a request before the stream that answers it fails.
 */
export function fetchFor(
  { url, headers, text }: HttpTarget,
  onTooLong: (body: RequestInit["body"]) => void = () => {},
): (input: string | URL, init?: RequestInit) => Promise<Response> {
  const once = fetchOnce(fetch);
  return async (input, init) => {
    const tell = () => onTooLong(init?.body);
    const { origin } = new URL(input);
    // An authorization server is asked by the same means, and is somebody else.
    if (origin !== url.origin) return await bounded(await once(input, init), origin, tell);
    const all = new Headers(init?.headers);
    for (const [name, value] of headers) all.set(name, value);
    const response = await once(input, { ...init, headers: all });
    const failure = response.ok ? undefined : httpFailure(response.status, response.headers);
    if (failure?.code !== "overloaded") return await bounded(response, text, tell);
    await response.body?.cancel();
    const { code, nothingRan, retryAfterMs } = failure;
    throw new MeshError(code, `${text} answered HTTP ${response.status}; nothing ran`, {
      nothingRan,
      details: { status: response.status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    });
  };
}

/** @throws {MeshError} `protocol` when an answer is too long. */
async function bounded(response: Response, who: string, onTooLong: () => void): Promise<Response> {
  try {
    return await boundedResponse(response, onTooLong);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MeshError("protocol", `${who} answered more than fits: ${error.message}`);
  }
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
