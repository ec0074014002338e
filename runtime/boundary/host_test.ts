/** One suite over both hosts: nothing but isolation may tell them apart. */
import assert from "node:assert/strict";
import { bareEnvironment } from "../suites/call_fixture.ts";
import type { MeshError } from "../base/errors.ts";
import { decodeResult, outcomeToResult } from "./result.ts";
import { CHUNK_WINDOW } from "../base/chunk_window.ts";
import type { CallEnvironment, DependencyPort, Host, PortCallOptions } from "./host.ts";
import type { LogLevel } from "../base/log.ts";
import { hostTest, isolated } from "../suites/hosts_fixture.ts";
import { hostInThread } from "../in_thread/in_thread.ts";

const url = new URL("../suites/testdata/suite_agent.ts", import.meta.url).href;

type LogLine = [level: LogLevel, message: string, fields?: Record<string, unknown> | undefined];

const hosts: Record<string, (log: LogLine[]) => Promise<Host>> = {
  "in thread": async () => {
    // A fresh copy of the module each time, as each sandbox gets.
    const module = await import(`${url}?${crypto.randomUUID()}`);
    return hostInThread(module.default);
  },
  ...isolated((host) => (log) =>
    host({
      url,
      permissions: { env: ["MESH_SUITE_ALLOWED"] },
      log: (...line) => log.push(line),
    })
  ),
};

interface Seen {
  readonly chunks: unknown[];
  readonly progress: unknown[];
  readonly log: LogLine[];
}

function environment(
  overrides: Partial<CallEnvironment> = {},
): CallEnvironment & { readonly seen: Seen } {
  const seen: Seen = { chunks: [], progress: [], log: [] };
  return {
    ...bareEnvironment(),
    emit: (chunk) => {
      seen.chunks.push(chunk);
      return Promise.resolve();
    },
    progress: (...report) => seen.progress.push(report),
    log: (...line) => seen.log.push(line),
    seen,
    ...overrides,
  };
}

function port(call: DependencyPort["call"]): ReadonlyMap<string, DependencyPort> {
  const target = { agentId: "other-1", tool: "double", endpoint: "http://other" };
  return new Map([["other", { target, call }]]);
}

async function value(host: Host, tool: string, args?: unknown, env = environment()) {
  return decodeResult(outcomeToResult(await host.invoke(tool, args, env)));
}

for (const [kind, open] of Object.entries(hosts)) {
  const test = (name: string, run: (host: Host, log: LogLine[]) => Promise<void>) =>
    (kind === "process" ? hostTest(kind) : Deno.test)(`${kind} host: ${name}`, async () => {
      const log: LogLine[] = [];
      await using host = await open(log);
      await run(host, log);
    });

  test("describes the agent", async (host) => {
    await Promise.resolve();
    assert.equal(host.manifest.name, "suite");
    const depends = host.manifest.tools.find(({ name }) => name === "depends");
    assert.deepEqual(JSON.parse(JSON.stringify(depends?.dependencies)), [
      { name: "other", capability: "other", tags: [], required: false },
    ]);
    assert.deepEqual(depends?.inputSchema["required"], ["args"]);
  });

  test("keeps empty values apart", async (host) => {
    for (const empty of [[], {}, "", 0, false, null, [null], "null", "0", { result: 1 }]) {
      assert.deepEqual(await value(host, "echo", { value: empty }), empty);
    }
    assert.equal(await value(host, "nothing"), null);
  });

  test("checks and completes input, checks output", async (host) => {
    assert.deepEqual(await value(host, "parse", { when: "now" }), { count: 3, when: "NOW" });
    await assert.rejects(value(host, "parse", { when: 1, count: "x" }), {
      code: "bad_input",
      message: /^invalid arguments of parse: count: .*; when: /,
      details: {
        issues: [
          { path: "count", message: "Invalid input: expected number, received string" },
          { path: "when", message: "Invalid input: expected string, received number" },
        ],
      },
    });
    await assert.rejects(value(host, "parse", { when: "", count: 6 }), {
      code: "bad_output",
      message: /^invalid result of parse: count: /,
    });
  });

  test("passes ready-made results, blocks and links untouched", async (host) => {
    assert.deepEqual(await host.invoke("ready_made", {}, environment()), {
      kind: "result",
      result: {
        content: [
          { type: "text", text: "look" },
          { type: "image", data: "aGk=", mimeType: "image/png" },
        ],
      },
    });
    const link = { type: "resource_link", uri: "file:///a", name: "a" };
    assert.deepEqual(await value(host, "link"), link);
    assert.deepEqual(await value(host, "echo", { value: link }), link);
  });

  const failures: [tool: string, expected: Partial<MeshError>][] = [
    ["fails", { code: "tool_failed", message: "out of range" }],
    ["refuses", { code: "bad_input", message: "not on Sundays", details: { day: "Sunday" } }],
    ["nope", { code: "not_found", message: 'agent "suite" has no tool "nope"' }],
  ];
  for (const [tool, expected] of failures) {
    test(`fails typed: ${tool}`, async (host) => {
      await assert.rejects(value(host, tool), expected);
    });
  }

  test("refuses a result that has no JSON form", async (host) => {
    await assert.rejects(value(host, "cyclic"), {
      code: "bad_output",
      message: /^the result has no JSON form: /,
    });
  });

  test("lends headers, trace and signal", async (host) => {
    const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331" };
    const env = environment({ headers: { "x-tenant": "acme" }, trace });
    assert.deepEqual(await value(host, "context", {}, env), {
      headers: { "x-tenant": "acme" },
      trace,
      aborted: false,
    });
  });

  test("carries log lines and progress of a call", async (host) => {
    const env = environment();
    await value(host, "logs", {}, env);
    await value(host, "progresses", {}, env);
    assert.deepEqual(env.seen.log, [["info", "first", { answer: 42 }], [
      "error",
      "second",
      undefined,
    ]]);
    assert.deepEqual(env.seen.progress, [[1, 2, "half"], [2, 2, undefined]]);
  });

  test("streams chunks in order and returns them joined", async (host) => {
    const env = environment();
    assert.equal(await value(host, "streams", { chunks: ["a", "", "b"] }, env), "ab");
    assert.deepEqual(env.seen.chunks, ["a", "", "b"]);
    const mixed = [{ n: 1 }, "x", 2];
    assert.deepEqual(await value(host, "streams", { chunks: mixed }), mixed);
  });

  test("holds a stream while its reader does not take", async (host) => {
    const taken: (() => void)[] = [];
    const env = environment({ emit: () => new Promise((take) => taken.push(take)) });
    const chunks = Array.from({ length: 3 * CHUNK_WINDOW }, (_, index) => `${index} `);
    const result = value(host, "streams", { chunks }, env);
    while (taken.length === 0) await value(host, "nothing");
    for (let round = 0; round < 5; round++) await value(host, "nothing");
    assert.ok(taken.length <= CHUNK_WINDOW, `${taken.length} chunks were sent, none was taken`);
    for (let next = 0; next < chunks.length; next++) {
      while (taken.length <= next) await value(host, "nothing");
      taken[next]?.();
    }
    assert.equal(await result, chunks.join(""));
  });

  test("closes a generator when the caller gives up", async (host) => {
    const abort = new AbortController();
    const closed = Promise.withResolvers<void>();
    const env = environment({
      signal: abort.signal,
      emit: (chunk) => {
        if (chunk === "3") abort.abort(new Error("enough"));
        return Promise.resolve();
      },
      log: (_level, message) => message === "closed" && closed.resolve(),
    });
    await assert.rejects(value(host, "stream_forever", {}, env));
    await closed.promise;
  });

  test("tells a running call that its caller gave up", async (host) => {
    const abort = new AbortController();
    const waiting = value(host, "waits", {}, environment({ signal: abort.signal }));
    await value(host, "nothing");
    abort.abort(new DOMException("enough", "AbortError"));
    await assert.rejects(waiting, { message: "enough" });
  });

  test("calls dependencies and their sibling tools", async (host) => {
    const calls: unknown[] = [];
    const env = environment({
      dependencies: port((request) => {
        calls.push(request);
        const n = request.method === "tools/call" ? request.args["n"] : NaN;
        return Promise.resolve({ doubled: Number(n) * 2 });
      }),
    });
    assert.deepEqual(await value(host, "depends", { args: { n: 4 } }, env), {
      doubled: 8,
      target: { agentId: "other-1", tool: "double", endpoint: "http://other" },
    });
    assert.deepEqual(await value(host, "depends", { args: { n: 5 }, sibling: "triple" }, env), {
      doubled: 10,
    });
    assert.deepEqual(calls, [
      { method: "tools/call", args: { n: 4 } },
      { method: "tools/call", tool: "triple", args: { n: 5 } },
    ]);
    assert.equal(await value(host, "depends", { args: {} }), "not wired");
  });

  test("tells failures of dependencies from its own", async (host) => {
    const env = (result: Promise<unknown>) => environment({ dependencies: port(() => result) });
    await assert.rejects(value(host, "depends", { args: { n: "x" } }, env(Promise.resolve())), {
      code: "tool_failed",
      message: /^invalid arguments for other: n: /,
    });
    await assert.rejects(
      value(host, "depends", { args: { n: 1 } }, env(Promise.resolve({ doubled: "?" }))),
      { code: "tool_failed", message: /^invalid result of other: doubled: / },
    );
  });

  test("streams a dependency, and gives it up when the reader stops", async (host) => {
    const stopped = Promise.withResolvers<void>();
    const endless = async (_request: unknown, options: PortCallOptions) => {
      options.signal.addEventListener("abort", () => stopped.resolve());
      for (let number = 0;; number++) {
        options.signal.throwIfAborted();
        await options.onChunk?.(number);
      }
    };
    const env = environment({ dependencies: port(endless) });
    assert.deepEqual(await value(host, "depends_stream", { take: 3 }, env), [0, 1, 2]);
    await stopped.promise;
  });

  test("yields the value of a dependency that does not stream once", async (host) => {
    const env = environment({ dependencies: port(() => Promise.resolve("whole")) });
    assert.deepEqual(await value(host, "depends_stream", { take: 9 }, env), ["whole"]);
  });

  test("announces tools that come and go", async (host) => {
    const changed = Promise.withResolvers<void>();
    const unsubscribe = host.listen({
      manifest: () => {
        const names = host.manifest.tools.map(({ name }) => name);
        if (names.includes("added") && !names.includes("link")) changed.resolve();
      },
    });
    await value(host, "change_tools");
    await changed.promise;
    unsubscribe();
    assert.equal(await value(host, "added"), "new");
    await assert.rejects(value(host, "link"), { code: "not_found" });
  });

  test("fills prompts in, with dependencies", async (host) => {
    const env = environment({ dependencies: port(() => Promise.resolve({ doubled: 2 })) });
    assert.deepEqual(await host.invoke("prompt:greet", { name: "Ada" }, env), {
      kind: "result",
      result: {
        messages: [{ role: "user", content: { type: "text", text: 'Greet Ada {"doubled":2}' } }],
      },
    });
    await assert.rejects(host.invoke("prompt:greet", {}, env), { code: "bad_input" });
    await assert.rejects(host.invoke("prompt:nope", {}, env), {
      code: "not_found",
      message: 'agent "suite" has no prompt "nope"',
    });
  });

  test("reads resources and tells of their updates", async (host) => {
    const updated = Promise.withResolvers<string>();
    const unsubscribe = host.listen({ resourceUpdated: updated.resolve });
    const read = (key: string, args: unknown) => host.invoke(key, args, environment());
    assert.deepEqual(await read("resource:item", { uri: "item://1", id: "1" }), {
      kind: "result",
      result: {
        contents: [{
          uri: "item://1",
          mimeType: "application/json",
          text: '{"id":"1","uri":"item://1"}',
        }],
      },
    });
    await assert.rejects(read("resource:item", { uri: "item://0", id: "0" }), {
      code: "not_found",
    });
    await read("resource:touch", { uri: "item://touch" });
    assert.equal(await updated.promise, "item://1");
    unsubscribe();
  });

  test("suggests values", async (host) => {
    const request = { argument: "name", value: "A", others: { a: "b" } };
    assert.deepEqual(await host.complete("prompt:greet", request), ["Ada", '{"a":"b"}']);
    assert.deepEqual(await host.complete("prompt:greet", { ...request, argument: "toString" }), []);
    await assert.rejects(host.complete("prompt:nope", request), { code: "not_found" });
  });

  test("asks a client that can answer, and goes on with what it answers", async (host) => {
    const client = { name: "desk", capabilities: { elicitation: {} } };
    const ask = (tool: string, answers = {}) =>
      host.invoke(tool, {}, environment({ client, answers }));
    const outcome = await ask("asks");
    assert.equal(outcome.kind, "questions");
    assert.deepEqual(outcome.kind === "questions" && Object.keys(outcome.requests), ["name"]);
    assert.equal((await ask("swallows")).kind, "questions");
    assert.deepEqual(
      await ask("asks", { name: { action: "accept", content: { name: "Ada" } } }),
      { kind: "value", json: '"desk: Ada"' },
    );
    await assert.rejects(value(host, "asks"), { code: "cannot_ask" });
    assert.equal(await value(host, "swallows"), "swallowed");
  });

  test("keeps no chunks for a caller that takes them alone", async (host) => {
    const env = environment({ chunks: "only" });
    assert.deepEqual(await host.invoke("streams", { chunks: ["a", "b"] }, env), {
      kind: "value",
      json: '""',
    });
    assert.deepEqual(env.seen.chunks, ["a", "b"]);
  });

  test("runs the checks", async (host) => {
    assert.deepEqual(await host.check("health"), { status: "healthy" });
    await value(host, "set_health", { healthy: false });
    assert.deepEqual(await host.check("health"), { status: "unhealthy", errors: ["told to be"] });
    assert.deepEqual(await host.check("startup"), { status: "degraded", errors: ["cannot tell"] });
  });
}
