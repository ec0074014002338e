/** What a dependency call sends, and what it tries again. */
import assert from "node:assert/strict";
import * as z from "zod";
import { type Agent, agent } from "../define/agent.ts";
import { agentConfig } from "./config.ts";
import type { CallOptions, DependencyClient } from "../define/dependency.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import { MeshNode } from "./node.ts";
import { prompt } from "../define/prompt.ts";
import { resource } from "../define/resource.ts";
import { testMesh } from "../testing/mesh.ts";
import { tool } from "../define/tool.ts";

type Answer = () => Response | Promise<Response>;

const ok: Answer = () =>
  Response.json({ jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text: "ok" }] } });
const refused: Answer = () => {
  throw new TypeError("fetch failed", { cause: new Error("client error (Connect): refused") });
};
const lost: Answer = () => {
  throw new TypeError("fetch failed", { cause: new Error("connection closed") });
};
const busy: Answer = () =>
  new Response("busy", { status: 503, headers: { "retry-after": "0.01" } });
const broken: Answer = () =>
  Response.json({
    jsonrpc: "2.0",
    id: 1,
    result: { isError: true, content: [{ type: "text", text: "no" }] },
  });

const overloaded = (nothingRan: boolean): Answer => () => {
  const failure = { code: "overloaded", message: "busy", nothingRan };
  const result = { isError: true, content: [], _meta: { "mesh/error": failure } };
  return Response.json({ jsonrpc: "2.0", id: 1, result });
};

interface Exchange {
  /** The host that it was sent to. */
  readonly host: string;
  readonly headers: Headers;
  readonly params: { name: string; arguments: Record<string, unknown>; _meta?: unknown };
}

interface Setup {
  readonly answers: readonly Answer[];
  readonly options?: CallOptions;
  readonly provider?: { readonly runtime?: string; readonly kwargs?: Record<string, unknown> };
  /** Whether there is a second replica, at the host `other`. */
  readonly isReplicated?: boolean;
  readonly env?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly args?: Record<string, unknown>;
}

/** What the call came to, and what was sent for it. */
async function call(setup: Setup): Promise<{ value: Promise<unknown>; sent: Exchange[] }> {
  const { answers, options, provider = { runtime: "deno" }, env, headers = {}, args = {} } = setup;
  const caller: Agent = agent({
    name: "caller",
    tools: {
      call: tool({
        input: z.looseObject({}),
        dependencies: { peer: { capability: "c", required: true } },
      }, (input, { peer }) => peer({ ...input, n: 1 }, options)),
    },
  });
  const sent: Exchange[] = [];
  const node = new MeshNode({
    host: hostInThread(caller),
    config: agentConfig({ MCP_MESH_AGENT_ID: "caller-1", ...env }, caller.manifest()),
    log: () => {},
    fetch: async (input, init) => {
      const answer = answers[sent.length] ?? ok;
      sent.push({
        host: new URL(String(input)).hostname,
        headers: new Headers(init?.headers),
        params: JSON.parse(String(init?.body)).params,
      });
      return await answer();
    },
  });
  await node.join(1, { standalone: true });
  const entry = { agent_id: "peer-1", function_name: "f", endpoint: "http://peer:1" };
  const other = { ...entry, agent_id: "peer-2", endpoint: "http://other:1", ...provider };
  node.apply({
    dependencies_resolved: {
      call: [{
        ...entry,
        capability: "c",
        status: "available",
        ...provider,
        ...(setup.isReplicated ? { alternates: [other] } : {}),
      }],
    },
  });
  const value = callTool((input, init) => node.fetch(new Request(input, init)), {
    endpoint: node.endpoint,
    tool: "call",
    args,
    signal: new AbortController().signal,
    remainingMs: 5_000,
    headers,
  }).then(decodeResult).finally(() => node.shutdown(0));
  await Promise.allSettled([value]);
  return { value, sent };
}

const idempotent = { runtime: "deno", kwargs: { idempotent: true } };
const key = { idempotencyKey: "k" };

const retries: [name: string, setup: Setup, attempts: number, outcome: string][] = [
  ["a refused connection", { answers: [refused, refused, ok] }, 3, "ok"],
  ["a refusal under load, when it asks to be", { answers: [busy, ok] }, 2, "ok"],
  ["no more than twice", { answers: [refused, refused, refused, ok] }, 3, "tool_failed"],
  ["nothing that may have run", { answers: [lost, ok] }, 1, "tool_failed"],
  [
    "what may have run, of an idempotent tool",
    { answers: [lost, ok], provider: idempotent },
    2,
    "ok",
  ],
  ["what may have run, under a key", { answers: [lost, ok], options: key }, 2, "ok"],
  [
    "nothing that may have run, under a key that the provider does not know",
    { answers: [lost, ok], options: key, provider: {} },
    1,
    "tool_failed",
  ],
  [
    "no failure of the tool itself",
    { answers: [broken, ok], provider: idempotent },
    1,
    "tool_failed",
  ],
  [
    "a refusal at the door that comes as a result",
    { answers: [overloaded(true), ok] },
    2,
    "ok",
  ],
  [
    "nothing that the tool itself calls a refusal, for it had begun",
    { answers: [overloaded(false), ok], provider: idempotent },
    1,
    "tool_failed",
  ],
];
for (const [name, setup, attempts, outcome] of retries) {
  Deno.test(`a call sends again: ${name}`, async () => {
    const { value, sent } = await call(setup);
    assert.equal(sent.length, attempts);
    if (outcome === "ok") assert.equal(await value, "ok");
    else await assert.rejects(value, { code: outcome });
  });
}

Deno.test("what may have run under a key is sent again to the same replica, and says how old it is", async () => {
  const { value, sent } = await call({ answers: [lost, ok], options: key, isReplicated: true });
  assert.equal(await value, "ok");
  const [first, second] = sent;
  assert.equal(sent.length, 2);
  assert.equal(first?.host, second?.host);
  assert.equal(first?.headers.get("x-mesh-resent"), null);
  assert.match(second?.headers.get("x-mesh-resent") ?? "", /^[1-9]\d*$/);
});

Deno.test("what may have run under a key goes nowhere else when its replica is gone", async () => {
  const { value, sent } = await call({
    answers: [lost, refused, refused, ok],
    options: key,
    isReplicated: true,
  });
  await assert.rejects(value, /lost before it answered; the call may have run/);
  assert.equal(new Set(sent.map(({ host }) => host)).size, 1);
});

Deno.test("what may have run stays so when the next replica refuses it", async () => {
  const answers = [lost, refused, refused, refused, refused];
  const { value } = await call({ answers, provider: idempotent, isReplicated: true });
  await assert.rejects(value, /lost before it answered; the call may have run/);
});

Deno.test("a call does not wait longer for another attempt than it has", async () => {
  const later: Answer = () => new Response("", { status: 503, headers: { "retry-after": "60" } });
  const { value, sent } = await call({ answers: [later], options: { timeoutMs: 1_000 } });
  await assert.rejects(value, /answered 503/);
  assert.equal(sent.length, 1);
});

const headers = {
  "x-tenant": "acme",
  "x-secret": "s",
  traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
  tracestate: "vendor=1",
};
const env = { MCP_MESH_PROPAGATE_HEADERS: "x-tenant, x-shop-*" };

Deno.test("an agent of ours gets headers as headers, and nothing among the arguments", async () => {
  const { sent: [sent] } = await call({
    answers: [],
    env,
    headers,
    options: { headers: { "x-shop-id": "7", "x-own": "1" }, ...key },
  });
  assert.deepEqual(sent?.params.arguments, { n: 1 });
  assert.equal(sent?.headers.get("x-tenant"), "acme");
  assert.equal(sent?.headers.get("x-shop-id"), "7");
  assert.equal(sent?.headers.get("x-own"), "1");
  assert.equal(sent?.headers.get("x-secret"), null);
  assert.equal(sent?.headers.get("idempotency-key"), "k");
  assert.match(sent?.headers.get("traceparent") ?? "", /^00-a{32}-/);
  assert.equal(sent?.headers.get("tracestate"), "vendor=1");
});

Deno.test("an agent of the reference gets them among the arguments as well", async () => {
  const { sent: [sent] } = await call({
    answers: [],
    env,
    headers,
    provider: {},
    options: { headers: { "X-Shop-Id": "7", "x-own": "1" } },
  });
  const { _trace_id, _parent_span, ...rest } = sent?.params.arguments ?? {};
  assert.deepEqual(rest, { n: 1, _mesh_headers: { "x-tenant": "acme", "x-shop-id": "7" } });
  assert.equal(_trace_id, "a".repeat(32));
  assert.match(String(_parent_span), /^[0-9a-f]{16}$/);
});

Deno.test("a call without headers and trace adds no arguments for anybody", async () => {
  const { sent: [sent] } = await call({ answers: [], provider: {} });
  assert.deepEqual(sent?.params.arguments, { n: 1 });
});

Deno.test("what the reference's agents put among the arguments is read, and never reaches a tool", async () => {
  const { value, sent: [sent] } = await call({
    answers: [],
    env,
    args: {
      _trace_id: "c".repeat(32),
      _parent_span: "d".repeat(16),
      _mesh_headers: { "X-Tenant": "inside", "x-secret": "s", "x-shop-id": 7 },
    },
  });
  assert.equal(await value, "ok");
  assert.deepEqual(sent?.params.arguments, { n: 1 });
  assert.equal(sent?.headers.get("x-tenant"), "inside");
  assert.equal(sent?.headers.get("x-secret"), null);
  assert.equal(sent?.headers.get("x-trace-id"), "c".repeat(32));
});

Deno.test("a keyed call that comes again runs once, and the first caller's leaving does not end it", async () => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let runs = 0;
  await using mesh = testMesh();
  await mesh.join(agent({
    name: "counter",
    tools: {
      count: tool({}, async (_, { signal }) => {
        runs += 1;
        started.resolve();
        await release.promise;
        return [runs, signal.aborted];
      }),
    },
  }));
  const headers = { "idempotency-key": "once" };
  const abort = new AbortController();
  const first = mesh.call("count", {}, { headers, signal: abort.signal });
  await started.promise;
  abort.abort(new Error("left"));
  await assert.rejects(first, /left/);
  const second = mesh.call("count", {}, { headers });
  release.resolve();
  assert.deepEqual(await second, [1, false]);
  assert.deepEqual(await mesh.call("count", {}, { headers }), [1, false]);
  assert.deepEqual(await mesh.call("count"), [2, false]);
});

Deno.test("a key gives nobody an answer to other arguments, or to somebody else's call", async () => {
  await using mesh = testMesh();
  await mesh.join(agent({
    name: "greeter",
    tools: { greet: tool({ input: z.object({ name: z.string() }) }, ({ name }) => `hi ${name}`) },
  }));
  const greet = (name: string, headers: Record<string, string> = {}, more = {}) =>
    mesh.call("greet", { name, ...more }, { headers: { "idempotency-key": "k", ...headers } });
  assert.equal(await greet("alice"), "hi alice");
  await assert.rejects(greet("mallory"), { code: "bad_input", message: /other arguments/ });
  assert.equal(await greet("mallory", { authorization: "Bearer m" }), "hi mallory");
  await assert.rejects(greet("alice", { authorization: "Bearer m" }), { code: "bad_input" });
  // The reference's agents put another trace among the arguments each time.
  assert.equal(await greet("alice", {}, { _trace_id: "a".repeat(32) }), "hi alice");
});

/** Asks everything there is to ask of the agent a dependency leads to. */
const inspect = async (library: DependencyClient) => ({
  tools: (await library.listTools()).map(({ name }) => name),
  prompts: (await library.listPrompts()).map(({ name }) => name),
  resources: (await library.listResources()).map(({ uri, uriTemplate }) => uri ?? uriTemplate),
  prompt: (await library.getPrompt("greet", { name: "Ada" })).messages.map(({ content }) =>
    content.text
  ),
  resource: await library.readResource("item://7"),
  missing: await library.readResource("nothing://").catch((error) => error.code),
  sibling: await library.callTool("sibling"),
});
const inspected = {
  prompts: ["greet"],
  resources: ["item://all", "item://{id}"],
  prompt: ["Hello, Ada"],
  resource: [{ uri: "item://7", mimeType: "application/json", text: '{"id":"7"}' }],
  missing: "not_found",
  sibling: "here",
};
const offers = {
  prompts: {
    greet: prompt({ args: z.object({ name: z.string() }) }, ({ name }) => `Hello, ${name}`),
  },
  resources: {
    all: resource({ uri: "item://all" }, () => "all"),
    item: resource({ uri: "item://{id}" }, ({ id }) => ({ id })),
  },
};
const inspector = tool(
  { dependencies: { library: { capability: "library", required: true } } },
  (_, { library }) => inspect(library),
);

Deno.test("a dependency shows what else its agent has", async () => {
  await using mesh = testMesh();
  await mesh.join(agent({
    name: "library",
    tools: { library: tool({}, () => "library"), sibling: tool({}, () => "here") },
    ...offers,
  }));
  await mesh.join(agent({ name: "reader", tools: { inspect: inspector } }));
  assert.deepEqual(await mesh.call("inspect"), { ...inspected, tools: ["library", "sibling"] });
});

Deno.test("so does a dependency of an agent on itself", async () => {
  await using mesh = testMesh();
  await mesh.join(agent({
    name: "library",
    tools: {
      library: tool({}, () => "library"),
      sibling: tool({}, () => "here"),
      inspect: inspector,
    },
    ...offers,
  }));
  assert.deepEqual(await mesh.call("inspect"), {
    ...inspected,
    tools: ["library", "sibling", "inspect"],
  });
});
