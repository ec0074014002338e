/**
 * The tools of a view through the SDK's handler: the handshake of both eras, subscriptions, refusals,
 * and every request for tools that leaves something to decide.
 *
 * @module
 */
import {
  createMcpHandler,
  type McpHttpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from "@modelcontextprotocol/server";
import { asObject, isObject, type JsonObject } from "../../runtime/base/json.ts";
import type { CallMessages } from "./tool_call.ts";
import type { ViewTools } from "./view_tools.ts";

/** What the handler says of itself. */
export interface Introduction {
  readonly serverInfo: { readonly name: string; readonly version: string };
  /** What a model should know before it uses the tools. */
  readonly instructions: string;
}

const METHODS = ["tools/list", "tools/call"];

/** The handler. */
export function sdkHandler(
  tools: ViewTools,
  { serverInfo, instructions }: Introduction,
): McpHttpHandler {
  return createMcpHandler(({ era, requestInfo }) => {
    const server = new Server(serverInfo, {
      capabilities: { tools: { listChanged: true } },
      instructions,
    });
    // The newer era's headers name the method; without a handler the SDK refuses it with its status.
    const method = requestInfo?.headers.get("mcp-method") ?? "";
    if (era === "modern" && !METHODS.includes(method)) return server;
    // A handler of its own would let the SDK take out of results what it does not know.
    server.fallbackRequestHandler = async ({ method, params = {} }, { mcpReq }) => {
      if (method === "tools/list") return listed(tools, params["cursor"]);
      if (method !== "tools/call") {
        throw new ProtocolError(ProtocolErrorCode.MethodNotFound, "Method not found");
      }
      const { name, arguments: args = {} } = params;
      if (typeof name !== "string" || !isObject(args)) {
        throw invalid("tools/call takes the name of a tool and an object of arguments");
      }
      const signals = [mcpReq.signal, ...(requestInfo === undefined ? [] : [requestInfo.signal])];
      const messages = tools.call({
        params,
        headers: requestInfo?.headers ?? new Headers(),
        signal: AbortSignal.any(signals),
        // The envelope is the SDK's to read, and has been taken off.
        era: "legacy",
      });
      if (messages === undefined) throw invalid(`Unknown tool: ${name}`);
      return await passed(messages, (notification) => mcpReq.notify(notification));
    };
    return server;
  }, {
    bus: {
      publish: () => {},
      subscribe: (listener) => tools.onChange(() => listener({ kind: "tools_list_changed" })),
    },
  });
}

function listed(tools: ViewTools, cursor: unknown): JsonObject {
  const list = cursor === undefined || typeof cursor === "string" ? tools.list(cursor) : undefined;
  if (list === undefined) throw invalid("the cursor is not one of this list; begin without one");
  return { ...list, tools: JSON.parse(list.tools) };
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

type Notify = (notification: { method: string; params?: JsonObject }) => Promise<void>;

/** Passes notifications on, each when the one before has left; returns the result. */
async function passed(messages: CallMessages, notify: Notify): Promise<JsonObject> {
  for (;;) {
    const { value, done } = await messages.next();
    if (!done) {
      const { method, params } = value;
      await notify({ method: String(method), ...(isObject(params) && { params }) });
      continue;
    }
    if (isObject(value["result"])) return value["result"];
    const error = asObject(value["error"]);
    throw new ProtocolError(Number(error["code"]), String(error["message"]), error["data"]);
  }
}
