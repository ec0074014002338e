import assert from "node:assert/strict";
import { once } from "node:events";
import { agent } from "../define/agent.ts";
import { Arrivals } from "../base/arrivals.ts";
import { Deadlines } from "../base/deadline.ts";
import { tool } from "../define/tool.ts";
import { Exchange, type Path } from "./exchange.ts";
import { AgentMcp, sdkServer } from "./server.ts";
import { ToolLists } from "./tool_lists.ts";

/** The path of an agent, and the names of what was called. */
function pathOf(deadlines: Deadlines): { path: Path; called: string[] } {
  const called: string[] = [];
  const served = {
    manifest: agent({ name: "subject", tools: { count: tool({}, () => 1) } }).manifest(),
    call: ({ key }: { readonly key: string }) => {
      called.push(key);
      return Promise.resolve({ kind: "value", json: "1" } as const);
    },
    complete: () => Promise.resolve([]),
  };
  const mcp = new AgentMcp(served, { stateKey: new Uint8Array(32) });
  return {
    called,
    path: {
      agent: served,
      rest: sdkServer(mcp),
      mcp,
      deadlines,
      arrivals: new Arrivals(),
      lists: new ToolLists(),
    },
  };
}

const CALL = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "count", arguments: {} },
});

for (const isLate of [false, true]) {
  const does = isLate ? "does not run a call that it has answered with 408" : "runs a call";
  Deno.test(`Exchange ${does}, once all of it has arrived`, async () => {
    using deadlines = new Deadlines();
    const { path, called } = pathOf(deadlines);
    const arriving = new TransformStream<Uint8Array, Uint8Array>();
    const request = new Request("http://localhost/mcp", {
      method: "POST",
      headers: { "content-length": String(CALL.length) },
      body: arriving.readable,
    });
    const arrived = Promise.withResolvers<void>();
    const text = request.text.bind(request);
    // Settles after whoever waits for the text has had it.
    request.text = () => {
      const reading = text();
      void reading.then(() => setTimeout(arrived.resolve, 0));
      return reading;
    };
    const exchange = new Exchange(path, request, "legacy");
    if (isLate) exchange.ring();
    const writer = arriving.writable.getWriter();
    await writer.write(new TextEncoder().encode(CALL));
    await writer.close();
    await arrived.promise;
    const { status, body } = await exchange.answer;
    await body?.cancel();
    assert.equal(status, isLate ? 408 : 200);
    assert.deepEqual(called, isLate ? [] : ["count"]);
    await path.rest.close();
  });
}

const POST = { method: "POST" } as const;
const JSON_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};
const eras = [["a plain request", "legacy"], ["any other request", undefined]] as const;

for (const [name, era] of eras) {
  Deno.test(`Exchange gives up ${name} of unknown length that takes too long`, async () => {
    using deadlines = new Deadlines();
    const { path, called } = pathOf(deadlines);
    const arriving = new TransformStream<Uint8Array, Uint8Array>();
    const request = new Request("http://localhost/mcp", {
      ...POST,
      headers: JSON_HEADERS,
      body: arriving.readable,
    });
    const exchange = new Exchange(path, request, era);
    const writer = arriving.writable.getWriter();
    await writer.write(new TextEncoder().encode(CALL.slice(0, 5)));
    exchange.ring();
    const response = await exchange.answer;
    assert.equal(response.status, 408);
    assert.match((await response.json()).error.message, /did not arrive within 30 s/);
    // Nothing more of it is read.
    await writer.closed.catch(() => {});
    await assert.rejects(writer.write(new Uint8Array(1)));
    assert.deepEqual(called, []);
    await path.rest.close();
  });

  Deno.test(`Exchange refuses ${name} whose body breaks off`, async () => {
    using deadlines = new Deadlines();
    const { path } = pathOf(deadlines);
    for (const headers of [JSON_HEADERS, { ...JSON_HEADERS, "content-length": "100" }]) {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(CALL)),
        pull: (controller) => controller.error(new TypeError("invalid chunk")),
      });
      const request = new Request("http://localhost/mcp", { ...POST, headers, body });
      const response = await new Exchange(path, request, era).answer;
      assert.equal(response.status, 400);
      assert.equal((await response.json()).error.code, -32700);
    }
    await path.rest.close();
  });

  Deno.test(`Exchange refuses ${name} of unknown length that is too large`, async () => {
    using deadlines = new Deadlines();
    const { path } = pathOf(deadlines);
    const body = ReadableStream.from(Array(5).fill(new Uint8Array(1024 * 1024)));
    const request = new Request("http://localhost/mcp", { ...POST, headers: JSON_HEADERS, body });
    const response = await new Exchange(path, request, era).answer;
    assert.equal(response.status, 413);
    assert.match((await response.json()).error.message, /must not exceed 4194304 bytes/);
    await path.rest.close();
  });
}

const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const deep: [where: string, text: (nested: string) => string, id: unknown][] = [
  ["an argument", (nested) => CALL.replace('"arguments":{}', `"arguments":{"a":${nested}}`), 1],
  ["_meta", (nested) => CALL.replace('"arguments":{}', `"_meta":{"a":${nested}}`), 1],
  ["the id", (nested) => CALL.replace('"id":1', `"id":${nested}`), null],
  ["a batch", (nested) => `[${CALL},${nested}]`, null],
  ["a message cut off", (nested) => CALL.replace("{}}}", `{"a":${nested}`), null],
];
for (const [where, text, id] of deep) {
  for (const [name, era] of eras) {
    for (const depth of [201, 5_000, 100_000]) {
      Deno.test(`Exchange refuses ${name} with ${depth} levels in ${where}`, async () => {
        using deadlines = new Deadlines();
        const { path, called } = pathOf(deadlines);
        const body = text(lists(depth));
        const request = new Request("http://localhost/mcp", {
          ...POST,
          headers: JSON_HEADERS,
          body,
        });
        const response = await new Exchange(path, request, era).answer;
        assert.equal(response.status, 400);
        const { error, ...message } = await response.json();
        assert.deepEqual(message, { jsonrpc: "2.0", id });
        assert.equal(error.code, -32600);
        assert.partialDeepStrictEqual(error.data["mesh/error"], {
          code: "bad_input",
          message: "the request cannot be read: it is nested deeper than 200 levels",
          nothingRan: true,
        });
        assert.deepEqual(called, []);
        await path.rest.close();
      });
    }
  }
}

Deno.test("Exchange takes any depth within a text", async () => {
  using deadlines = new Deadlines();
  const { path, called } = pathOf(deadlines);
  const text = JSON.stringify(lists(100_000));
  const body = CALL.replace('"arguments":{}', `"arguments":{"a":${text}}`);
  for (const [, era] of eras) {
    const request = new Request("http://localhost/mcp", { ...POST, headers: JSON_HEADERS, body });
    const response = await new Exchange(path, request, era).answer;
    assert.equal(response.status, 200);
    await response.body?.cancel();
  }
  assert.deepEqual(called, ["count", "count"]);
  await path.rest.close();
});

for (const [streams, does] of [[true, "stream"], [false, "whole answer"]] as const) {
  Deno.test(`Exchange: a ${does} says so when what is asked cannot be signed`, async () => {
    using deadlines = new Deadlines();
    const { path } = pathOf(deadlines);
    const call = async (inbound: Exchange) => {
      if (streams) await inbound.emit("one");
      return { kind: "questions", requests: {}, state: 1n } as const;
    };
    const body = JSON.stringify({
      ...JSON.parse(CALL),
      params: { name: "count", arguments: {}, _meta: { progressToken: "t" } },
    });
    const { agent } = path;
    const asking = {
      ...path,
      agent: { ...agent, manifest: agent.manifest, call } as typeof agent,
    };
    const request = new Request("http://localhost/mcp", { method: "POST", body });
    const answer = await new Exchange(asking, request, "legacy").answer;
    const [last = ""] = (await answer.text()).match(/^data: .*"result".*$/m) ?? [];
    const { id, result } = JSON.parse(last.slice("data: ".length));
    assert.equal(id, 1);
    assert.equal(result.isError, true);
    assert.equal(result._meta["mesh/error"].code, "bad_output");
    assert.match(result.content[0].text, /has no JSON form: .*BigInt/);
    await path.rest.close();
  });
}

Deno.test("Exchange: a signal asked for before a stream begins fires when its reader leaves", async () => {
  using deadlines = new Deadlines();
  const { path } = pathOf(deadlines);
  const left = Promise.withResolvers<void>();
  const call = async (inbound: Exchange) => {
    const gone = once(inbound.signal, "abort");
    await inbound.emit("one");
    await gone;
    left.resolve();
    return { kind: "value", json: "1" } as const;
  };
  const body = JSON.stringify({
    ...JSON.parse(CALL),
    params: { name: "count", arguments: {}, _meta: { progressToken: "t" } },
  });
  const request = new Request("http://localhost/mcp", { method: "POST", body });
  const { agent } = path;
  const streaming = {
    ...path,
    agent: { ...agent, manifest: agent.manifest, call } as typeof agent,
  };
  const response = await new Exchange(streaming, request, "legacy").answer;
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await left.promise;
});
