import { deepEqual, equal } from "node:assert/strict";
import type { RpcError } from "../base/mcp_request.ts";
import { type AskedRequest, rpcFailure } from "./rpc_failure.ts";

const call: AskedRequest = { method: "tools/call", params: { name: "charge", arguments: {} } };
const prompt: AskedRequest = { method: "prompts/get", params: { name: "greet" } };
const read: AskedRequest = { method: "resources/read", params: { uri: "file:///a" } };
const list: AskedRequest = { method: "prompts/list" };
const own = (code: string) => ({ "mesh/error": { code, message: "said" } });

const CASES: [what: string, error: RpcError, asked: AskedRequest, code: string | undefined][] = [
  // Servers of the mesh.
  [
    "what a peer of ours says",
    { code: -32603, message: "x", data: own("timeout") },
    call,
    "timeout",
  ],
  [
    "what a peer of ours says, whatever its words",
    { code: -32602, message: "Unknown tool: charge", data: own("bad_input") },
    call,
    "bad_input",
  ],
  [
    "words where a peer's code is of another version",
    { code: -32602, message: "Unknown tool: charge", data: own("brand_new") },
    call,
    "not_found",
  ],
  // Codes.
  ["-32601", { code: -32601, message: "nope" }, list, "not_found"],
  ["-32002 of a resource (2025)", { code: -32002, message: "gone" }, read, "not_found"],
  ["-32002 of anything else", { code: -32002, message: "not ready" }, call, undefined],
  [
    "-32602 with the URI (2026)",
    { code: -32602, message: "x", data: { uri: "file:///a" } },
    read,
    "not_found",
  ],
  [
    "-32602 with another URI",
    { code: -32602, message: "x", data: { uri: "file:///b" } },
    read,
    "bad_input",
  ],
  [
    "-32602 of a call with a URI",
    { code: -32602, message: "x", data: { uri: "charge" } },
    call,
    "bad_input",
  ],
  ["-32021", { code: -32021, message: "x" }, call, "cannot_ask"],
  // Words of servers that say nothing else.
  ["Unknown tool: …", { code: -32602, message: "Unknown tool: charge" }, call, "not_found"],
  [
    "SDK v1's words for a tool",
    { code: -32602, message: "MCP error -32602: Tool charge not found" },
    call,
    "not_found",
  ],
  ["has no tool …", { code: -32602, message: 'shop has no tool "charge"' }, call, "not_found"],
  [
    "Python's words for a prompt",
    { code: 0, message: "Unknown prompt: greet" },
    prompt,
    "not_found",
  ],
  [
    "Kotlin's for a resource",
    { code: -32603, message: "Resource not found: file:///a" },
    read,
    "not_found",
  ],
  // Words that mean something else.
  ["arguments that do not fit", { code: -32602, message: "city is required" }, call, "bad_input"],
  [
    "a failure after the tool ran",
    { code: -32603, message: "Tool charge failed: card not found" },
    call,
    undefined,
  ],
  ["a code of the tool's own", { code: 404, message: "Tool charge: not found" }, call, undefined],
  [
    "another thing that is unknown",
    { code: -32602, message: "Unknown tool: list" },
    call,
    "bad_input",
  ],
  ["a file a prompt wants", { code: -32603, message: "greet: file not found" }, prompt, undefined],
  ["any other", { code: -32603, message: "oops" }, call, undefined],
];

for (const [what, error, asked, code] of CASES) {
  Deno.test(`rpcFailure() takes ${what} for ${code ?? "none it knows"}`, () => {
    equal(rpcFailure(error, asked)?.code, code);
  });
}

Deno.test("rpcFailure() keeps the code, and which capability is missing", () => {
  const requiredCapabilities = { sampling: {} };
  deepEqual(rpcFailure({ code: -32021, message: "m", data: { requiredCapabilities } }, call), {
    code: "cannot_ask",
    message: "m",
    details: { rpcCode: -32021, requiredCapabilities },
  });
});
