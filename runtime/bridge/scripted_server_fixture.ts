/**
 * MCP servers without an SDK, for what no SDK of today does.
 *
 * @module
 */
import { type Foreign, scriptedServer } from "./foreign_http_fixture.ts";

/** A server of 2025-06-18 without sessions, whose tools and answers are as the test wants them. */
export function plainServer(
  answers: {
    tools?: unknown[];
    call?: (params: Record<string, unknown>) => Response | Record<string, unknown>;
    ping?: () => Response;
    capabilities?: Record<string, unknown>;
  },
): Foreign {
  return scriptedServer((request, message) => {
    const { id, method, params = {} } = message;
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const result = (result: Record<string, unknown>) =>
      Response.json({ jsonrpc: "2.0", id, result });
    switch (method) {
      case "initialize":
        return result({
          protocolVersion: "2025-06-18",
          capabilities: { tools: {}, ...answers.capabilities },
          serverInfo: { name: "plain", version: "not semantic" },
        });
      case "ping":
        return answers.ping?.() ?? result({});
      case "tools/list":
        return result({ tools: answers.tools ?? [{ name: "t", inputSchema: {} }] });
      case "tools/call": {
        const answer = answers.call?.(params) ?? {};
        return answer instanceof Response ? answer : result(answer);
      }
      default:
        return id === undefined
          ? new Response(null, { status: 202 })
          : Response.json({ jsonrpc: "2.0", id, error: { code: -32601, message: "no" } });
    }
  });
}

/** What every tool of {@linkcode sseServer} answers. */
export const SSE_ANSWER = { content: [{ type: "text", text: "as of old" }] };

/** A server of 2024-11-05, which answers over one stream of events. */
export function sseServer(): Foreign {
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  const tell = (event: string, data: string) =>
    stream?.enqueue(new TextEncoder().encode(`event: ${event}\ndata: ${data}\n\n`));
  return scriptedServer((request, { id, method }) => {
    const { pathname } = new URL(request.url);
    if (request.method === "GET") {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          stream = controller;
          tell("endpoint", "/messages");
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    }
    if (pathname !== "/messages") return new Response(null, { status: 405 });
    const results: Record<string, unknown> = {
      "initialize": {
        protocolVersion: "2024-11-05",
        capabilities: { tools: {} },
        serverInfo: { name: "old", version: "1.0.0" },
      },
      "tools/list": { tools: [{ name: "t", inputSchema: { type: "object" } }] },
      "tools/call": SSE_ANSWER,
      "ping": {},
    };
    if (id !== undefined) {
      tell("message", JSON.stringify({ jsonrpc: "2.0", id, result: results[method ?? ""] ?? {} }));
    }
    return new Response(null, { status: 202 });
  });
}
