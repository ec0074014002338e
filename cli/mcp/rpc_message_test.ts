import { deepEqual, equal } from "node:assert/strict";
import { messageHeaders, onOneLine, readLine, refusalResponse } from "./rpc_message.ts";

const kinds: [line: string, kind: string][] = [
  ['{"jsonrpc":"2.0","id":1,"method":"ping"}', "request"],
  ['{"jsonrpc":"2.0","id":"a","method":"ping"}', "request"],
  ['{"jsonrpc":"2.0","id":1915883588174806058,"method":"ping"}', "request"],
  ['{"jsonrpc":"2.0","method":"notifications/initialized"}', "notification"],
  ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', "batch"],
  ['{"jsonrpc":"2.0","id":1,"result":{}}', "response"],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}', "response"],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', "unreadable"],
  ["{}", "unreadable"],
  ["null", "unreadable"],
  ["{", "unreadable"],
];
for (const [line, kind] of kinds) {
  Deno.test(`readLine() reads ${line} as ${kind}`, () => equal(readLine(line).kind, kind));
}

Deno.test("messageHeaders() of the older era name the revision agreed on", () => {
  deepEqual(messageHeaders({ method: "initialize" }, "2025-11-25"), {});
  deepEqual(messageHeaders({ method: "tools/list" }, undefined), {});
  deepEqual(messageHeaders({ method: "tools/list" }, "2025-06-18"), {
    "mcp-protocol-version": "2025-06-18",
  });
});

Deno.test("messageHeaders() of the newer era repeat what the message says", () => {
  const headersOf = (name: unknown) =>
    messageHeaders({
      method: "tools/call",
      params: { name, _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } },
    }, undefined);
  const fixed = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call" };
  deepEqual(headersOf("a b"), { ...fixed, "mcp-name": "a b" });
  deepEqual(headersOf(undefined), fixed);
  for (const odd of ["größe", " a", "a\nb", "=?base64?YQ==?="]) {
    const [, encoded = ""] = /^=\?base64\?(.*)\?=$/.exec(headersOf(odd)["mcp-name"] ?? "") ?? [];
    equal(new TextDecoder().decode(Uint8Array.fromBase64(encoded)), odd);
  }
});

Deno.test("onOneLine() takes out the line ends between the parts of JSON", () => {
  equal(onOneLine('{\r\n "a": "x\\ny"\n}'), '{  "a": "x\\ny" }');
});

Deno.test("refusalResponse() passes an error on, or says what was answered", () => {
  const error = { code: -32001, message: "no" };
  deepEqual(
    JSON.parse(refusalResponse(7, 400, JSON.stringify({ jsonrpc: "2.0", id: null, error }))),
    {
      jsonrpc: "2.0",
      id: 7,
      error,
    },
  );
  const rows: [body: string, said: string][] = [
    ['{"error":"too many"}', "too many"],
    ["<html>", "<html>"],
  ];
  for (const [body, said] of rows) {
    const { error } = JSON.parse(refusalResponse(7, 503, body));
    equal(error.message, `the registry answered HTTP 503: ${said}`);
  }
});
