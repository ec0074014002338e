/**
 * Reads what an MCP endpoint answered to one request: a JSON-RPC message as JSON, or as the first
 * decisive event of a server-sent stream.
 *
 * @module
 */
import * as z from "zod";
import { parseExact } from "../../runtime/base/exact_json.ts";
import { isEventStream } from "../../runtime/base/media_range.ts";
import { eventsOf } from "../../runtime/base/sse.ts";

/** A JSON-RPC error. */
export interface RpcError {
  code: number;
  message: string;
  data?: unknown;
}

/** What an answer turned out to be. */
export type McpAnswer =
  | { kind: "result"; result: Record<string, unknown> }
  | { kind: "error"; error: RpcError }
  /** The registry's proxy gave up on the agent. */
  | { kind: "timeout" }
  | { kind: "unreadable"; reason: string };

const MessageSchema = z.union([
  z.object({ result: z.record(z.string(), z.unknown()) }),
  z.object({
    error: z.object({
      code: z.number().default(0),
      message: z.string().default(""),
      data: z.unknown().optional(),
    }),
  }),
]);

/** What the proxy writes into a stream that it ends because the budget is spent. */
const PROXY_TIMEOUT = ": mesh-proxy-timeout";

/**
 * Reads a complete body.
 *
 * @param contentType Value of the header, if there is one.
 * @param body All of it.
 */
export function readMcpAnswer(contentType: string | null, body: string): McpAnswer {
  if (!isEventStream(contentType)) {
    return readMessage(body) ??
      { kind: "unreadable", reason: "the body is not a JSON-RPC message" };
  }
  // An answer counts although the line after it, which ends its event, is missing.
  for (const { data } of eventsOf(`${body}\n\n`)) {
    const answer = readMessage(data);
    if (answer !== undefined) return answer;
  }
  if (body.includes(PROXY_TIMEOUT)) return { kind: "timeout" };
  return { kind: "unreadable", reason: "the stream ended without a result" };
}

const NotificationSchema = z.object({
  method: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
  // Something with an id is a request, to which an answer is due.
  id: z.undefined().optional(),
});

/** A notification, as its method and particulars; `undefined` for any other message. */
export function readNotification(
  text: string,
): { method: string; params: Record<string, unknown> } | undefined {
  try {
    const { data } = NotificationSchema.safeParse(parseExact(text));
    return data && { method: data.method, params: data.params };
  } catch {
    return undefined;
  }
}

function readMessage(text: string): McpAnswer | undefined {
  let json: unknown;
  try {
    json = parseExact(text);
  } catch {
    return undefined;
  }
  const message = MessageSchema.safeParse(json).data;
  if (message === undefined) return undefined;
  return "result" in message
    ? { kind: "result", result: message.result }
    : { kind: "error", error: message.error };
}
