/**
 * The MCP face of an agent: `/mcp`, both eras of the protocol, stateless, through the SDK's
 * web-standard handler. What a call does is the agent's business ({@linkcode ToolServer}); this file
 * only translates.
 *
 * @module
 */
import {
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from "@modelcontextprotocol/server";
import { asMeshError, errorToResult, type Outcome, outcomeToResult } from "./result.ts";
import { CHUNK_META, PROGRESS_META } from "./client.ts";
import { isMeshError } from "../errors.ts";
import type { AgentManifest, JsonSchema, ToolManifest } from "../manifest.ts";

/** One inbound call. */
export interface InboundCall {
  readonly tool: string;
  readonly args: Record<string, unknown>;
  readonly headers: Headers;
  /** Fires when the caller went away. */
  readonly signal: AbortSignal;
  /** Passes a chunk on; does nothing when the caller did not ask for a stream. */
  emit(chunk: unknown): Promise<void>;
  progress(progress: number, total?: number, message?: string): void;
}

/** What the MCP face needs of an agent. */
export interface ToolServer {
  readonly manifest: AgentManifest;
  /**
   * Runs a call.
   *
   * @throws {MeshError} `not_found` for a tool that does not exist; whatever else fails becomes an
   * error result.
   */
  call(call: InboundCall): Promise<Outcome>;
}

/** Serves MCP over HTTP. */
export interface McpServer {
  fetch(request: Request): Promise<Response>;
  /** Tells subscribed clients that the list of tools changed. */
  toolsChanged(): void;
  close(): Promise<void>;
}

/** Largest request body, in bytes. */
export const LARGEST_BODY = 4 * 1024 * 1024;

/** The MCP face of `agent`, all of it through the SDK. */
export function sdkServer(agent: ToolServer): McpServer {
  const handler = createMcpHandler(({ requestInfo }) => {
    const { manifest } = agent;
    const server = new Server(
      { name: manifest.name, version: manifest.version },
      { capabilities: { tools: { listChanged: true } } },
    );
    server.setRequestHandler("tools/list", () => ({ tools: manifest.tools.map(listed) }));
    server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
      const token = mcpReq._meta?.progressToken;
      let sent = 0;
      const notify = async (params: Record<string, unknown>) => {
        if (token === undefined) return;
        await mcpReq.notify({
          method: "notifications/progress",
          params: { progress: sent, ...params, progressToken: token },
        });
      };
      try {
        const outcome = await agent.call({
          tool: params.name,
          args: params.arguments ?? {},
          headers: requestInfo?.headers ?? new Headers(),
          signal: requestInfo === undefined
            ? mcpReq.signal
            : AbortSignal.any([mcpReq.signal, requestInfo.signal]),
          emit: (chunk) => {
            sent += 1;
            return notify(
              typeof chunk === "string"
                ? { message: chunk }
                : { message: JSON.stringify(chunk), _meta: { [CHUNK_META]: chunk } },
            );
          },
          progress: (progress, total, message) => {
            void notify({
              progress,
              ...(total === undefined ? {} : { total }),
              ...(message === undefined ? {} : { message }),
              _meta: { [PROGRESS_META]: true },
              // A caller that is gone is noticed by the call's own signal.
            }).catch(() => {});
          },
        });
        // The SDK's content types are those of the specification, ours the part we deal with.
        return outcomeToResult(outcome) as { content: [] };
      } catch (error) {
        if (isMeshError(error, "not_found")) {
          throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
        }
        return errorToResult(asMeshError(error, "tool_failed")) as { content: [] };
      }
    });
    return server;
  }, { maxRequestBodySize: LARGEST_BODY });
  return {
    fetch: handler.fetch,
    toolsChanged: () => handler.notify.toolsChanged(),
    close: () => handler.close(),
  };
}

/** A tool as `tools/list` shows it. */
export function listed(tool: ToolManifest) {
  const output = tool.outputSchema;
  return {
    name: tool.name,
    description: tool.description,
    // toolManifest made it from a zod object, so it is of type "object".
    inputSchema: tool.inputSchema as JsonSchema & { type: "object" },
    ...(output === undefined ? {} : { outputSchema: wrapped(output) }),
    _meta: {
      "mesh/capability": tool.capability,
      "mesh/version": tool.version,
      "mesh/tags": tool.tags,
    },
  };
}

/** An output schema must be of an object (MCP tools §output schema); other values travel wrapped. */
function wrapped(schema: JsonSchema): JsonSchema & { type: "object" } {
  return schema["type"] === "object" ? { ...schema, type: "object" } : {
    type: "object",
    properties: { result: schema },
    required: ["result"],
    "x-fastmcp-wrap-result": true,
  };
}
