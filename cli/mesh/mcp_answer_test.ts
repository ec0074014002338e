import { deepEqual } from "node:assert/strict";
import { type McpAnswer, readMcpAnswer } from "./mcp_answer.ts";

const RESULT = { content: [{ type: "text", text: "hi" }] };
const MESSAGE = JSON.stringify({ jsonrpc: "2.0", id: 1, result: RESULT });
const NOTE = JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params: {} });

Deno.test("readMcpAnswer() finds the decisive message", () => {
  const stream = "text/event-stream; charset=utf-8";
  const split = MESSAGE.replace(',"id"', '\ndata: ,"id"');
  const rows: [string | null, string, McpAnswer][] = [
    ["application/json", MESSAGE, { kind: "result", result: RESULT }],
    [null, MESSAGE, { kind: "result", result: RESULT }],
    [
      "application/json",
      '{"error":{"code":-32602,"message":"bad","data":"why"}}',
      { kind: "error", error: { code: -32602, message: "bad", data: "why" } },
    ],
    ["application/json", '{"result":', unreadable("the body is not a JSON-RPC message")],
    ["application/json", "[]", unreadable("the body is not a JSON-RPC message")],
    [stream, `event: message\ndata: ${MESSAGE}\n\n`, { kind: "result", result: RESULT }],
    [stream, `data:${MESSAGE}\r\n\r\n`, { kind: "result", result: RESULT }],
    [stream, `: ping\n\ndata: ${NOTE}\n\ndata: ${split}\n\n`, { kind: "result", result: RESULT }],
    [stream, `data: ${NOTE}\n\n: mesh-proxy-timeout budget=1s\n\n`, { kind: "timeout" }],
    [stream, `data: ${NOTE}\n\n`, unreadable("the stream ended without a result")],
    [stream, `data: ${MESSAGE}`, { kind: "result", result: RESULT }],
    [stream, `data: ${MESSAGE}\r\r`, { kind: "result", result: RESULT }],
    [stream, `data\n\ndata: ${MESSAGE}\r\n\r\n`, { kind: "result", result: RESULT }],
    [stream, "", unreadable("the stream ended without a result")],
  ];
  for (const [type, body, answer] of rows) deepEqual(readMcpAnswer(type, body), answer, body);
});

function unreadable(reason: string): McpAnswer {
  return { kind: "unreadable", reason };
}
