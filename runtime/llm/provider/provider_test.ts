import assert from "node:assert/strict";
import * as z from "zod";
import { agent } from "../../define/agent.ts";
import { hostInThread } from "../../in_thread/in_thread.ts";
import { hostSandboxed } from "../../sandbox/sandboxed.ts";
import { hostTest, isolated } from "../../suites/hosts_fixture.ts";
import type { Host } from "../../boundary/host.ts";
import { readEvents } from "../../base/sse.ts";
import { type Served, served } from "../../suites/served_fixture.ts";
import { type ScriptedLlm, scriptedLlm, testMesh } from "../../testing/mod.ts";
import { tool } from "../../define/tool.ts";
import { type LlmReply, LlmReplySchema, readFrame } from "../../define/contract.ts";
import { llmProvider } from "./provider.ts";

const KEY = "sk-seeded-secret-0123456789";

function provider(llm: ScriptedLlm, env: Readonly<Record<string, string>> = {}) {
  return llmProvider({
    name: "openai-provider",
    model: "openai/gpt-4o-mini",
    tags: ["openai", "gpt"],
    env: { OPENAI_BASE_URL: llm.url, OPENAI_API_KEY: KEY, ...env },
  });
}

const weather = agent({
  name: "weather",
  tools: {
    get_weather: tool({ input: z.object({ location: z.string() }) }, ({ location }) => {
      if (location === "Atlantis") throw new Error("Atlantis is not on the map");
      return { location, sky: "clear" };
    }),
    see: tool({}, () => ({ type: "image", data: "AA", mimeType: "image/png" })),
  },
});

/** A tool of the mesh as consumers offer it. */
function offered(name: string, endpoint?: string, own?: string) {
  return {
    type: "function",
    function: {
      name,
      description: "d",
      parameters: { type: "object", properties: {} },
      ...(endpoint === undefined ? {} : { _mesh_endpoint: endpoint }),
      ...(own === undefined ? {} : { _mesh_name: own }),
    },
  };
}

const HI = [{ role: "user", content: "hi" }];

function reply(value: unknown): LlmReply {
  return LlmReplySchema.parse(value);
}

Deno.test("llmProvider() declares the reference's two tools", async () => {
  await using llm = scriptedLlm();
  const { tools } = provider(llm).manifest();
  assert.deepEqual(
    tools.map(({ name, capability, tags, version, kwargs }) => ({
      name,
      capability,
      tags,
      version,
      kwargs,
    })),
    [{
      name: "openai_provider",
      capability: "llm",
      tags: ["openai", "gpt"],
      version: "1.0.0",
      kwargs: { vendor: "openai" },
    }, {
      name: "openai_provider_stream",
      capability: "llm",
      tags: ["openai", "gpt", "ai.mcpmesh.stream"],
      version: "1.0.0",
      kwargs: { stream_type: "text", vendor: "openai" },
    }],
  );
});

const declared: [name: string, definition: Parameters<typeof llmProvider>[0], fails: boolean][] = [
  ["a model", { name: "p", model: "gpt-4o" }, false],
  ["models", { name: "p", models: ["gpt-4o", "claude-sonnet-4-5"] }, false],
  ["an engine", { name: "p", engine: { turn: () => Promise.reject(new Error()) } }, false],
  ["nothing", { name: "p" }, true],
  ["an empty list", { name: "p", models: [] }, true],
  ["a model and models", { name: "p", model: "gpt-4o", models: ["gpt-4o"] }, true],
];

for (const [name, definition, fails] of declared) {
  Deno.test(`llmProvider() with ${name} is ${fails ? "refused" : "taken"}`, () => {
    if (fails) assert.throws(() => llmProvider(definition), { code: "bad_definition" });
    else llmProvider(definition);
  });
}

Deno.test("llmProvider() without a key is unhealthy, and says which variable", async () => {
  const lacking = llmProvider({ name: "p", models: ["openai/x", "gemini/y"], env: {} });
  assert.deepEqual(await lacking.healthCheck?.(), {
    status: "unhealthy",
    errors: ["OPENAI_API_KEY is not set", "GEMINI_API_KEY or GOOGLE_API_KEY is not set"],
  });
  const enough = llmProvider({
    name: "p",
    models: ["openai/x", "gemini/y"],
    env: { GOOGLE_API_KEY: KEY },
  });
  assert.deepEqual(await enough.healthCheck?.(), { status: "healthy" });
});

Deno.test("a provider answers a request in the reference's contract", async () => {
  await using llm = scriptedLlm([{ text: "Hello" }]);
  await using mesh = testMesh();
  await mesh.join(provider(llm));
  const answer = await mesh.call("openai_provider", {
    request: {
      messages: [{ role: "system", content: "Be brief." }, ...HI],
      tools: null,
      model_params: { max_tokens: 9, temperature: null, max_iterations: 3 },
      context: {},
      request_id: "r1",
      caller_agent: "planner",
    },
  });
  assert.deepEqual(answer, {
    role: "assistant",
    content: "Hello",
    _mesh_usage: { prompt_tokens: 10, completion_tokens: 5, model: "openai/gpt-4o-mini" },
    _mesh_finish_reason: "stop",
    _mesh_turns: [{
      ...(answer as { _mesh_turns: object[] })._mesh_turns[0],
      model: "openai/gpt-4o-mini",
      finish_reason: "stop",
      prompt_tokens: 10,
      completion_tokens: 5,
      tool_calls: [],
    }],
  });
  const [sent] = llm.requests;
  assert.deepEqual(sent?.body, {
    model: "gpt-4o-mini",
    max_completion_tokens: 9,
    messages: [{ role: "system", content: "Be brief." }, ...HI],
    stream: false,
  });
});

Deno.test("a provider fills in its own defaults, and requests win", async () => {
  await using llm = scriptedLlm([], { otherwise: { text: "x" } });
  await using mesh = testMesh();
  await mesh.join(llmProvider({
    name: "p",
    model: "openai/gpt-4o-mini",
    maxOutputTokens: 100,
    temperature: 0.1,
    topP: 0.2,
    modelParams: { seed: 1, user: "mesh" },
    env: { OPENAI_BASE_URL: llm.url, OPENAI_API_KEY: KEY },
  }));
  await mesh.call("p", { request: { messages: HI } });
  await mesh.call("p", { request: { messages: HI, model_params: { temperature: 0.9, seed: 2 } } });
  assert.deepEqual(
    llm.requests.map(({ body: { max_completion_tokens, temperature, top_p, seed, user } }) => [
      max_completion_tokens,
      temperature,
      top_p,
      seed,
      user,
    ]),
    [[100, 0.1, 0.2, 1, "mesh"], [100, 0.9, 0.2, 2, "mesh"]],
  );
});

const hosts: Record<string, (llm: ScriptedLlm) => Promise<Host>> = {
  "in thread": (llm) => Promise.resolve(hostInThread(provider(llm))),
  ...isolated((host) => (llm) => {
    Deno.env.set("OPENAI_BASE_URL", llm.url);
    Deno.env.set("OPENAI_API_KEY", KEY);
    return host({
      url: new URL("../testdata/provider_agent.ts", import.meta.url).href,
      // Nothing of the mesh: the tools are reached by who hosts it.
      permissions: { net: [new URL(llm.url).host], env: ["OPENAI_*"] },
      log: () => {},
    });
  }),
};

/** A provider and a tool agent on ports of their own. */
async function started(kind: string, llm: ScriptedLlm) {
  const host = await hosts[kind]!(llm);
  const stack = new AsyncDisposableStack();
  stack.defer(() => {
    Deno.env.delete("OPENAI_BASE_URL");
    Deno.env.delete("OPENAI_API_KEY");
  });
  const tools = stack.use(await served(weather));
  const lines: string[] = [];
  const node = stack.use(
    await served(
      host,
      {},
      (_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`),
    ),
  );
  return { stack, tools, node, lines };
}

/** Calls a tool as the reference's Python consumer does (registry-protocol §4.2). */
async function callAsPython(
  { endpoint }: Served,
  name: string,
  request: unknown,
  meta?: Record<string, unknown>,
): Promise<Response> {
  return await fetch(`${endpoint}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "x-trace-id": "0af7651916cd43dd8448eb211c80319c",
      "x-parent-span": "b7ad6b7169203331",
      "x-mesh-timeout": "300",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name,
        arguments: {
          request,
          _trace_id: "0af7651916cd43dd8448eb211c80319c",
          _parent_span: "b7ad6b7169203331",
          _mesh_headers: {},
        },
        ...(meta === undefined ? {} : { _meta: meta }),
      },
    }),
  });
}

/** The last message of an answer, which may be an event stream. */
async function lastMessage(response: Response) {
  const text = await response.text();
  return JSON.parse(text.match(/^data: (.*)$/m)?.[1] ?? text);
}

const ID = "1915883588174806058";
/** Results with a number that JavaScript cannot hold, as servers of other languages write them. */
const LARGE: readonly (readonly [name: string, result: string])[] = [
  [
    "structured",
    `{"content":[{"type":"text","text":"{\\"id\\":${ID}}"}],"structuredContent":{"id":${ID}}}`,
  ],
  ["in a text alone", `{"content":[{"type":"text","text":"{\\"id\\":${ID}}"}]}`],
  [
    "wrapped",
    `{"_meta":{"fastmcp":{"wrap_result":true}},"content":[],"structuredContent":{"result":{"id":${ID}}}}`,
  ],
];

for (const kind of Object.keys(hosts)) {
  for (const [name, result] of LARGE) {
    hostTest(kind)(`${kind}: large integers keep their digits on their way, ${name}`, async () => {
      const got: string[] = [];
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        async (request) => {
          got.push(await request.text());
          return new Response(`{"jsonrpc":"2.0","id":1,"result":${result}}`, {
            headers: { "content-type": "application/json" },
          });
        },
      );
      await using llm = scriptedLlm([
        { toolCalls: [{ name: "row", arguments: `{"id":${ID},"of":[${ID}.5]}` }] },
        { text: "Found." },
      ]);
      const { stack, node } = await started(kind, llm);
      await using _ = stack;
      const endpoint = `http://127.0.0.1:${server.addr.port}`;
      const answer = await callAsPython(node, "openai_provider", {
        messages: HI,
        tools: [offered("row", endpoint)],
        model_params: { output_schema: { type: "object" } },
      });
      const { _mesh_turns: turns } = reply((await lastMessage(answer)).result.structuredContent);
      assert.equal(turns?.length, 2);
      assert.match(got[0] ?? "", new RegExp(`"arguments":\\{"id":${ID},"of":\\[${ID}\\.5\\]`));
      const told = llm.requests[1]?.body.messages;
      assert.equal(told?.at(-1)?.content, `{"id":${ID}}`);
      assert.match(JSON.stringify(told?.at(-2)), new RegExp(`"arguments":"\\{\\\\"id\\\\":${ID},`));
    });
  }

  hostTest(kind)(`${kind}: tools run at the endpoints that the caller hands over`, async () => {
    await using llm = scriptedLlm([
      {
        toolCalls: [
          { name: "get_weather", arguments: { location: "Oslo" } },
          { name: "elsewhere__get_weather", arguments: { location: "Atlantis" } },
          { name: "see", arguments: {} },
        ],
      },
      { text: "Clear." },
    ]);
    const { stack, tools, node } = await started(kind, llm);
    await using _ = stack;
    const answer = reply(
      await node.call("openai_provider", {
        args: {
          request: {
            messages: HI,
            tools: [
              offered("get_weather", tools.endpoint),
              offered("elsewhere__get_weather", tools.endpoint, "get_weather"),
              offered("see", tools.endpoint),
            ],
            model_params: { parallel_tool_calls: true },
          },
        },
      }),
    );
    assert.equal(answer.content, "Clear.");
    assert.deepEqual(answer._mesh_usage, {
      prompt_tokens: 20,
      completion_tokens: 10,
      model: "openai/gpt-4o-mini",
    });
    assert.equal(answer._mesh_messages, undefined);
    assert.deepEqual(
      answer._mesh_turns?.[0]?.tool_calls.map(({ name, outcome, error }) => [name, outcome, error]),
      [
        ["get_weather", "ok", undefined],
        [
          "elsewhere__get_weather",
          "failed",
          "Atlantis is not on the map",
        ],
        ["see", "ok", undefined],
      ],
    );
    assert.deepEqual(llm.requests[1]?.body.messages.slice(2), [
      { role: "tool", tool_call_id: "call_1", content: '{"location":"Oslo","sky":"clear"}' },
      {
        role: "tool",
        tool_call_id: "call_2",
        content: '{"error":"Atlantis is not on the map"}',
      },
      { role: "tool", tool_call_id: "call_3", content: "[1 shown below]" },
      {
        role: "user",
        content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA" } }],
      },
    ]);
  });

  hostTest(kind)(`${kind}: a reference consumer gets its reply, buffered`, async () => {
    await using llm = scriptedLlm([
      { toolCalls: [{ name: "get_weather", arguments: { location: "Oslo" } }] },
      { text: "Clear." },
    ]);
    const { stack, tools, node } = await started(kind, llm);
    await using _ = stack;
    const response = await callAsPython(node, "openai_provider", {
      messages: HI,
      tools: [offered("get_weather", tools.endpoint)],
      model_params: {},
      context: null,
      request_id: "r-1",
      caller_agent: "planner-agent-1",
    });
    const { result } = await lastMessage(response);
    assert.equal(result.isError, false);
    const said = JSON.parse(result.content[0].text);
    assert.deepEqual(said, result.structuredContent);
    assert.equal(said.role, "assistant");
    assert.equal(said.content, "Clear.");
    assert.equal(said._mesh_usage.prompt_tokens, 20);
    assert.ok(!("_mesh_stop_reason" in said), "only ever max_iterations");
    assert.ok(!("tool_calls" in said));
  });

  hostTest(kind)(`${kind}: a reference consumer gets frames in progress messages`, async () => {
    await using llm = scriptedLlm([
      {
        text: "Looking. ",
        toolCalls: [{ name: "get_weather", arguments: { location: "Oslo" } }],
      },
      { text: ["Cl", "ear."] },
    ]);
    const { stack, tools, node } = await started(kind, llm);
    await using _ = stack;
    const response = await callAsPython(node, "openai_provider_stream", {
      messages: HI,
      tools: [offered("get_weather", tools.endpoint)],
    }, { progressToken: "token-1" });
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    const messages: string[] = [];
    let result: { isError?: boolean } | undefined;
    for await (const { data } of readEvents(response.body!)) {
      const event = JSON.parse(data);
      if (event.method === "notifications/progress") {
        assert.equal(event.params.progressToken, "token-1");
        messages.push(event.params.message);
      } else {
        result = event.result;
      }
    }
    assert.notEqual(result?.isError, true);
    const frames = messages.map((message) => JSON.parse(message));
    assert.deepEqual(frames.slice(0, -1), [
      { _mesh_frame: "chunk", content: "Looking. " },
      { _mesh_frame: "chunk", content: "Cl" },
      { _mesh_frame: "chunk", content: "ear." },
    ]);
    const end = frames.at(-1);
    assert.equal(end._mesh_frame, "end");
    assert.ok(!("stop_reason" in end));
    assert.deepEqual(end.usage, {
      prompt_tokens: 20,
      completion_tokens: 10,
      model: "openai/gpt-4o-mini",
    });
    assert.equal(end.finish_reason, "stop");
    assert.equal(end.turns.length, 2);
  });

  hostTest(kind)(`${kind}: a chunk is passed on when it arrives`, async () => {
    await using llm = scriptedLlm([{ text: ["one", "two"], slow: true }]);
    const { stack, node } = await started(kind, llm);
    await using _ = stack;
    const first = Promise.withResolvers<string>();
    const chunks: string[] = [];
    const answer = node.call("openai_provider_stream", {
      args: { request: { messages: HI } },
      onChunk: (chunk) => {
        const frame = readFrame(chunk);
        if (frame._mesh_frame === "chunk") {
          chunks.push(frame.content);
          first.resolve(frame.content);
        }
        return Promise.resolve();
      },
    });
    llm.release(1);
    assert.equal(await first.promise, "one");
    llm.release();
    await answer;
    assert.deepEqual(chunks, ["one", "two"]);
  });

  for (const name of ["openai_provider", "openai_provider_stream"]) {
    hostTest(kind)(`${kind}: giving ${name} up reaches the vendor`, async () => {
      await using llm = scriptedLlm([{ text: ["a", "b"], slow: true }]);
      const { stack, node } = await started(kind, llm);
      await using _ = stack;
      const abort = new AbortController();
      const arrived = llm.nextRequest();
      const answer = node.call(name, {
        args: { request: { messages: HI } },
        signal: abort.signal,
        onChunk: () => Promise.resolve(),
      });
      const request = await arrived;
      abort.abort(new Error("enough"));
      await assert.rejects(answer);
      await request.aborted;
    });
  }

  hostTest(kind)(
    `${kind}: a vendor's failure is llm_upstream, and the key is nowhere`,
    async () => {
      await using llm = scriptedLlm([], {
        otherwise: { status: 401, error: `Incorrect API key provided: ${KEY}` },
      });
      const { stack, node, lines } = await started(kind, llm);
      await using _ = stack;
      for (const name of ["openai_provider", "openai_provider_stream"]) {
        const response = await callAsPython(node, name, { messages: HI });
        const text = await response.text();
        assert.match(text, /"code":"llm_upstream"/);
        assert.match(text, /401 Incorrect API key provided: \[key\]/);
        assert.match(text, /"tools_called":0/);
        assert.ok(!text.includes(KEY));
      }
      assert.ok(lines.length > 0);
      assert.ok(!lines.join("\n").includes(KEY), lines.join("\n"));
    },
  );
}

Deno.test("a provider that may not reach its vendor says which flag is missing", async () => {
  await using llm = scriptedLlm([{ text: "never" }]);
  Deno.env.set("OPENAI_BASE_URL", llm.url);
  Deno.env.set("OPENAI_API_KEY", KEY);
  try {
    await using node = await served(
      await hostSandboxed({
        url: new URL("../testdata/provider_agent.ts", import.meta.url).href,
        permissions: { net: ["api.openai.com"], env: ["OPENAI_*"] },
        log: () => {},
      }),
    );
    await assert.rejects(node.call("openai_provider", { args: { request: { messages: HI } } }), {
      code: "permission_denied",
      message: /--allow-net/,
    });
  } finally {
    Deno.env.delete("OPENAI_BASE_URL");
    Deno.env.delete("OPENAI_API_KEY");
  }
  assert.equal(llm.requests.length, 0);
});

Deno.test("a provider stops after max_iterations, and says so as the reference does", async () => {
  await using llm = scriptedLlm([], {
    otherwise: { text: "hm", toolCalls: [{ name: "get_weather", arguments: {} }] },
  });
  await using mesh = testMesh();
  await mesh.join(provider(llm));
  const { node } = await mesh.join(weather);
  const request = {
    messages: HI,
    tools: [offered("get_weather", node.endpoint)],
    model_params: { max_iterations: 2 },
  };
  const answer = reply(await mesh.call("openai_provider", { request }));
  assert.equal(answer._mesh_stop_reason, "max_iterations");
  assert.deepEqual([answer.content, answer.tool_calls, llm.requests.length], ["hm", undefined, 2]);
  const frames: unknown[] = [];
  await mesh.call("openai_provider_stream", { request }, {
    onChunk: (chunk) => {
      frames.push(readFrame(chunk));
      return Promise.resolve();
    },
  });
  const end = frames.at(-1) as { stop_reason: string; finish_reason: string };
  assert.deepEqual([end.stop_reason, end.finish_reason], ["max_iterations", "max_iterations"]);
});

Deno.test("a provider leaves tools without an endpoint to the caller", async () => {
  await using llm = scriptedLlm([
    { toolCalls: [{ name: "get_weather", arguments: { location: "Oslo" } }] },
    { toolCalls: [{ name: "mine", arguments: { x: 1 } }] },
  ]);
  await using mesh = testMesh();
  await mesh.join(provider(llm));
  const { node } = await mesh.join(weather);
  const answer = reply(
    await mesh.call("openai_provider", {
      request: {
        messages: HI,
        tools: [offered("get_weather", node.endpoint), offered("mine")],
      },
    }),
  );
  assert.equal(answer._mesh_finish_reason, "tool_calls");
  assert.deepEqual(answer.tool_calls, [
    { id: "call_1", type: "function", function: { name: "mine", arguments: '{"x":1}' } },
  ]);
  assert.deepEqual(answer._mesh_messages?.map(({ role }) => role), ["assistant", "tool"]);
});

Deno.test("a provider tells what tools said where an answer may have to be mended", async () => {
  await using llm = scriptedLlm([
    { toolCalls: [{ name: "get_weather", arguments: { location: "Oslo" } }] },
    { json: { sky: 1 } },
  ]);
  await using mesh = testMesh();
  await mesh.join(provider(llm));
  const { node } = await mesh.join(weather);
  const output_schema = { type: "object", properties: { sky: { type: "string" } } };
  const answer = reply(
    await mesh.call("openai_provider", {
      request: {
        messages: HI,
        tools: [offered("get_weather", node.endpoint)],
        model_params: { output_schema },
      },
    }),
  );
  assert.equal(answer.content, '{"sky":1}');
  assert.equal(answer._mesh_messages?.length, 2);
});

const odd: [name: string, request: unknown][] = [
  ["no messages", {}],
  ["an empty conversation", { messages: [] }],
  ["messages that are text", { messages: "hi" }],
  ["no request", undefined],
];

for (const [name, request] of odd) {
  Deno.test(`a provider refuses ${name} as bad_input`, async () => {
    await using llm = scriptedLlm();
    await using mesh = testMesh();
    await mesh.join(provider(llm));
    await assert.rejects(mesh.call("openai_provider", { request }), { code: "bad_input" });
    assert.equal(llm.requests.length, 0);
  });
}

Deno.test("a provider reads what it can of odd requests", async () => {
  await using llm = scriptedLlm([{ text: "x" }]);
  await using mesh = testMesh();
  await mesh.join(provider(llm));
  await mesh.call("openai_provider", {
    request: {
      messages: [{ role: "user", content: null }, { role: "user", content: { a: 1 } }],
      tools: [{ function: {} }, { type: "function" }],
      model_params: { max_tokens: "many", temperature: "hot", stop: 3, output_mode: "loud" },
      context: "text",
      request_id: 7,
      something: "else",
    },
  });
  assert.deepEqual(llm.requests[0]?.body, {
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "" }, { role: "user", content: '{"a":1}' }],
    stream: false,
  });
});

Deno.test("an engine of one's own answers instead of a model", async () => {
  await using mesh = testMesh();
  await mesh.join(llmProvider({
    name: "echo-provider",
    tags: ["echo"],
    engine: {
      async turn({ messages }, { onText }) {
        const text = `You said ${messages.at(-1)?.content}`;
        for (const word of text.split(/(?<= )/)) await onText?.(word);
        return {
          text,
          toolCalls: [],
          finishReason: "stop",
          usage: { prompt_tokens: 0, completion_tokens: 0 },
          model: "echo",
        };
      },
    },
  }));
  const answer = reply(await mesh.call("echo_provider", { request: { messages: HI } }));
  assert.deepEqual([answer.content, answer._mesh_usage?.model], ["You said hi", "echo"]);
  const words: string[] = [];
  await mesh.call("echo_provider_stream", { request: { messages: HI } }, {
    onChunk: (chunk) => {
      const frame = readFrame(chunk);
      if (frame._mesh_frame === "chunk") words.push(frame.content);
      return Promise.resolve();
    },
  });
  assert.deepEqual(words, ["You ", "said ", "hi"]);
});
