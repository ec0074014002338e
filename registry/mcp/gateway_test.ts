/** The gateway's own path beside the SDK's: whoever asks cannot tell which one answered. */
import { deepEqual, equal } from "node:assert/strict";
import { type GatewayScene, HEADERS, type Json, scene, tool } from "./gateway_fixture.ts";

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
/** A spelling that means the same, and leaves something to decide. */
const NOT_PLAIN = "application/json; charset=utf-8";

async function asked(
  { send }: GatewayScene,
  era: string,
  message: Json,
  contentType: string,
): Promise<Json> {
  const { method, params = {} } = message;
  const isModern = era === "2026-07-28";
  const headers = {
    ...HEADERS,
    "content-type": contentType,
    "mcp-protocol-version": era,
    ...(isModern && { "mcp-method": method, ...(params.name && { "mcp-name": params.name }) }),
  };
  const meta = isModern ? { ...params._meta, ...META } : params._meta;
  const body = {
    jsonrpc: "2.0",
    id: 9,
    method,
    params: { ...params, ...(meta && { _meta: meta }) },
  };
  const response = await send("/mcp", { method: "POST", headers, body: JSON.stringify(body) });
  return {
    status: response.status,
    contentType: response.headers.get("content-type"),
    cacheControl: response.headers.get("cache-control"),
    body: await response.text(),
  };
}

const calls = (name: string, meta?: Json) => ({
  method: "tools/call",
  params: { name, arguments: { a: 1 }, ...(meta && { _meta: meta }) },
});
const messages: [what: string, message: Json][] = [
  ["tools/list", { method: "tools/list" }],
  ["tools/list with a wrong cursor", { method: "tools/list", params: { cursor: "?" } }],
  ["a call", calls("plain")],
  ["a call with an own meta", calls("with_meta", { own: 1 })],
  ["a call whose result is odd", calls("odd")],
  ["a call that fails", calls("failing")],
  ["a call the agent refuses", calls("refused")],
  ["a call that is followed", calls("followed", { progressToken: "t" })],
  ["a call of nothing", calls("nothing")],
];

for (const era of ["2025-11-25", "2024-11-05", "2026-07-28"]) {
  for (const [what, message] of messages) {
    scene(`both paths answer ${what} alike (${era})`, async (scene) => {
      const text = (text: string) => [{ type: "text", text }];
      const tools = {
        plain: () => ({ content: text("x"), structuredContent: { y: [] } }),
        with_meta: () => ({ content: text("x"), _meta: { z: 1 } }),
        odd: () => ({ content: [{ type: "new", odd: 1 }], more: { a: null } }),
        failing: () => ({ content: text("no"), isError: true }),
        followed: async ({ notify }: { notify: (params: Json) => Promise<void> }) => {
          await notify({ progress: 1, message: "one", _meta: { "mesh/chunk": 1 } });
          await notify({ progress: 2 });
          return { content: text("done") };
        },
      };
      await scene.join("a-1", tools, {
        tools: [...Object.keys(tools), "refused"].map((name) => tool(name)),
      });
      const [own, sdk] = [
        await asked(scene, era, message, "application/json"),
        await asked(scene, era, message, NOT_PLAIN),
      ];
      deepEqual(own, sdk);
      equal(
        own["body"].includes("serverInfo"),
        era === "2026-07-28" && !/error"/.test(own["body"]),
      );
    });
  }
}
