import assert from "node:assert/strict";
import * as z from "zod";
import { type Agent, agent } from "../define/agent.ts";
import { agentConfig } from "./config.ts";
import { MeshError } from "../base/errors.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { callTool, type ToolCall } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import { registrationOf } from "./membership.ts";
import { MeshNode } from "./node.ts";
import { tool } from "../define/tool.ts";

interface TestNode extends AsyncDisposable {
  readonly node: MeshNode;
  readonly lines: string[];
  /** Requests that left the node. */
  readonly sent: Request[];
  call(tool: string, call?: Partial<ToolCall>): Promise<unknown>;
  get(path: string, init?: RequestInit): Promise<Response>;
}

interface TestNodeOptions {
  readonly env?: Record<string, string>;
  /** Answers what leaves the node. */
  readonly peer?: (request: Request) => Response | Promise<Response>;
}

async function joined(agent: Agent, options: TestNodeOptions = {}): Promise<TestNode> {
  const self = testNode(agent, options);
  await self.node.join(1234, { standalone: true });
  return self;
}

/** A node that has not joined. */
function testNode(agent: Agent, options: TestNodeOptions = {}): TestNode {
  const lines: string[] = [];
  const sent: Request[] = [];
  const node = new MeshNode({
    host: hostInThread(agent),
    config: agentConfig({ MCP_MESH_AGENT_ID: "self-1", ...options.env }, agent.manifest()),
    log: (level, message) => lines.push(`${level} ${message}`),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      sent.push(request.clone());
      return await options.peer?.(request) ?? Response.error();
    },
  });
  return {
    node,
    lines,
    sent,
    call: async (tool, call = {}) =>
      decodeResult(
        await callTool((input, init) => node.fetch(new Request(input, init)), {
          endpoint: node.endpoint,
          tool,
          args: {},
          signal: new AbortController().signal,
          remainingMs: 5_000,
          headers: {},
          ...call,
        }),
      ),
    get: (path, init) => node.fetch(new Request(`${node.endpoint}${path}`, init)),
    [Symbol.asyncDispose]: () => node.shutdown(0),
  };
}

/** A heartbeat answer that wires the first dependency of `consumer`. */
function wiring(agentId: string, endpoint = "http://peer:1", functionName = "provide") {
  return {
    dependencies_resolved: {
      consumer: [{
        agent_id: agentId,
        function_name: functionName,
        endpoint,
        capability: "c",
        status: agentId === "" ? "unresolved" : "available",
      }],
    },
  };
}

function consumer(required: boolean, timeoutMs?: number): Agent {
  return agent({
    name: "self",
    tools: {
      consumer: tool({
        dependencies: {
          c: { capability: "c", required, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
        },
      }, async (_, { c }) => c === undefined ? "without" : await c({ n: 1 })),
      provide: tool({ input: z.looseObject({}) }, (input) => ({ provided: input })),
    },
  });
}

const answer = (value: string) =>
  Response.json({ jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text: value }] } });

Deno.test("a call waits for a required dependency and is woken when it is wired", async () => {
  await using self = await joined(consumer(true), { peer: () => answer("wired") });
  const called = self.call("consumer");
  self.node.apply(wiring("", ""));
  self.node.apply(wiring("peer-1"));
  assert.equal(await called, "wired");
});

Deno.test("a call that comes while the agent still opens what it holds waits as well", async () => {
  const held = Promise.withResolvers<AsyncDisposable>();
  const opening = agent({
    name: "self",
    lifespan: () => held.promise,
    tools: {
      consumer: tool({
        dependencies: { c: { capability: "c", required: true } },
      }, async (_, { c }) => await c({})),
      plain: tool({}, () => "plain"),
    },
  });
  await using self = testNode(opening, { peer: () => answer("wired") });
  const joining = self.node.join(1234, { standalone: true });
  const called = self.call("consumer");
  // Has come as far as the first by then.
  assert.equal(await self.call("plain"), "plain");
  held.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });
  await joining;
  self.node.apply(wiring("peer-1"));
  assert.equal(await called, "wired");
});

Deno.test("a call waits for a dependency that is declared while the agent runs", async () => {
  const providing = (capability: string) =>
    tool({
      dependencies: { provider: { capability, required: true } },
    }, async (_, { provider }) => `got ${await provider({})}`);
  const self = agent({ name: "self", tools: { consumer: providing("c") } });
  await using mesh = await joined(self, { peer: () => answer("x") });
  mesh.node.apply(wiring("provider-1"));
  assert.equal(await mesh.call("consumer"), "got x");
  self.tools.remove("consumer");
  self.tools.add("consumer", providing("other"));
  const waiting = mesh.call("consumer");
  assert.deepEqual(mesh.node.unresolved.map(({ capability }) => capability), ["other"]);
  mesh.node.apply(wiring("provider-2"));
  assert.equal(await waiting, "got x");
});

Deno.test("a required dependency that stays away fails the call after the settle window", async () => {
  await using self = await joined(consumer(true), { env: { MCP_MESH_SETTLE_TIMEOUT: "0.05" } });
  const failure = { code: "dependency_unavailable", details: { capability: "c", dependency: "c" } };
  await assert.rejects(self.call("consumer"), failure);
  self.node.apply(wiring("", ""));
  await assert.rejects(self.call("consumer"), failure, "at once from then on");
});

Deno.test("a call waits for an optional dependency only until the registry answered", async () => {
  await using self = await joined(consumer(false));
  const called = self.call("consumer");
  self.node.apply(wiring("", ""));
  assert.equal(await called, "without");
});

Deno.test("wiring changes take effect with the next call", async () => {
  await using self = await joined(consumer(false), {
    peer: (request) => answer(new URL(request.url).host),
  });
  self.node.apply(wiring("a-1", "http://a:1"));
  assert.equal(await self.call("consumer"), "a:1");
  self.node.apply(wiring("b-1", "http://b:2"));
  assert.equal(await self.call("consumer"), "b:2");
  self.node.apply(wiring("", ""));
  assert.equal(await self.call("consumer"), "without");
  assert.deepEqual(self.node.unresolved, [
    { tool: "consumer", dependency: "c", capability: "c", required: false },
  ]);
});

Deno.test("a dependency on the agent itself does not touch the network", async () => {
  await using self = await joined(consumer(true));
  self.node.apply(wiring("self-1", self.node.endpoint));
  assert.deepEqual(await self.call("consumer"), { provided: { n: 1 } });
  assert.deepEqual(self.sent, []);
});

Deno.test("a deadline only shrinks on its way", async () => {
  await using self = await joined(consumer(true), { peer: () => answer("ok") });
  self.node.apply(wiring("peer-1"));
  await self.call("consumer", { remainingMs: 7_000 });
  await self.call("consumer", { remainingMs: 1e6 });
  assert.equal(self.sent[0]?.headers.get("x-mesh-timeout"), "7");
  assert.equal(self.sent[1]?.headers.get("x-mesh-timeout"), "300", "the configured longest");
});

Deno.test("a dependency that does not answer in time is a timeout that says how long", async () => {
  await using self = await joined(consumer(true, 20), {
    peer: (request) =>
      new Promise((_, reject) =>
        request.signal.addEventListener("abort", () => reject(request.signal.reason))
      ),
  });
  self.node.apply(wiring("peer-1"));
  await assert.rejects(self.call("consumer"), {
    code: "timeout",
    message: "c: no answer within 0.02 s",
  });
});

Deno.test("a handler that ignores its signal does not hold its caller past the deadline", async () => {
  const stuck = Promise.withResolvers<void>();
  const self = await joined(
    agent({ name: "self", tools: { stuck: tool({}, () => stuck.promise) } }),
  );
  await assert.rejects(self.call("stuck", { remainingMs: 900 }), {
    code: "timeout",
    message: "no answer within 1 s",
  });
  stuck.resolve();
  await self.node.shutdown(0);
});

Deno.test("a caller that goes away fires the handler's signal, and the next hop's", async () => {
  const reached = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  await using self = await joined(consumer(true), {
    peer: (request) => {
      reached.resolve();
      return new Promise((_, reject) =>
        request.signal.addEventListener("abort", () => {
          aborted.resolve();
          reject(request.signal.reason);
        })
      );
    },
  });
  self.node.apply(wiring("peer-1"));
  const abort = new AbortController();
  const called = self.call("consumer", { signal: abort.signal });
  await reached.promise;
  abort.abort(new MeshError("cancelled", "never mind"));
  await assert.rejects(called, { code: "cancelled", message: "never mind" });
  await aborted.promise;
});

Deno.test("only allow-listed headers and the trace travel on", async () => {
  await using self = await joined(consumer(true), {
    env: {
      MCP_MESH_PROPAGATE_HEADERS: "X-Tenant, x-acme-*, *",
      MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "false",
    },
    peer: () => answer("ok"),
  });
  self.node.apply(wiring("peer-1"));
  await self.call("consumer", {
    headers: {
      "x-tenant": "t",
      "x-acme-a": "1",
      authorization: "Bearer secret",
      "x-trace-id": "0af7651916cd43dd8448eb211c80319c",
      "x-parent-span": "b7ad6b7169203331",
    },
  });
  const headers = self.sent[0]?.headers;
  assert.equal(headers?.get("x-tenant"), "t");
  assert.equal(headers?.get("x-acme-a"), "1");
  assert.equal(headers?.get("authorization"), null);
  assert.equal(
    headers?.get("traceparent"),
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  );
  assert.equal(headers?.get("x-trace-id"), "0af7651916cd43dd8448eb211c80319c");
});

Deno.test("the reference's in-argument headers never reach a tool", async () => {
  await using self = await joined(consumer(false));
  const args = { x: 1, _trace_id: "a", _parent_span: "b", _mesh_headers: {} };
  assert.deepEqual(await self.call("provide", { args }), { provided: { x: 1 } });
});

Deno.test("shutdown lets calls in flight finish and refuses new ones", async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<string>();
  const self = await joined(agent({
    name: "self",
    tools: {
      slow: tool({}, () => {
        begun.resolve();
        return finish.promise;
      }),
    },
  }));
  const inFlight = self.call("slow");
  await begun.promise;
  const stopped = self.node.shutdown(60_000);
  await assert.rejects(self.call("slow"), { code: "overloaded" });
  assert.equal((await self.get("/ready")).status, 503);
  finish.resolve("finished");
  assert.equal(await inFlight, "finished");
  await stopped;
  assert.equal(self.node.state, "stopped");
});

Deno.test("calls beyond the most at a time are refused before they run", async () => {
  const finish = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  let runs = 0;
  await using self = await joined(
    agent({
      name: "self",
      tools: {
        slow: tool({}, () => {
          if (++runs === 2) begun.resolve();
          return finish.promise;
        }),
      },
    }),
    { env: { MCP_MESH_MAX_CONCURRENCY: "2" } },
  );
  const inFlight = [self.call("slow"), self.call("slow")];
  await begun.promise;
  await assert.rejects(self.call("slow"), {
    code: "overloaded",
    message: /answered 503: .*agent \\"self\\" has 2 calls under way/,
  });
  assert.equal((await self.get("/mcp", { method: "POST" })).headers.get("retry-after"), "1");
  assert.equal(runs, 2);
  finish.resolve();
  await Promise.all(inFlight);
  assert.equal(await self.call("slow"), null);
});

Deno.test("calls of one request beyond the most at a time are refused before they run", async () => {
  const finish = Promise.withResolvers<void>();
  let runs = 0;
  await using self = await joined(
    agent({
      name: "self",
      tools: {
        slow: tool({}, () => {
          if (++runs === 2) finish.resolve();
          return finish.promise;
        }),
      },
    }),
    { env: { MCP_MESH_MAX_CONCURRENCY: "2" } },
  );
  const call = (id: number) => ({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: "slow" },
  });
  const response = await self.get("/mcp", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify(Array.from({ length: 50 }, (_, id) => call(id))),
  });
  const answers = (await response.text()).matchAll(/^data: (.*)$/gm);
  const codes = Array.from(answers, ([, data = ""]) => {
    const { result } = JSON.parse(data);
    return result._meta["mesh/error"]?.code;
  });
  assert.equal(codes.filter((code) => code === "overloaded").length, 48);
  assert.equal(codes.length, 50);
  assert.equal(runs, 2);
});

Deno.test("shutdown gives up calls that do not finish in time", async () => {
  const stuck = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const self = await joined(agent({
    name: "self",
    tools: {
      stuck: tool({}, (_, { signal }) => {
        signal.addEventListener("abort", () => stuck.resolve());
        begun.resolve();
        return stuck.promise;
      }),
    },
  }));
  const inFlight = assert.rejects(self.call("stuck"), {
    code: "interrupted",
    nothingRan: false,
    message: /^agent "self" stopped; it waited 0(\.\d)? s for this call: it may have run$/,
  });
  await begun.promise;
  await self.node.shutdown(1);
  await inFlight;
});

const probes: [path: string, status: number, body: Record<string, unknown>][] = [
  ["/livez", 200, { alive: true, agent: "self" }],
  ["/ready", 200, { ready: true, runtime: "up", mcp_wrappers: 2 }],
  ["/health", 200, { status: "healthy", checks: {}, errors: [] }],
  ["/startupz", 200, { started: true }],
  ["/nowhere", 404, { error: "no such path: /nowhere" }],
];
for (const [path, status, expected] of probes) {
  Deno.test(`GET and HEAD ${path} answer ${status}`, async () => {
    await using self = await joined(consumer(false));
    const response = await self.get(path);
    assert.equal(response.status, status);
    const body = await response.json();
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(body[key], value);
    assert.ok(!Number.isNaN(Date.parse(body.timestamp)));
    if (status === 404) return;
    const head = await self.get(path, { method: "HEAD" });
    assert.equal(head.status, status);
    assert.equal(await head.text(), "");
  });
}

Deno.test("a wrong method on a known path is 405 with Allow", async () => {
  await using self = await joined(consumer(false));
  const response = await self.get("/livez", { method: "PUT" });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("allow"), "GET, HEAD");
  await response.body?.cancel();
});

Deno.test("/health and /startupz follow the agent's checks", async () => {
  await using self = await joined(agent({
    name: "self",
    tools: {},
    healthCheck: () => ({ status: "unhealthy", checks: { key: false }, errors: ["no key"] }),
    startupCheck: () => {
      throw new Error("not configured");
    },
  }));
  const health = await self.get("/health");
  assert.equal(health.status, 503);
  const { status, checks, errors } = await health.json();
  assert.deepEqual({ status, checks, errors }, {
    status: "unhealthy",
    checks: { key: false },
    errors: ["no key"],
  });
  const startup = await self.get("/startupz");
  assert.equal(startup.status, 503);
  assert.equal((await startup.json()).reason, "not configured");
  assert.deepEqual(self.lines.filter((line) => line.startsWith("warn")), [
    "warn health is unhealthy: no key",
  ]);
  const reported = { status: "unhealthy" as const, errors: ["no key"] };
  assert.deepEqual(registrationOf(self.node, "deno").health, reported);
  assert.equal(registrationOf(self.node, "typescript").health, undefined, "nobody else reads it");
});

Deno.test("an agent that is well says nothing of its health", async () => {
  await using self = await joined(agent({ name: "self", tools: {}, healthCheck: () => true }));
  assert.ok(!("health" in registrationOf(self.node, "deno")));
});

Deno.test("a lifespan has the health check asked at once, and the latest verdict counts", async () => {
  const verdicts = [true, false, true].map((isWell) => ({ isWell, given: Promise.resolve() }));
  const slow = Promise.withResolvers<void>();
  verdicts[1]!.given = slow.promise;
  let checkHealth = () => {};
  let look = 0;
  await using self = await joined(agent({
    name: "self",
    tools: {},
    healthCheck: async () => {
      const { isWell, given } = verdicts[look++]!;
      await given;
      return isWell;
    },
    lifespan: (context) => {
      checkHealth = context.checkHealth;
      return { [Symbol.asyncDispose]: () => Promise.resolve() };
    },
  }));
  const changes: string[] = [];
  const latest = Promise.withResolvers<void>();
  self.node.onChange(() => {
    changes.push(self.node.health.status);
    latest.resolve();
  });
  checkHealth();
  checkHealth();
  await latest.promise;
  slow.resolve();
  await slow.promise;
  assert.deepEqual([look, changes], [3, ["healthy"]]);
});

Deno.test("an agent whose lifespan does not open does not join", async () => {
  const refusing = agent({
    name: "self",
    tools: {},
    lifespan: () => {
      throw new Error("the database is locked");
    },
  });
  await assert.rejects(joined(refusing), { code: "bad_definition", message: /database is locked/ });
});

const guarded: [name: string, headers: Record<string, string>, status: number][] = [
  ["its own address", { host: "127.0.0.1:1234" }, 200],
  ["localhost", { host: "localhost:1234", origin: "http://localhost:3000" }, 200],
  ["a name rebound to this machine", { host: "evil.example:1234" }, 403],
  ["a page of another origin", { host: "localhost:1234", origin: "https://evil.example" }, 403],
];
for (const [name, headers, status] of guarded) {
  Deno.test(`/mcp addressed as ${name} answers ${status}`, async () => {
    await using self = await joined(consumer(false));
    const response = await self.get("/mcp", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
    assert.equal(response.status, status);
    await response.body?.cancel();
  });
}

Deno.test("/mcp refuses a body over 4 MiB", async () => {
  await using self = await joined(consumer(false));
  const response = await self.get("/mcp", {
    method: "POST",
    headers: {
      host: "localhost",
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ padding: "x".repeat(4 * 1024 * 1024) }),
  });
  assert.equal(response.status, 413);
  await response.body?.cancel();
});

Deno.test("a page that had its name point at this machine gets nothing", async () => {
  await using self = await joined(consumer(false));
  for (const path of ["/mcp", "/health"]) {
    const response = await self.node.fetch(new Request(`http://evil.example.com${path}`));
    assert.equal(response.status, 403);
    assert.match(
      (await response.json()).error,
      /Host "evil\.example\.com" .*MCP_MESH_ALLOWED_HOSTS/,
    );
  }
});
