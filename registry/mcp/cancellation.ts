/**
 * Giving calls up in the older era, where a client does not close the connection of a call but says
 * `notifications/cancelled` in a request of its own. What tells its calls from those of others is a
 * session id, which it gets with the answer to `initialize` and sends back; nothing else hangs on it,
 * and none ever expires.
 *
 * @module
 */
import { isObject, type JsonObject } from "../../runtime/base/json.ts";

const SESSION_HEADER = "mcp-session-id";

/** The calls under way that can be cancelled. */
export class Cancellation {
  readonly #calls = new Map<string, AbortController>();

  /**
   * Lets a call be cancelled by its session.
   *
   * @param id Of the request.
   * @param call Ends the call.
   * @returns To be called when the call is over.
   */
  begin(headers: Headers, id: string | number, call: AbortController): () => void {
    const key = keyOf(headers, id);
    if (key === undefined) return () => {};
    this.#calls.set(key, call);
    return () => {
      if (this.#calls.get(key) === call) this.#calls.delete(key);
    };
  }

  /** Ends the call a message cancels, if it does and there is one. */
  heed(headers: Headers, message: JsonObject): void {
    const { method, params } = message;
    if (method !== "notifications/cancelled" || !isObject(params)) return;
    const key = keyOf(headers, params["requestId"]);
    if (key === undefined) return;
    this.#calls.get(key)?.abort(new DOMException("the client cancelled the call", "AbortError"));
  }
}

/** The answer to `initialize`, with a session id. */
export function withSession(response: Response): Response {
  if (!response.ok) return response;
  const headers = new Headers(response.headers);
  headers.set(SESSION_HEADER, crypto.randomUUID());
  return new Response(response.body, { status: response.status, headers });
}

/** Ids are told apart by their type too (JSON-RPC 2.0 §4). */
function keyOf(headers: Headers, id: unknown): string | undefined {
  const session = headers.get(SESSION_HEADER);
  return session === null ? undefined : `${session} ${JSON.stringify(id)}`;
}
