/** The short path answers what the SDK answers. */
import assert from "node:assert/strict";
import { repeats } from "../../.ci/fixtures/repeats.ts";
import * as fc from "fast-check";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import { elicit } from "../define/ask.ts";
import { agentConfig } from "../node/config.ts";
import { answerForm, inForm, withUsualAccept } from "../base/answer_form.ts";
import { withIntegerIds } from "../base/large_ids.ts";
import { bodyForSdk } from "../base/sdk_body.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { MeshNode } from "../node/node.ts";
import { tool } from "../define/tool.ts";
import type { McpServer } from "./agent_server.ts";
import { AgentMcp, sdkServer } from "./server.ts";
import { shortPath } from "./short_path.ts";

const subject = agent({
  name: "subject",
  version: "1.2.3",
  tools: {
    echo: tool({
      description: "Says it again",
      tags: ["t"],
      input: z.object({ value: z.unknown() }),
      output: z.unknown(),
    }, ({ value }) => value),
    strict: tool({
      input: z.object({ n: z.number().int(), s: z.string().optional() }),
      output: z.object({ n: z.number() }),
    }, ({ n }) => ({ n })),
    fails: tool({}, () => {
      throw new Error("never works");
    }),
    streams: tool({}, async function* () {
      yield "a";
      yield await Promise.resolve("b");
    }),
    reports: tool({}, async function* (_, { progress }) {
      progress(1, 3, "one");
      yield { n: 1 };
      progress(3, 3);
      yield await Promise.resolve([2]);
    }),
    asks: tool({}, async (_, { ask }) => {
      const { sure } = await ask({ sure: elicit("Sure?", z.object({ yes: z.boolean() })) });
      return sure.action;
    }),
    headed: tool(
      { input: z.object({ region: z.string().optional().meta({ "x-mcp-header": "Region" }) }) },
      ({ region }) => region,
    ),
    blocks: tool({}, () => ({
      content: [{ type: "text", text: "look" }, {
        type: "image",
        data: "aGk=",
        mimeType: "image/png",
      }],
      _meta: { own: 1 },
    })),
    unwritable: tool({}, () => ({
      content: [{ type: "text", text: "look" }],
      structuredContent: { n: 1n },
    })),
  },
});

const MODERN = "2026-07-28";
const envelope = {
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

interface Sent {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function request({ method, headers, body }: Sent): Request {
  const bytes = new TextEncoder().encode(body);
  return new Request("http://127.0.0.1/mcp", {
    method,
    headers: { "content-length": String(bytes.length), ...headers },
    ...(method === "GET" ? {} : { body: bytes }),
  });
}

/** Everything about an answer that may matter to anybody. */
async function seen(server: McpServer, sent: Sent): Promise<unknown> {
  const response = await server.fetch(request(sent));
  const { status, headers } = response;
  return {
    status,
    type: headers.get("content-type"),
    session: headers.get("mcp-session-id"),
    allow: headers.get("allow"),
    // A signed state ends with the second it is good until.
    body: (await response.text()).replace(/"requestState":"v1\.[^"]+"/, '"requestState":"…"'),
  };
}

/** Returns the answer of the SDK to a request that is made such as the SDK reads it. */
async function inTheirForm(sdk: McpServer, request: Request): Promise<Response> {
  const { method, headers } = request;
  const form = answerForm(headers.get("accept"));
  const text = await request.clone().text();
  const usual = new Request(request, { headers: withUsualAccept(headers) });
  const response = withIntegerIds(await sdk.fetch(usual, bodyForSdk(text)));
  return method === "POST" ? await inForm(response, form, text.startsWith("[")) : response;
}

async function servers(): Promise<AsyncDisposable & { short: McpServer; sdk: McpServer }> {
  const node = new MeshNode({
    host: hostInThread(subject),
    config: agentConfig({ MCP_MESH_AGENT_ID: "subject-1" }, subject.manifest()),
    log: () => {},
    fetch,
  });
  await node.join(80, { standalone: true });
  const mcp = new AgentMcp(node.calls, { stateKey: new Uint8Array(32) });
  const sdk = sdkServer(mcp);
  const short = shortPath(node.calls, sdk, mcp);
  return {
    short,
    sdk,
    async [Symbol.asyncDispose]() {
      await short.close();
      await node.shutdown(0);
    },
  };
}

/** The SDK loses a member called `__proto__` of a structured result; the short path carries it. */
function isKept(value: unknown): boolean {
  return !JSON.stringify(value).includes('"__proto__"');
}

/** Mostly what clients send, with every part sometimes not. */
const requests: fc.Arbitrary<Sent> = fc.record({
  modern: fc.boolean(),
  httpMethod: fc.oneof(
    { weight: 20, arbitrary: fc.constant("POST") },
    fc.constantFrom("GET", "DELETE", "PUT"),
  ),
  method: fc.oneof(
    { weight: 12, arbitrary: fc.constant("tools/call") },
    { weight: 4, arbitrary: fc.constant("tools/list") },
    fc.constantFrom("ping", "initialize", "prompts/list", "notifications/initialized", "nope", ""),
    fc.constantFrom("server/discover", "notifications/cancelled", "logging/setLevel"),
  ),
  name: fc.oneof(
    { weight: 6, arbitrary: fc.constant("echo") },
    fc.constantFrom("strict", "fails", "streams", "blocks", "nope", ""),
    fc.constantFrom("reports", "asks", "headed", "unwritable"),
    fc.constant(7),
    fc.constant(undefined),
  ),
  args: fc.oneof(
    { weight: 6, arbitrary: fc.record({ value: fc.jsonValue({ maxDepth: 3 }).filter(isKept) }) },
    fc.record({ n: fc.oneof(fc.integer(), fc.string(), fc.double()) }),
    fc.jsonValue({ maxDepth: 1 }),
    fc.constant(undefined),
  ),
  id: fc.oneof(
    { weight: 6, arbitrary: fc.oneof(fc.integer(), fc.string()) },
    fc.constantFrom(undefined, null, 1.5, true, {}),
  ),
  meta: fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    fc.constantFrom({ progressToken: 1 }, { progressToken: "t" }, { progressToken: 1.5 }),
    fc.constant({ "io.modelcontextprotocol/clientCapabilities": { elicitation: {} } }),
    fc.constant({
      "x/y": "z",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }),
    fc.constant({ "io.modelcontextprotocol/logLevel": "debug" }),
    fc.constant({ "io.modelcontextprotocol/protocolVersion": "2025-11-25" }),
    fc.constantFrom("meta", null),
  ),
  extra: fc.oneof(
    { weight: 10, arbitrary: fc.constant({}) },
    fc.constantFrom({ x: 1 }, { task: {} }, { cursor: null }, null),
  ),
  outer: fc.oneof(
    { weight: 10, arbitrary: fc.constant({}) },
    fc.constantFrom({ jsonrpc: "1.0" }, { more: 1 }, { result: {} }, { error: null }),
  ),
  headers: fc.oneof(
    { weight: 8, arbitrary: fc.constant({}) },
    fc.constantFrom(
      { accept: "application/json" },
      { accept: "text/event-stream" },
      { accept: "*/*" },
      { accept: "Text/*;q=0.5, APPLICATION/json" },
      { accept: "text/html" },
      { "content-type": "text/plain" },
      { "content-type": "application/json; charset=utf-8" },
      { "mcp-protocol-version": "2024-11-05" },
      { "mcp-protocol-version": "1999-01-01" },
      { "mcp-session-id": "s" },
      { "mcp-method": "tools/list" },
      { "mcp-name": "other" },
      { "last-event-id": "1" },
    ),
  ),
  shape: fc.oneof(
    { weight: 16, arbitrary: fc.constant("one") },
    fc.constantFrom("batch", "empty batch", "cut", "empty"),
  ),
}).map(({ modern, httpMethod, method, name, args, id, meta, extra, outer, headers, shape }) => {
  const plainMeta = typeof meta === "string" || meta === null
    ? meta
    : { ...(modern ? envelope : {}), ...meta };
  const isCall = method === "tools/call";
  const params = {
    ...(isCall ? { name, arguments: args } : {}),
    ...(modern || meta !== undefined ? { _meta: plainMeta } : {}),
    ...extra,
  };
  const message = { jsonrpc: "2.0", id, method, params: extra === null ? null : params, ...outer };
  const text = JSON.stringify(shape === "batch" ? [message, message] : message);
  return {
    method: httpMethod,
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(modern
        ? {
          "mcp-protocol-version": MODERN,
          ...(method === "" ? {} : { "mcp-method": method }),
          ...(isCall && typeof name === "string" && name !== "" ? { "mcp-name": name } : {}),
        }
        : {}),
      ...headers,
    },
    body: shape === "cut"
      ? text.slice(0, -3)
      : shape === "empty"
      ? ""
      : shape === "empty batch"
      ? "[]"
      : text,
  };
});

Deno.test("both paths give the same answer to the same request", async () => {
  await using both = await servers();
  const sdk = { ...both.sdk, fetch: (request: Request) => inTheirForm(both.sdk, request) };
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      assert.deepEqual(await seen(both.short, sent), await seen(sdk, sent));
    }),
    { numRuns: repeats(3_000) },
  );
});

for (const token of ["t", undefined]) {
  const how = token === undefined ? "whole" : "of a call that may stream";
  Deno.test(`both paths say so when a result has no JSON form, ${how}`, async () => {
    await using both = await servers();
    const _meta = { ...envelope, ...(token === undefined ? {} : { progressToken: token }) };
    const sent = {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": MODERN,
        "mcp-method": "tools/call",
        "mcp-name": "unwritable",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: "unwritable", arguments: {}, _meta },
      }),
    };
    const short = await seen(both.short, sent);
    assert.match(JSON.stringify(short), /bad_output.*has no JSON form: .*BigInt/);
    assert.deepEqual(short, await seen(both.sdk, sent));
  });
}

const plain: [name: string, headers: Record<string, string>, message: unknown][] = [
  ["2025 tools/list", {}, { jsonrpc: "2.0", id: 1, method: "tools/list" }],
  ["2025 tools/call", {}, {
    jsonrpc: "2.0",
    id: "a",
    method: "tools/call",
    params: { name: "echo", arguments: { value: '\u2028 ü "quoted" \n' } },
  }],
  ["2026 tools/list", { "mcp-protocol-version": MODERN, "mcp-method": "tools/list" }, {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/list",
    params: { _meta: envelope },
  }],
  ["2026 tools/call", {
    "mcp-protocol-version": MODERN,
    "mcp-method": "tools/call",
    "mcp-name": "strict",
  }, {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "strict", arguments: { n: 1 }, _meta: envelope },
  }],
];
for (const [name, headers, message] of plain) {
  Deno.test(`a plain ${name} takes the short path, byte for byte the SDK's answer`, async () => {
    await using both = await servers();
    const sent = {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: JSON.stringify(message),
    };
    const asked = request(sent);
    const answer = await both.short.fetch(asked);
    // The SDK's own answer is a stream of its making; this one is whole from the start.
    assert.equal(answer.headers.has("x-accel-buffering"), false);
    assert.equal(await answer.text(), await (await both.sdk.fetch(request(sent))).text());
  });
}
