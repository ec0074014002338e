/** Progress as its reader sees it, over every way a call may come in. */
import assert from "node:assert/strict";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import { agentConfig } from "../node/config.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { MeshNode } from "../node/node.ts";
import type { ProgressNumbers } from "../base/growing_progress.ts";
import { eventsOf } from "../base/sse.ts";
import { tool } from "../define/tool.ts";
import type { McpServer } from "./agent_server.ts";
import { CHUNK_META } from "./client.ts";
import { AgentMcp, sdkServer } from "./server.ts";
import { withSessions } from "./sessions.ts";
import { shortPath } from "./short_path.ts";

const subject = agent({
  name: "subject",
  tools: {
    mixed: tool({}, async function* (_, { progress }) {
      yield "before";
      for (let i = 1; i <= 4; i++) {
        progress(i * 25, 100);
        yield await Promise.resolve({ i });
        yield `c${i}`;
      }
    }),
    reports: tool({
      input: z.object({ all: z.array(z.tuple([z.string(), z.string().optional()])) }),
    }, ({ all }, { progress }) => {
      for (const [number, message] of all) progress(Number(number), 10, message);
      return "done";
    }),
  },
});

const LEGACY = { "mcp-protocol-version": "2025-11-25" };
const MODERN = "2026-07-28";
const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

interface Message {
  readonly method?: string;
  readonly params?: Told;
}

type Told = ProgressNumbers & {
  readonly progressToken: unknown;
  readonly message?: string;
  readonly _meta?: Readonly<Record<string, unknown>>;
};

async function post(
  server: McpServer,
  headers: Record<string, string>,
  message: unknown,
): Promise<{ response: Response; messages: Message[] }> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const response = await server.fetch(
    new Request("http://127.0.0.1/mcp", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "content-length": String(body.length),
        ...headers,
      },
      body,
    }),
  );
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const texts = isStream ? Array.from(eventsOf(text), ({ data }) => data) : [text];
  return {
    response,
    messages: texts.filter((text) => text !== "").map((text) => JSON.parse(text)),
  };
}

/** Begins a session and tells its headers. */
async function session(server: McpServer): Promise<Record<string, string>> {
  const { response } = await post(server, {}, {
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: {
      protocolVersion: LEGACY["mcp-protocol-version"],
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    },
  });
  const id = response.headers.get("mcp-session-id");
  assert.ok(id);
  return { ...LEGACY, "mcp-session-id": id };
}

const ways: [
  way: string,
  serverOf: (node: MeshNode, mcp: AgentMcp) => McpServer,
  headersOf: (server: McpServer, tool: string) => Promise<Record<string, string>>,
][] = (["the short path", "the SDK"] as const).flatMap((path) => {
  const serverOf = (node: MeshNode, mcp: AgentMcp) =>
    path === "the SDK" ? sdkServer(mcp) : shortPath(node.calls, sdkServer(mcp), mcp);
  return [
    [`${path}, 2025`, serverOf, () => Promise.resolve(LEGACY)],
    [`${path}, 2026`, serverOf, (_, tool) =>
      Promise.resolve({
        "mcp-protocol-version": MODERN,
        "mcp-method": "tools/call",
        "mcp-name": tool,
      })],
  ] satisfies typeof ways;
});
ways.push(["a session", (_, mcp) => withSessions(mcp, sdkServer(mcp)), session]);

for (const [way, serverOf, headersOf] of ways) {
  const test = (
    what: string,
    body: (call: (tool: string, args?: unknown) => Promise<Told[]>) => Promise<void>,
  ) =>
    Deno.test(`progress over ${way}: ${what}`, async () => {
      const node = new MeshNode({
        host: hostInThread(subject),
        config: agentConfig({ MCP_MESH_AGENT_ID: "subject-1" }, subject.manifest()),
        log: () => {},
        fetch,
      });
      await node.join(80, { standalone: true });
      const server = serverOf(node, new AgentMcp(node.calls, { stateKey: new Uint8Array(32) }));
      try {
        await body(async (name, args = {}) => {
          const headers = await headersOf(server, name);
          const _meta = {
            ...(headers["mcp-protocol-version"] === MODERN ? ENVELOPE : {}),
            progressToken: 7,
          };
          const params = { name, arguments: args, _meta };
          const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
          const { messages } = await post(server, headers, call);
          const told = messages.flatMap(({ params }) => params ?? []);
          for (const { progressToken } of told) assert.equal(progressToken, 7);
          return told;
        });
      } finally {
        await server.close();
        await node.shutdown(0);
      }
    });

  test("chunks and reports come in order, each number above the last", async (call) => {
    const told = await call("mixed");
    assert.deepEqual(
      told.map(({ progress, total, message, _meta = {} }) => [
        progress,
        total,
        CHUNK_META in _meta ? _meta[CHUNK_META] : message,
      ]),
      [
        [0.000001, undefined, "before"],
        ...[1, 2, 3, 4].flatMap((i) => [
          [25 * i, 100, undefined],
          [25 * i + 0.000001, 100, { i }],
          [25 * i + 0.000002, 100, `c${i}`],
        ]),
      ],
    );
  });

  test("reports that do not grow are told only where they say something", async (call) => {
    const all = [["1"], ["1"], ["NaN"], ["0", "again"], ["-1"], ["Infinity", "far"], ["5"], ["2"]];
    const told = await call("reports", { all });
    assert.deepEqual(told.map(({ progress, total, message }) => [progress, total, message]), [
      [1, 10, undefined],
      [1.000001, 10, "again"],
      [1.000002, 10, "far"],
      [5, 10, undefined],
    ]);
  });
}
