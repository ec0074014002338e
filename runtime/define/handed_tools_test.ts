/**
 * Tools on their way between consumers and providers of this runtime and of the reference, which
 * reads and writes their addresses inside of `function`.
 */
import assert from "node:assert/strict";
import * as z from "zod";
import { agent } from "./agent.ts";
import { agentConfig } from "../node/config.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import { MeshNode } from "../node/node.ts";
import { testMesh } from "../testing/mesh.ts";
import { tool } from "./tool.ts";
import type { LlmTurnRequest } from "../llm/engine/engine.ts";
import { readHandedTools } from "./handed_tools.ts";
import type { LlmOptions } from "./llm.ts";
import { llmProvider } from "../llm/provider/provider.ts";

const ENDPOINT = "http://10.0.0.2:9103";
const described = { name: "get_weather", description: "d", parameters: { type: "object" } };
const lent = {
  name: "get_weather",
  description: "d",
  inputSchema: { type: "object" },
  target: { agentId: ENDPOINT, tool: "get_weather", endpoint: ENDPOINT },
  agent: "",
};
const own = { ...lent.target, tool: "now" };

const handed: [name: string, tool: unknown, read: unknown[]][] = [
  [
    "with the address inside of function, as the reference writes it",
    { type: "function", function: { ...described, _mesh_endpoint: ENDPOINT } },
    [lent],
  ],
  [
    "with the address beside function",
    { type: "function", function: described, _mesh_endpoint: ENDPOINT },
    [lent],
  ],
  [
    "with both, of which the one inside counts",
    {
      function: { ...described, _mesh_endpoint: ENDPOINT },
      _mesh_endpoint: "http://elsewhere",
    },
    [lent],
  ],
  [
    "with its agent's name for it, inside",
    { function: { ...described, _mesh_endpoint: ENDPOINT, _mesh_name: "now" } },
    [{ ...lent, target: own }],
  ],
  [
    "with its agent's name for it, beside",
    { function: described, _mesh_endpoint: ENDPOINT, _mesh_name: "now" },
    [{ ...lent, target: own }],
  ],
  ["without an address", { function: described }, []],
  ["with an address that is none", { function: { ...described, _mesh_endpoint: "stdio://a" } }, []],
  ["that is none", { name: "get_weather", _mesh_endpoint: ENDPOINT }, []],
];
for (const [name, tool, read] of handed) {
  Deno.test(`readHandedTools() of a tool ${name}`, () => {
    assert.deepEqual(readHandedTools({ request: { tools: [tool] } }), read);
  });
}

for (const place of ["inside", "beside"]) {
  for (const name of ["own_provider", "own_provider_stream"]) {
    Deno.test(`${name}: an address ${place} function is called, and no engine sees it`, async () => {
      await using mesh = testMesh();
      const seen: LlmTurnRequest[] = [];
      await mesh.join(llmProvider({
        name: "own-provider",
        engine: {
          turn(request) {
            seen.push(request);
            const called = request.messages.some(({ role }) => role === "tool");
            const call = { name: "get_weather", arguments: "{}" };
            return Promise.resolve({
              text: called ? "Rain." : "",
              toolCalls: called ? [] : [{ id: "1", type: "function", function: call }],
              finishReason: called ? "stop" : "tool_calls",
              usage: { prompt_tokens: 1, completion_tokens: 1 },
              model: "m",
            });
          },
        },
      }));
      const { node } = await mesh.fake("get_weather", "rain");
      const address = { _mesh_endpoint: node.endpoint };
      await mesh.call(name, {
        request: {
          messages: [{ role: "user", content: "hi" }],
          tools: [
            place === "inside"
              ? { type: "function", function: { ...described, ...address } }
              : { type: "function", function: described, ...address },
          ],
        },
      });
      assert.equal(seen[1]?.messages.at(-1)?.content, "rain");
      assert.deepEqual(seen.map(({ tools }) => tools), [
        [{ type: "function", function: described }],
        [{ type: "function", function: described }],
      ]);
    });
  }
}

/** What the reference's provider does with the tools of a request, at once and streamed. */
interface ReferenceProvider {
  /** What its vendor was sent. */
  readonly sentToVendor: unknown[];
  /** Which tools it called where. */
  readonly called: string[];
  readonly asked: string[];
  readonly fetch: typeof fetch;
}

const CallSchema = z.object({
  params: z.object({
    name: z.string(),
    arguments: z.object({
      request: z.object({
        messages: z.array(z.object({ role: z.string() })),
        tools: z.array(z.any()).default([]),
      }),
    }),
    _meta: z.object({ progressToken: z.unknown() }).optional(),
  }),
});

/** A model that calls its first tool and then answers, behind the reference's provider. */
function referenceProvider(): ReferenceProvider {
  const provider = {
    sentToVendor: [] as unknown[],
    called: [] as string[],
    asked: [] as string[],
    fetch: async (_input: RequestInfo | URL, init?: RequestInit) => {
      const { params } = CallSchema.parse(await new Response(init?.body).json());
      provider.asked.push(params.name);
      const endpoints = new Map<string, string>();
      const tools = params.arguments.request.tools.map((tool) => {
        const { _mesh_endpoint, ...rest } = tool.function;
        if (_mesh_endpoint) endpoints.set(rest.name, _mesh_endpoint);
        return { ...tool, function: rest };
      });
      provider.sentToVendor.push(...tools);
      const hasResults = params.arguments.request.messages.some(({ role }) => role === "tool");
      const first = hasResults ? undefined : tools[0]?.function.name;
      const isManaged = endpoints.size > 0;
      if (isManaged) provider.called.push(`${first} at ${endpoints.get(first)}`);
      return params.name.endsWith("_stream")
        ? streamed(params._meta?.progressToken, isManaged ? ["Ra", "in."] : [])
        : buffered(
          isManaged || first === undefined ? { content: "Rain." } : {
            content: "",
            tool_calls: [{ id: "1", type: "function", function: { name: first, arguments: "{}" } }],
          },
        );
    },
  };
  return provider;
}

function buffered(reply: object): Response {
  const text = JSON.stringify({ role: "assistant", ...reply });
  return Response.json({ jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text }] } });
}

function streamed(progressToken: unknown, chunks: string[]): Response {
  const frames = [
    ...chunks.map((content) => ({ _mesh_frame: "chunk", content })),
    { _mesh_frame: "end" },
  ].map((frame) => JSON.stringify(frame));
  const messages: object[] = frames.map((message, index) => ({
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progressToken, progress: index + 1, message },
  }));
  messages.push({
    jsonrpc: "2.0",
    id: 1,
    result: { content: [{ type: "text", text: frames.join("") }] },
  });
  const body = messages.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`);
  return new Response(body.join(""), { headers: { "content-type": "text/event-stream" } });
}

/** Tools of two agents, two of which have one name. */
const offered = ["shops", "books"].flatMap((agent_name) =>
  ["find", `only_${agent_name}`].map((name) => ({
    agent_id: `${agent_name}-1`,
    agent_name,
    name,
    capability: name,
    description: name,
    endpoint: `http://${agent_name}.internal:9000`,
    inputSchema: { type: "object" },
    tags: [],
    version: "1.0.0",
  }))
);

/** Asks a tool whose model is run by providers of the reference; what came of it. */
async function asking(
  how: "write" | "tell",
  options: LlmOptions = {},
  others: readonly string[] = [],
) {
  const provider = referenceProvider();
  const consumer = agent({
    name: "consumer",
    tools: {
      write: tool({ llm: { tools: ["*"] } }, async (_, { llm }) => {
        return (await llm.text("weather?", options)).text;
      }),
      tell: tool({ llm: { tools: ["*"] } }, async function* (_, { llm }) {
        yield* llm.stream("weather?", options);
      }),
    },
  });
  const node = new MeshNode({
    host: hostInThread(consumer),
    config: agentConfig({ MCP_MESH_AGENT_ID: "consumer-1" }, consumer.manifest()),
    log: () => {},
    fetch: (input, init) => {
      const { host } = new URL(String(input));
      if (others.includes(host)) {
        return Promise.reject(
          new TypeError("fetch failed", { cause: new Error("client error (Connect): refused") }),
        );
      }
      return host === "reference:9106"
        ? provider.fetch(input, init)
        : Promise.resolve(Response.json({
          jsonrpc: "2.0",
          id: 1,
          result: { content: [{ type: "text", text: "it rains" }] },
        }));
    },
  });
  await node.join(1, { standalone: true });
  const reference = {
    agent_id: "reference-1",
    endpoint: "http://reference:9106",
    name: "claude_provider",
    capability: "llm",
    status: "available",
    vendor: "anthropic",
  };
  const { agent_id, endpoint, name: function_name } = reference;
  node.apply({
    llm_tools: { [how]: offered },
    llm_providers: {
      [how]: others.length === 0 ? reference : {
        ...reference,
        runtime: "deno",
        agent_id: "own-1",
        endpoint: `http://${others[0]}`,
        alternates: [{ agent_id, endpoint, function_name }],
      },
    },
  });
  const chunks: unknown[] = [];
  try {
    const answer = decodeResult(
      await callTool((input, init) => node.fetch(new Request(input, init)), {
        endpoint: node.endpoint,
        tool: how,
        args: {},
        signal: new AbortController().signal,
        remainingMs: 5_000,
        headers: {},
        onChunk: (chunk) => Promise.resolve(void chunks.push(chunk)),
      }),
    );
    return { answer, chunks, provider };
  } finally {
    await node.shutdown(0);
  }
}

const FIRST = "find at http://shops.internal:9000";
const asked: [name: string, Parameters<typeof asking>, tools: string[], called: string[]][] = [
  ["at once", ["write"], ["claude_provider"], [FIRST]],
  ["streamed", ["tell"], ["claude_provider_stream"], [FIRST]],
  [
    "after one of this runtime that is away, at once",
    ["write", {}, ["own:1"]],
    ["claude_provider"],
    [FIRST],
  ],
  [
    "after one of this runtime that is away, streamed",
    ["tell", {}, ["own:1"]],
    ["claude_provider_stream"],
    [FIRST],
  ],
];
for (const [name, args, tools, called] of asked) {
  Deno.test(`a provider of the reference, ${name}: calls the tools, and no vendor sees where`, async () => {
    const { answer, chunks, provider } = await asking(...args);
    // Whoever takes the chunks does not get them once more as an answer.
    assert.deepEqual([answer, ...chunks], args[0] === "tell" ? ["", "Ra", "in."] : ["Rain."]);
    assert.deepEqual([provider.asked, provider.called], [tools, called]);
    assert.deepEqual(
      provider.sentToVendor,
      ["find", "only_shops", "only_books"].map((name) => ({
        type: "function",
        function: { name, description: name, parameters: { type: "object" } },
      })),
    );
  });
}

for (const how of ["write", "tell"] as const) {
  Deno.test(`a provider of the reference leaves tools to who asks before, in ${how}`, async () => {
    const calls: unknown[] = [];
    const onToolCall: LlmOptions["onToolCall"] = (call) => {
      calls.push(call);
      return calls.length === 1 ? { deny: "not today" } : "allow";
    };
    const { provider } = await asking(how, { onToolCall });
    assert.deepEqual(calls[0], { name: "find", args: {} });
    // Its stream would end without the calls.
    assert.deepEqual(new Set(provider.asked), new Set(["claude_provider"]));
  });
}
