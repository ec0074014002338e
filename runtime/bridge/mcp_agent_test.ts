/** An MCP server as an agent, against servers in this process. */
import assert from "node:assert/strict";
import {
  Client,
  type ClientOptions,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import type { McpAgentDefinition } from "./mcp_agent.ts";
import { mcpAgent, mcpAgentWith } from "./mcp_agent.ts";
import { callTool } from "../mcp/client.ts";
import { type TestAgent, testMesh } from "../testing/mesh.ts";
import {
  ANSWER,
  type Foreign,
  FOREIGN_KINDS,
  foreignServer,
  scriptedServer,
  VERBATIM,
} from "./foreign_server_fixture.ts";

const SECRET = "Bearer a-secret";

/** An agent in front of a server, in a mesh of its own. */
interface Bridged extends AsyncDisposable {
  readonly member: TestAgent;
  readonly lines: string[];
  /** Resolves with the first line from now on that contains `text`. */
  line(text: string): Promise<string>;
  /** An MCP client of the agent. */
  client(options?: ClientOptions): Promise<Client & AsyncDisposable>;
  /** A call as another agent makes it; the result as it is on the wire. */
  raw(tool: string, args?: Record<string, unknown>, signal?: AbortSignal): Promise<unknown>;
}

async function bridged(
  definition: Omit<McpAgentDefinition, "name">,
  env: Record<string, string> = {},
): Promise<Bridged> {
  const lines: string[] = [];
  const waiting = new Map<string, (line: string) => void>();
  const mesh = testMesh();
  const member = await mesh.join(
    mcpAgent({ name: "foreign", ...definition } as McpAgentDefinition),
    {
      env: { MCP_MESH_LOG_LEVEL: "debug", ...env },
      log: (line) => {
        lines.push(line);
        for (const [text, resolve] of waiting) if (line.includes(text)) resolve(line);
      },
    },
  );
  const { node } = member;
  return {
    member,
    lines,
    line: (text) => new Promise((resolve) => waiting.set(text, resolve)),
    client: async (options) => {
      const client = new Client({ name: "test", version: "1.0.0" }, options);
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${node.endpoint}/mcp`), {
          fetch: (input, init) => node.fetch(new Request(input, init)),
        }),
      );
      return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
    },
    raw: (tool, args = {}, signal = new AbortController().signal) =>
      callTool((input, init) => node.fetch(onTheWire(input, init)), {
        endpoint: node.endpoint,
        tool,
        args,
        signal,
        remainingMs: 10_000,
        headers: { "x-mesh-own": "1", traceparent: "00-1-2-01" },
      }),
    [Symbol.asyncDispose]: () => mesh[Symbol.asyncDispose](),
  };
}

/** A request as it arrives, with its length, so that it is answered as other agents are. */
function onTheWire(input: RequestInfo | URL, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers);
  headers.set("content-length", String(String(init.body).length));
  return new Request(input, { ...init, headers });
}

const MODERN: ClientOptions = { versionNegotiation: { mode: { pin: "2026-07-28" } } };
const CLIENT_ERAS: ClientOptions[] = [{}, MODERN];

for (const kind of FOREIGN_KINDS) {
  const test = (
    name: string,
    run: (foreign: Foreign, self: Bridged) => Promise<void>,
    definition: Partial<McpAgentDefinition> = {},
  ) =>
    Deno.test(`mcpAgent of a server of ${kind}: ${name}`, async () => {
      await using foreign = foreignServer(kind);
      await using self = await bridged({ url: foreign.url, ...definition } as McpAgentDefinition);
      await run(foreign, self);
    });

  test("its tools become capabilities, under the given tags and version", async (_, { member }) => {
    const { tools } = member.node.registration("deno");
    assert.deepEqual(tools?.map(({ function_name }) => function_name), [
      "verbatim",
      "slow",
      "fails",
      "refuses",
      "asks",
    ]);
    const { inputSchema, outputSchema, ...first } = tools![0]!;
    assert.deepEqual([inputSchema, outputSchema], [VERBATIM.inputSchema, VERBATIM.outputSchema]);
    assert.deepEqual(
      [first.capability, first.tags, first.version, first.description, first.kwargs],
      ["verbatim", ["demo"], "3.1.4", VERBATIM.description, { idempotent: true }],
    );
    await Promise.resolve();
  }, { tags: ["demo"] });

  test("tools are listed as the server lists them", async (_, self) => {
    for (const options of CLIENT_ERAS) {
      await using client = await self.client(options);
      const { result } = await rawResult(client, "tools/list", {});
      const [first] = result["tools"] as Record<string, unknown>[];
      assert.deepEqual(first, {
        ...VERBATIM,
        _meta: {
          ...VERBATIM._meta,
          "mesh/capability": "verbatim",
          "mesh/version": "9.0.0",
          "mesh/tags": [],
        },
      });
      assert.equal(client.getInstructions(), "Speak slowly.");
    }
  }, { version: "9.0.0" });

  test("arguments and results pass as they are", async (foreign, self) => {
    const args = { text: "x", more: [1, { "": null }], "_kept": 1 };
    assert.deepEqual(await self.raw("verbatim", args), ANSWER);
    assert.deepEqual(foreign.state.calls, [args]);
    for (const options of CLIENT_ERAS) {
      await using client = await self.client(options);
      const { result } = await rawResult(client, "tools/call", {
        name: "verbatim",
        arguments: args,
      });
      const { _meta: meta, resultType: _, ...rest } = result;
      const { _meta: expectedMeta, ...expected } = ANSWER;
      assert.deepEqual(rest, expected);
      assert.equal(
        (meta as Record<string, unknown>)["example.com/kept"],
        expectedMeta["example.com/kept"],
      );
    }
  });

  test("a tool's error and a refusal are told apart from the mesh's own", async (_, self) => {
    assert.deepEqual(await self.raw("fails"), {
      content: [{ type: "text", text: "out of ink" }],
      isError: true,
    });
    await assert.rejects(self.member.call("fails"), { code: "tool_failed", message: "out of ink" });
    await assert.rejects(self.member.call("refuses"), {
      code: "bad_input",
      message: "not on Sundays",
    });
  });

  test(
    "no header or argument of the mesh reaches it, the given headers do",
    async (foreign, self) => {
      await self.raw("verbatim", {
        text: "x",
        _trace_id: "1",
        _parent_span: "2",
        _mesh_headers: { authorization: "Bearer of-somebody" },
      });
      assert.deepEqual(foreign.state.calls, [{ text: "x" }]);
      const known =
        /^(accept|accept-encoding|accept-language|authorization|connection|content-(length|type)|host|last-event-id|mcp-.*|sec-fetch-mode|transfer-encoding|user-agent)$/;
      for (const { headers } of foreign.state.arrived) {
        assert.equal(headers.get("authorization"), SECRET);
        assert.deepEqual([...headers.keys()].filter((name) => !known.test(name)), []);
      }
      assert.equal(self.lines.some((line) => line.includes(SECRET)), false);
    },
    { headers: { Authorization: SECRET } },
  );

  test("progress comes through", async (foreign, self) => {
    await using client = await self.client(MODERN);
    const abort = new AbortController();
    const reports: unknown[] = [];
    const two = Promise.withResolvers<void>();
    const calling = client.callTool({ name: "slow" }, {
      signal: abort.signal,
      onprogress: (report) => {
        if (reports.push(report) === 2) two.resolve();
      },
    });
    await two.promise;
    abort.abort(new Error("enough"));
    await assert.rejects(calling);
    await foreign.state.until(() => foreign.state.aborted.length > 0);
    assert.deepEqual(
      reports.map((report) => ({ ...report as object, _meta: undefined })),
      [1, 2].map((progress) => ({
        progress,
        total: 3,
        message: `step ${progress}`,
        _meta: undefined,
      })),
    );
  });

  test("a caller who gives up ends the work there", async (foreign, self) => {
    const abort = new AbortController();
    const calling = self.raw("slow", {}, abort.signal);
    await foreign.state.until(() => foreign.state.begun.includes("slow"));
    abort.abort(new Error("enough"));
    await calling;
    await foreign.state.until(() => foreign.state.aborted.includes("slow"));
  });

  test("a deadline ends the work there", async (foreign, self) => {
    await assert.rejects(self.member.call("slow", {}, { timeoutMs: 1_000 }), { code: "timeout" });
    await foreign.state.until(() => foreign.state.aborted.includes("slow"));
  });

  test("tools come and go with the server's", async (foreign, self) => {
    const names = () => self.member.node.manifest.tools.map(({ name }) => name);
    const next = () =>
      new Promise<void>((resolve) => {
        const stop = self.member.node.onChange(() => {
          stop();
          resolve();
        });
      });
    const { tools } = foreign.state;
    await foreign.state.until(() => isListening(foreign));
    tools.splice(1, tools.length, { name: "new tool/1", inputSchema: { type: "object" } });
    const changed = next();
    await foreign.toolsChanged();
    await changed;
    while (names().length !== 2) await next();
    assert.deepEqual(names(), ["verbatim", "new_tool_1"]);
    assert.deepEqual(await self.raw("new_tool_1"), ANSWER);
    assert.deepEqual(foreign.state.begun, ["new tool/1"]);
  });

  test("prompts, resources and suggestions come along", async (_, self) => {
    await using client = await self.client();
    const { prompts } = await client.listPrompts();
    assert.deepEqual(prompts, [{
      name: "greet",
      title: "Greeting",
      arguments: [
        { name: "who", description: "Whom", required: true },
        { name: "how", required: false },
      ],
    }]);
    const { messages } = await client.getPrompt({ name: "greet", arguments: { who: "Ada" } });
    assert.deepEqual(messages[0]?.content, { type: "text", text: 'Greet {"who":"Ada"}' });
    const { resources } = await client.listResources();
    assert.deepEqual(resources, [
      { uri: "note://1", name: "First_note_", title: "First note!", mimeType: "text/x-note" },
    ]);
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates, [{
      uriTemplate: "note://{id}",
      name: "note",
      title: "note",
    }]);
    for (const uri of ["note://1", "note://2"]) {
      const { contents } = await client.readResource({ uri });
      assert.deepEqual(contents, [{ uri, mimeType: "text/x-note", text: `what is in ${uri}` }]);
    }
    const of = async (
      ref: { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string },
      name: string,
    ) => (await client.complete({ ref, argument: { name, value: "A" } })).completion.values;
    assert.deepEqual(await of({ type: "ref/prompt", name: "greet" }, "who"), ["ref/prompt who=A!"]);
    assert.deepEqual(await of({ type: "ref/resource", uri: "note://{id}" }, "id"), [
      "ref/resource id=A!",
    ]);
  });

  test("a changed resource is told", async (foreign, self) => {
    await foreign.state.until(() => isFollowing(foreign));
    const told = Promise.withResolvers<string>();
    await using client = await self.client(MODERN);
    client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      told.resolve(params.uri);
    });
    const subscription = await client.listen({ resourceSubscriptions: ["note://1"] });
    await foreign.noteChanged();
    assert.equal(await told.promise, "note://1");
    await subscription.close();
  });

  test(
    "the agent is as healthy as the connection, and calls fail typed in between",
    async (foreign, self) => {
      const { node } = self.member;
      assert.deepEqual(node.health, { status: "healthy", checks: { connection: true } });
      const interrupted = assert.rejects(self.member.call("slow"), { code: "interrupted" });
      await foreign.state.until(() => foreign.state.begun.includes("slow"));
      const away = self.line("health is unhealthy");
      await foreign.stop();
      await interrupted;
      assert.match(await away, new RegExp(`health is unhealthy: cannot reach ${foreign.url}`));
      await assert.rejects(self.member.call("verbatim"), {
        code: "unreachable",
        message: new RegExp(`cannot reach ${foreign.url}`),
      });
      const back = self.line("health is healthy");
      foreign.start();
      await back;
      assert.deepEqual(await self.raw("verbatim"), ANSWER);
    },
  );

  test("what it asks for is not offered where the caller cannot be asked", async (_, self) => {
    await assert.rejects(self.member.call("asks"), (error: { message: string }) => {
      assert.match(error.message, /elicitation/);
      return true;
    });
  });
}

Deno.test("mcpAgent of a server of 2026-07-28: what it asks is asked of the caller", async () => {
  await using foreign = foreignServer("2026-07-28");
  await using self = await bridged({ url: foreign.url });
  await using client = await self.client({
    ...MODERN,
    capabilities: { elicitation: { form: {} } },
  });
  const asked: unknown[] = [];
  client.setRequestHandler("elicitation/create", ({ params }) => {
    asked.push(params.message);
    return { action: "accept", content: { ok: true } };
  });
  const { content } = await client.callTool({ name: "asks" });
  assert.deepEqual(content, [{ type: "text", text: '{"action":"accept","content":{"ok":true}}' }]);
  assert.deepEqual(asked, ["Sure?"]);
});

Deno.test("mcpAgent of a server of 2026-07-28: arguments that it wants as headers are headers too", async () => {
  await using foreign = foreignServer("2026-07-28");
  foreign.state.tools.push({
    name: "regional",
    inputSchema: {
      type: "object",
      properties: { region: { type: "string", "x-mcp-header": "Region" } },
    },
  });
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("regional", { region: "eu" }), ANSWER);
  const { headers } = foreign.state.arrived.at(-1)!;
  assert.equal(headers.get("mcp-param-region"), "eu");
});

Deno.test("mcpAgent of a server with sessions: one that has forgotten the session gets the call again", async () => {
  await using foreign = foreignServer("2025-11-25 with sessions");
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("verbatim"), ANSWER);
  const sessions = () =>
    new Set(foreign.state.arrived.map(({ headers }) => headers.get("mcp-session-id")));
  const before = sessions().size;
  await foreign.stop();
  foreign.start();
  assert.deepEqual(await self.raw("verbatim", { text: "again" }), ANSWER);
  assert.equal(sessions().size, before + 1);
  assert.deepEqual(foreign.state.begun, ["verbatim", "verbatim"]);
});

Deno.test("mcpAgent whose server is away at first comes when it does", async () => {
  const foreign = foreignServer("2026-07-28");
  await foreign.stop();
  await using self = await bridged({ url: foreign.url });
  assert.equal(self.member.node.health.status, "unhealthy");
  assert.deepEqual(self.member.node.manifest.tools, []);
  const back = self.line("health is healthy");
  foreign.start();
  await back;
  assert.equal(self.member.node.manifest.tools.length, 5);
  assert.deepEqual(await self.raw("verbatim"), ANSWER);
  await foreign[Symbol.asyncDispose]();
});

/** A server of 2025-06-18 without sessions, whose tools and answers are as the test wants them. */
function plainServer(
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

Deno.test("mcpAgent passes on what no specification knows", async () => {
  const odd = {
    name: "odd",
    inputSchema: { properties: { a: true }, "x-schema": 1 },
    execution: { taskSupport: "later" },
    "x-tool": { deep: [null] },
  };
  const answer = {
    content: [
      { type: "text", text: "t", "x-block": 1 },
      { type: "hologram", depth: 3 },
    ],
    structuredContent: { a: 1 },
    "x-result": {},
  };
  await using foreign = plainServer({ tools: [odd], call: () => answer });
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("odd"), answer);
  const response = await self.member.node.fetch(mcpRequest("tools/list"));
  const [, json = ""] = (await response.text()).split("data: ");
  const { _meta: meta, ...listed } = JSON.parse(json).result.tools[0];
  assert.deepEqual(listed, { ...odd, description: "" });
  assert.equal(meta["mesh/version"], "1.0.0");
});

function mcpRequest(method: string): Request {
  return onTheWire("http://foreign.mesh/mcp", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method }),
  });
}

Deno.test("mcpAgent leaves out what is no tool, and says so", async () => {
  let deep: Record<string, unknown> = { type: "string" };
  for (let depth = 0; depth < 5_000; depth++) deep = { items: deep };
  const inputSchema = { type: "object" };
  await using foreign = plainServer({
    tools: [
      { name: "a/b", inputSchema },
      { name: "a b", inputSchema },
      { name: "", inputSchema },
      { name: "none" },
      { name: "deep", inputSchema: deep },
    ],
  });
  await using self = await bridged({ url: foreign.url });
  const { tools } = self.member.node.manifest;
  assert.deepEqual(tools.map(({ name }) => name), ["a_b", "a_b_2"]);
  const warnings = self.lines.filter((line) => line.includes(" WARN "));
  assert.equal(warnings.filter((line) => line.includes("is left out")).length, 3);
});

Deno.test("mcpAgent of a server that lacks a list it announced has the others", async () => {
  await using foreign = plainServer({ capabilities: { prompts: {}, resources: {} } });
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(self.member.node.manifest.tools.map(({ name }) => name), ["t"]);
  assert.equal(self.member.node.health.status, "healthy");
});

Deno.test("mcpAgent of a server that refuses to be looked at is healthy, and is not looked at for ever", async () => {
  await using foreign = plainServer({ ping: () => new Response(null, { status: 418 }) });
  await using self = await bridged({ url: foreign.url }, { MCP_MESH_HEALTH_CHECK_TTL: "0.05" });
  const pings = () =>
    foreign.state.arrived.filter(({ message }) => message.method === "ping").length;
  await foreign.state.until(() => pings() === 1);
  const first = performance.now();
  await foreign.state.until(() => pings() === 3);
  assert.ok(performance.now() - first > 80);
  assert.equal(self.member.node.health.status, "healthy");
});

Deno.test("mcpAgent makes a result of an answer without content", async () => {
  await using foreign = plainServer({ call: () => ({}) });
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("t"), { content: [] });
});

Deno.test("mcpAgent tells at once when an answer breaks off", async () => {
  await using foreign = plainServer({
    call: () =>
      new Response(": going to answer\n\n", { headers: { "content-type": "text/event-stream" } }),
  });
  await using self = await bridged({ url: foreign.url });
  await assert.rejects(self.member.call("t"), {
    code: "interrupted",
    message: `${foreign.url} broke its answer off`,
  });
});

const refusals: [status: number, code: string, message: RegExp][] = [
  [401, "protocol", /answered HTTP 401: it wants other credentials/],
  [429, "overloaded", /answered HTTP 429/],
  [503, "overloaded", /answered HTTP 503/],
  [500, "interrupted", /answered HTTP 500/],
  [418, "protocol", /answered HTTP 418/],
];
for (const [status, code, message] of refusals) {
  Deno.test(`mcpAgent of a server that answers a call with HTTP ${status} fails with ${code}`, async () => {
    await using foreign = plainServer({ call: () => new Response("no", { status }) });
    await using self = await bridged({ url: foreign.url });
    await assert.rejects(self.member.call("t"), { code, message });
  });
}

const unusable: [what: string, answer: () => Response, message: RegExp][] = [
  ["is no MCP server", () => new Response("<html>"), /does not speak MCP: /],
  ["is not there", () => new Response(null, { status: 404 }), /answered HTTP 404; check the URL$/],
  ["wants credentials", () => new Response(null, { status: 401 }), /HTTP 401: it wants other cred/],
  ["is out of order", () => new Response(null, { status: 502 }), /answered HTTP 502$/],
];
for (const [what, answer, message] of unusable) {
  Deno.test(`mcpAgent of a URL that ${what} says so, without its query`, async () => {
    await using foreign = scriptedServer(answer);
    const url = `${foreign.url}?key=${SECRET}`;
    await using self = await bridged({ url });
    assert.match(self.member.node.health.errors?.join() ?? "", message);
    assert.equal(self.lines.some((line) => line.includes("a-secret")), false);
  });
}

Deno.test("mcpAgentWith mustConnect does not start without its server, and says why", async () => {
  const foreign = foreignServer("2026-07-28");
  await foreign.stop();
  await using mesh = testMesh();
  const agent = mcpAgentWith({ name: "foreign", url: `${foreign.url}?key=hidden` }, {
    mustConnect: true,
  });
  await assert.rejects(mesh.join(agent), (error: { code: string; message: string }) => {
    assert.equal(error.code, "unreachable");
    assert.match(error.message, new RegExp(`^cannot reach ${foreign.url}: .*refused`, "i"));
    assert.equal(error.message.includes("hidden"), false);
    return true;
  });
});

/** Whether the server was asked to tell of changes. */
function isListening({ state }: Foreign): boolean {
  return state.arrived.some(({ message, headers }) =>
    message.method === "subscriptions/listen" ||
    (message.method === undefined && headers.get("accept") === "text/event-stream")
  );
}

/** Whether the server was asked to tell of changes of the note. */
function isFollowing({ state }: Foreign): boolean {
  return isListening({ state } as Foreign) &&
    state.arrived.some(({ message }) => JSON.stringify(message.params ?? {}).includes("note://1"));
}

/** A result as it is on the wire: the client's own methods drop what they do not know. */
async function rawResult(
  client: Client,
  method: string,
  params: Record<string, unknown>,
): Promise<{ result: Record<string, unknown> }> {
  const { z } = await import("zod");
  return { result: await client.request({ method, params }, z.looseObject({})) };
}

/** A server of 2024-11-05, which answers over one stream of events. */
function sseServer(): Foreign {
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
      "tools/call": ANSWER,
      "ping": {},
    };
    if (id !== undefined) {
      tell("message", JSON.stringify({ jsonrpc: "2.0", id, result: results[method ?? ""] ?? {} }));
    }
    return new Response(null, { status: 202 });
  });
}

Deno.test("mcpAgent of a server of 2024-11-05 finds it by its refusal, and again after it was away", async () => {
  await using foreign = sseServer();
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("t"), ANSWER);
  const away = self.line("health is unhealthy");
  const back = self.line("health is healthy");
  await foreign.stop();
  await away;
  foreign.start();
  await back;
  assert.deepEqual(await self.raw("t"), ANSWER);
});
