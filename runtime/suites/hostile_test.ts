/**
 * What one request, one peer or one full disk can do to an agent process: fail what is its own. The
 * process answers everybody else, before and after.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import { AgentProcess } from "../process/process_fixture.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const file = fileURLToPath(new URL("./testdata/boundless_agent.ts", import.meta.url));
const NOWHERE = { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:1", MCP_MESH_HTTP_PORT: "0" };
/** Both ways to listen. */
const listening: Record<string, Record<string, string>> = {
  "without a limit on connections": {},
  "with a limit on connections": { MCP_MESH_MAX_CONNECTIONS: "500" },
};

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
const mixed = (depth: number) => '[{"a":'.repeat(depth / 2) + "1" + "}]".repeat(depth / 2);

function message(args: string, meta = "{}", id = "1"): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":` +
    `{"name":"fine","arguments":${args},"_meta":${meta}}}`;
}

function request(
  endpoint: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${endpoint}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body,
  });
}

async function post(
  ...asked: Parameters<typeof request>
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await request(...asked);
  return { status: response.status, text: await response.text() };
}

async function call(endpoint: string, tool: string, args: Record<string, unknown> = {}) {
  const signal = AbortSignal.timeout(60_000);
  const asked = { endpoint, tool, args, signal, remainingMs: 60_000, headers: {} };
  return decodeResult(await callTool(fetch, asked));
}

for (const [mode, env] of Object.entries(listening)) {
  processTest(`an agent process survives requests of any depth and size, ${mode}`, async (t) => {
    await using process = await AgentProcess.plan([{ file }], { ...NOWHERE, ...env });
    const { endpoint = "" } = await process.record(({ phase }) => phase === "listening");
    const kinds = { nested, objects, mixed };
    for (const depth of [202, 5_000, 100_000]) {
      for (const [kind, make] of Object.entries(kinds)) {
        const deep = make(depth);
        const places: Record<string, string> = {
          "an argument": message(`{"zzz":${deep}}`),
          "_meta": message("{}", `{"a":${deep}}`),
          "the id": message("{}", "{}", deep),
          "headers among the arguments": message(`{"_mesh_headers":{"a":${deep}}}`),
          "a batch": `[${message("{}")},${message(`{"zzz":${deep}}`)}]`,
          "no message at all": deep,
        };
        for (const [place, body] of Object.entries(places)) {
          await t.step(`${depth} levels of ${kind} in ${place}`, async () => {
            for (const type of ["application/json", "application/json; charset=utf-8"]) {
              const { status, text } = await post(endpoint, body, { "content-type": type });
              assert.equal(status, 400);
              assert.match(text, /bad_input.*nested deeper than 200 levels/);
            }
            assert.equal(await call(endpoint, "fine"), "fine");
          });
        }
      }
    }
    await t.step("depth within a text is no depth", async () => {
      const { status, text } = await post(endpoint, message(JSON.stringify({ a: nested(1e5) })));
      assert.deepEqual([status, /"isError":false/.test(text)], [200, true]);
    });
    await t.step("a body that is too large, announced and not", async () => {
      const large = message(JSON.stringify({ a: "x".repeat(4 * 1024 * 1024) }));
      assert.equal((await post(endpoint, large)).status, 413);
      const response = await fetch(`${endpoint}/mcp`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: new Blob([large]).stream(),
      }).catch(() => undefined);
      // The connection may break while the rest of it is still sent.
      if (response !== undefined) assert.equal(response.status, 413);
      await response?.body?.cancel();
    });
    for (const mib of [33, 300]) {
      await t.step(`a result of ${mib} MiB`, async () => {
        const failed = { code: "bad_output", message: /longer than 33554432/ };
        await assert.rejects(call(endpoint, "text", { mib }), failed);
        await assert.rejects(call(endpoint, "content", { mib }), failed);
        assert.equal(await call(endpoint, "fine"), "fine");
      });
    }
    await t.step("a stream without end that is asked for at once", async () => {
      await assert.rejects(call(endpoint, "stream", { mib: 1e9 }), {
        code: "bad_output",
        message: /the stream is longer than 33554432/,
      });
      assert.equal(await call(endpoint, "fine"), "fine");
    });
  });
}

processTest("an agent process keeps little of what its clients say", async (t) => {
  const sessions = fileURLToPath(new URL("../mcp/testdata/fuzzed_agent.ts", import.meta.url));
  await using process = await AgentProcess.plan([{ file: sessions }], NOWHERE);
  const { endpoint = "" } = await process.record(({ phase }) => phase === "listening");
  const ask = (method: string, params: unknown, headers: Record<string, string> = {}) =>
    request(endpoint, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }), headers);
  const say = async (...asked: Parameters<typeof ask>) => {
    const response = await ask(...asked);
    return { status: response.status, text: await response.text() };
  };
  const introduction = (name: string) => ({
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name, version: "1" },
  });
  const large = "x".repeat(1024 * 1024);
  await t.step("no long introduction", async () => {
    const { status, text } = await say("initialize", introduction(large));
    assert.equal(status, 413);
    assert.match(text, /at most 65536 characters/);
  });
  await t.step("no long subscription of the newer era", async () => {
    const meta = "io.modelcontextprotocol/";
    const headers = {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "subscriptions/listen",
    };
    const params = {
      notifications: { resourceSubscriptions: [large] },
      _meta: {
        [`${meta}protocolVersion`]: "2026-07-28",
        [`${meta}clientInfo`]: { name: "test", version: "1" },
        [`${meta}clientCapabilities`]: {},
      },
    };
    const response = await ask("subscriptions/listen", params, headers);
    // A subscription that is taken is a stream without end.
    await response.body?.cancel();
    assert.equal(response.status, 413);
  });
  await t.step("no long subscription of a session, and not too many", async () => {
    const begun = await ask("initialize", introduction("test"));
    await begun.body?.cancel();
    const session = { "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
    const subscribe = (uri: string) => say("resources/subscribe", { uri }, session);
    assert.equal((await subscribe(`book://${large}/1`)).status, 413);
    assert.match((await subscribe(`book://${"x".repeat(2_048)}`)).text, /at most 2048 characters/);
    for (let page = 0; page < 128; page++) {
      assert.match((await subscribe(`book://a/${page}`)).text, /"result":\{\}/);
    }
    assert.match((await subscribe("book://a/128")).text, /at most 128 subscriptions/);
    assert.match((await subscribe("book://a/1")).text, /"result":\{\}/);
    assert.match(
      (await say("resources/unsubscribe", { uri: "book://a/1" }, session)).text,
      /"result":\{\}/,
    );
    assert.match((await subscribe("book://a/128")).text, /"result":\{\}/);
  });
});

/** A registry that wires every dependency to one address. */
function registry(endpoint: string) {
  const target = { agent_id: "other-1", function_name: "t", capability: "other", runtime: "deno" };
  const wired = [{ ...target, endpoint, status: "available" }];
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (request.method !== "POST" || pathname !== "/heartbeat") {
      return new Response(null, { status: request.method === "HEAD" ? 200 : 404 });
    }
    return Response.json({
      status: "success",
      timestamp: new Date().toISOString(),
      message: "ok",
      agent_id: "boundless-1",
      dependencies_resolved: { ask: wired, count: wired },
    });
  });
}

const chunk = (much: string, token: unknown) =>
  `data: {"method":"notifications/progress","params":{"progressToken":${JSON.stringify(token)},` +
  `"_meta":{"mesh/chunk":${much}}}}\n\n`;

/** What a provider answers, and what its consumer's call comes to. */
const answers: [name: string, answer: (token: unknown) => string, code: string, says: RegExp][] = [
  ...[202, 5_000, 20_000, 100_000].map((depth): typeof answers[number] => [
    `nested ${depth} levels deep`,
    () => `{"result":{"structuredContent":{"result":${nested(depth)}}}}`,
    "tool_failed",
    /other-1 at .* answered more than fits: it is nested deeper than 200 levels/,
  ]),
  [
    "a text whose JSON is nested deep",
    () => JSON.stringify({ result: { content: [{ type: "text", text: nested(20_000) }] } }),
    "",
    /^\[\[\[/,
  ],
  [
    "a chunk that is nested deep",
    (token) => chunk(nested(20_000), token),
    "tool_failed",
    /answered more than fits: it is nested deeper/,
  ],
  [
    "an answer without end",
    () => `{"result":{"content":[{"type":"text","text":"${"x".repeat(33 * 1024 * 1024)}"}]}}`,
    "tool_failed",
    /answered more than fits/,
  ],
];

processTest("a consumer's process survives the answers of its provider", async (t) => {
  let answer: (token: unknown) => string = () => "";
  await using provider = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { params } = await request.json();
      const text = answer(params._meta?.progressToken);
      const type = text.startsWith("data:") ? "text/event-stream" : "application/json";
      return new Response(text, { headers: { "content-type": type } });
    },
  );
  await using beside = registry(`http://127.0.0.1:${provider.addr.port}`);
  await using process = await AgentProcess.plan([{ file }], {
    ...NOWHERE,
    MCP_MESH_REGISTRY_URL: `http://127.0.0.1:${beside.addr.port}`,
    MCP_MESH_AGENT_ID: "boundless-1",
    MCP_MESH_WIRING_STREAM: "false",
  });
  const { endpoint = "" } = await process.record(({ phase, unresolved }) =>
    phase === "registered" && unresolved.length === 0
  );
  for (const [name, made, code, says] of answers) {
    await t.step(name, async () => {
      answer = made;
      const asked = call(endpoint, name.startsWith("a chunk") ? "count" : "ask", { depth: 1 });
      if (code === "") assert.match(String(await asked), says);
      else await assert.rejects(asked, { code, message: says });
      assert.equal(await call(endpoint, "fine"), "fine");
    });
  }
});

processTest("an agent process survives a disk that is full", async () => {
  // Every line it writes fails with "No space left on device".
  await using process = await AgentProcess.plan([{ file }], {
    ...NOWHERE,
    MCP_MESH_LOG_LEVEL: "debug",
  }, { under: "exec 2>/dev/full" });
  const { endpoint = "" } = await process.record(({ phase }) => phase === "listening");
  for (let time = 0; time < 20; time++) {
    await assert.rejects(call(endpoint, "error", { mib: 0 }), { code: "tool_failed" });
  }
  assert.equal(await call(endpoint, "fine"), "fine");
});

for (const [mode, env] of Object.entries(listening)) {
  processTest(`an agent process survives a lack of file descriptors, ${mode}`, async () => {
    await using process = await AgentProcess.plan([{ file }], {
      ...NOWHERE,
      ...env,
    }, { under: "ulimit -n 64" });
    const { endpoint = "" } = await process.record(({ phase }) => phase === "listening");
    const { hostname, port } = new URL(endpoint);
    assert.equal(await call(endpoint, "fine"), "fine");
    const connections: Deno.Conn[] = [];
    try {
      while (connections.length < 100) {
        connections.push(await Deno.connect({ hostname, port: Number(port) }));
      }
    } catch {
      // It listens no more.
    }
    await process.said(/(listening on|can be accepted).*Too many open files/);
    for (const connection of connections) connection.close();
    for (;;) {
      try {
        assert.equal(await call(endpoint, "fine"), "fine");
        break;
      } catch (error) {
        if (!String(error).includes("cannot be reached") && !String(error).includes("was lost")) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const { output } = await process.stop("SIGTERM");
    assert.doesNotMatch(output, /Uncaught/);
  });
}

/** The first line of what is answered to a request whose rest never comes, and when it came, in seconds. */
async function patience(port: number, sent: string): Promise<readonly [string, number]> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(sent));
  const start = performance.now();
  const buffer = new Uint8Array(4096);
  const count = await connection.read(buffer);
  const [line = ""] = new TextDecoder().decode(buffer.subarray(0, count ?? 0)).split("\r\n", 1);
  return [line, (performance.now() - start) / 1000];
}

processTest(
  "a body that does not come is waited for 30 s, on every path, however it is framed",
  async () => {
    const gateway = fileURLToPath(new URL("./testdata/fuzzed_gateway.ts", import.meta.url));
    const json = "host: localhost\r\ncontent-type: application/json\r\n";
    const accept = "accept: application/json, text/event-stream\r\n";
    const chunked = 'transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n';
    const counted = 'content-length: 100\r\n\r\n{"a":';
    const large = `content-length: 1000000\r\n\r\n${"x".repeat(100_000)}`;
    const toAgent = [accept, "", "mcp-session-id: s\r\n"].flatMap((more) =>
      [chunked, counted, large].map((rest) =>
        `POST /mcp HTTP/1.1\r\n${json}${accept}${more}${rest}`
      )
    );
    toAgent.push(...[chunked, counted].map((rest) => `POST /mcp HTTP/1.1\r\n${json}${rest}`));
    const toGateway = ["/plan", "/echo"].flatMap((path) =>
      [chunked, counted].map((rest) => `POST ${path} HTTP/1.1\r\n${json}${rest}`)
    );
    await Promise.all(
      Object.entries(listening).map(async ([mode, env]) => {
        await using process = await AgentProcess.plan([{ file }, { file: gateway }], {
          ...NOWHERE,
          ...env,
        });
        const isListening = ({ phase }: { readonly phase: string }) => phase === "listening";
        const { port: agentPort = 0 } = await process.record(isListening, 0);
        const { port: gatewayPort = 0 } = await process.record(isListening, 1);
        const waits = await Promise.all([
          ...toAgent.map((sent) => patience(agentPort, sent)),
          ...toGateway.map((sent) => patience(gatewayPort, sent)),
        ]);
        for (const [line, seconds] of waits) {
          assert.equal(line, "HTTP/1.1 408 Request Timeout", mode);
          assert.ok(seconds > 29 && seconds < 45, `${seconds} s, ${mode}`);
        }
        assert.equal(await call(`http://127.0.0.1:${agentPort}`, "fine"), "fine");
      }),
    );
  },
);
