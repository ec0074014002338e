/**
 * Answers of the short path that are complete when they leave, as text: the JSON is put together, not
 * built and written.
 *
 * @module
 */
import { messageEvent } from "../base/event_text.ts";
import type { AgentManifest } from "../define/manifest.ts";
import type { PlainRequest } from "./plain_request.ts";

const SERVER_INFO = "io.modelcontextprotocol/serverInfo";

/** Headers of an answer to a request of the modern era. */
export const MODERN_HEADERS = { "content-type": "application/json" };
/**
 * Without what the SDK adds for streams that go on (`connection`, `x-accel-buffering`) and for what
 * might be kept (`cache-control`; nobody keeps an answer to a POST): each header costs every call.
 */
const EVENT_HEADERS = { "content-type": "text/event-stream" };

/**
 * A response that carries a result.
 *
 * @param result JSON text.
 * @param isEvent Whether it is an event, as clients of 2025 usually get it.
 */
export function whole(id: PlainRequest["id"], result: string, isEvent: boolean): Response {
  const message = resultMessage(id, result);
  return isEvent
    ? new Response(messageEvent(message), { headers: EVENT_HEADERS })
    : new Response(message, { headers: MODERN_HEADERS });
}

/** The JSON-RPC message that carries a result, as JSON text. */
export function resultMessage(id: string | number, result: string): string {
  // A number is its own JSON text.
  const text = typeof id === "number" ? id : JSON.stringify(id);
  return `{"result":${result},"jsonrpc":"2.0","id":${text}}`;
}

/** The JSON-RPC message that carries an error. */
export function errorMessage(id: string | number, error: Record<string, unknown>): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error });
}

/** The member of a modern result's `_meta` that names the server. */
export function serverInfo({ name, version }: AgentManifest): string {
  return `"${SERVER_INFO}":${JSON.stringify({ name, version })}`;
}
