/** One suite over both hosts, over real connections: nothing but isolation may tell them apart. */
import assert from "node:assert/strict";
import { agent } from "../define/agent.ts";
import { MeshError, type MeshErrorCode } from "../base/errors.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import type { Host } from "../boundary/host.ts";
import { hostTest, isolated } from "./hosts_fixture.ts";
import { readEvents } from "../base/sse.ts";
import { type Served, served, wire } from "./served_fixture.ts";
import { tool } from "../define/tool.ts";

const url = new URL("./testdata/suite_gateway.ts", import.meta.url).href;

const hosts: Record<string, () => Promise<Host>> = {
  // A fresh copy of the module each time, as each sandbox gets.
  "in thread": async () => hostInThread((await import(`${url}?${crypto.randomUUID()}`)).default),
  ...isolated((host) => () => host({ url, permissions: {}, log: () => {} })),
};

interface Suite {
  readonly gateway: Served;
  readonly lines: string[];
  get(path: string, init?: RequestInit): Promise<Response>;
}

const JSON_TYPE = { "content-type": "application/json" };

function post(body: unknown): RequestInit {
  return { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body) };
}

async function answered(response: Promise<Response>): Promise<[status: number, body: unknown]> {
  const { status, body, headers } = await response;
  const text = body === null ? "" : await new Response(body).text();
  return [status, headers.get("content-type")?.includes("json") ? JSON.parse(text) : text];
}

/** The parts of a problem document that tests look at. */
async function problem(response: Promise<Response>): Promise<Record<string, unknown>> {
  const got = await response;
  assert.equal(got.headers.get("content-type"), "application/problem+json");
  const document = await got.json();
  assert.equal(document.status, got.status);
  return document;
}

async function eventsOf(response: Response): Promise<[event: string, data: string][]> {
  const seen: [string, string][] = [];
  assert.ok(response.body);
  for await (const { event, data } of readEvents(response.body)) seen.push([event, data]);
  return seen;
}

for (const [kind, open] of Object.entries(hosts)) {
  const test = (
    name: string,
    run: (suite: Suite) => Promise<void>,
    env: Record<string, string> = {},
  ) =>
    hostTest(kind)(`gateway, ${kind}: ${name}`, async () => {
      const lines: string[] = [];
      await using gateway = await served(
        await open(),
        { MCP_MESH_SETTLE_TIMEOUT: "0", ...env },
        (level, message) => lines.push(`${level} ${message}`),
      );
      const get = (path: string, init?: RequestInit) => fetch(gateway.endpoint + path, init);
      await run({ gateway, lines, get });
    });

  test("answers with JSON whatever a handler returns", async ({ get }) => {
    for (const value of [{ a: [1] }, [], "", "text", 0, false, null]) {
      const json = JSON.stringify(value);
      const response = await get(`/values?json=${encodeURIComponent(json)}`);
      assert.equal(response.headers.get("content-type"), "application/json");
      assert.equal(await response.text(), json);
    }
    assert.deepEqual(await answered(get("/nothing")), [204, ""]);
  });

  test("answers with bytes as they are, and as base64 within a value", async ({ get }) => {
    const types = { "/bytes": "application/octet-stream", "/blob": "image/png" };
    for (const [path, type] of Object.entries(types)) {
      const response = await get(path);
      assert.equal(response.headers.get("content-type"), type);
      assert.deepEqual([...await response.bytes()], path === "/bytes" ? [2, 255] : [1, 2, 255]);
    }
    assert.deepEqual(await answered(get("/within")), [
      200,
      { at: ["AQL/", "1970-01-01T00:00:00.000Z"] },
    ]);
  });

  test("fails when an answer has no JSON form, and logs its place", async ({ get, lines }) => {
    for (const [path, says] of [["/map", "at[0] is a Map"], ["/nan", "it is NaN"]] as const) {
      const { status, error, detail } = await problem(get(path));
      assert.deepEqual([status, error], [500, "internal"]);
      assert.doesNotMatch(String(detail), /Map|NaN/);
      assert.ok(lines.some((line) => line.includes(`the answer has no JSON form: ${says}`)));
    }
    const events = await eventsOf(await get("/events/map"));
    assert.deepEqual(events[0], ["message", '{"n":1}']);
    assert.equal(events[1]?.[0], "error");
    assert.equal(events.length, 2);
  });

  test("passes responses through, headers and all", async ({ get }) => {
    const response = await get("/response");
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("x-one"), "1");
    assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(await response.text(), "made");
    assert.deepEqual(await answered(get("/teapot")), [418, ""]);
    assert.match(await (await get("/page")).text(), /<title>A page<\/title>/);
  });

  test("gives handlers the parameters of the path, decoded", async ({ get }) => {
    assert.deepEqual(await answered(get("/cities/S%C3%A3o%20Paulo/days/1%2F2")), [
      200,
      { city: "São Paulo", day: "1/2" },
    ]);
    const [, { path, url }] = await answered(get("/files/a%20b/c.css?v=1")) as [
      number,
      Record<string, string>,
    ];
    assert.equal(path, "a b/c.css");
    assert.match(url ?? "", /\/files\/a%20b\/c\.css\?v=1$/);
    assert.equal((await problem(get("/files/a%2Fb"))).status, 400);
    assert.equal((await problem(get("/cities/%E0%A4%A/days/1"))).status, 400);
  });

  test("reads the query as its schema says", async ({ get }) => {
    assert.deepEqual(await answered(get("/typed?day=3&tag=a&word=x&word=y")), [
      200,
      { day: 3, tag: ["a"], word: "y" },
    ]);
    assert.deepEqual(await answered(get("/typed?day=3")), [200, { day: 3, word: "none" }]);
    const { status, issues } = await problem(get("/typed?day=x"));
    assert.equal(status, 400);
    assert.deepEqual(issues, [
      { path: "day", message: "Invalid input: expected number, received NaN" },
    ]);
  });

  test("gives handlers the body of a request, byte for byte", async ({ get }) => {
    for (const size of [0, 1, 100_000, 1024 * 1024]) {
      const body = crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)));
      const sent = new Uint8Array(size).map((_, index) => body[index % body.length] ?? 0);
      const response = await get("/echo", {
        method: "POST",
        body: sent,
        headers: { "content-type": "x/y" },
      });
      assert.equal(response.headers.get("x-type"), "x/y");
      assert.equal(response.headers.get("x-method"), "POST");
      assert.deepEqual(await response.bytes(), sent);
    }
  });

  test("checks bodies, and names the fields that do not fit", async ({ get }) => {
    assert.deepEqual(await answered(get("/plan", post({ destination: "Tokyo", more: 1 }))), [
      200,
      { destination: "Tokyo", days: 3, raw: '{"destination":"Tokyo","more":1}' },
    ]);
    const unfit = await problem(get("/plan", post({ days: "x" })));
    assert.equal(unfit["status"], 400);
    assert.equal(unfit["error"], "bad_input");
    assert.deepEqual(unfit["issues"], [
      { path: "destination", message: "Invalid input: expected string, received undefined" },
      { path: "days", message: "Invalid input: expected number, received string" },
    ]);
    const text = { method: "POST", headers: JSON_TYPE, body: "{" };
    assert.equal((await problem(get("/plan", text)))["detail"], "the body is not JSON");
    for (const depth of [201, 5_000, 100_000]) {
      const nested = `{"destination":${"[".repeat(depth)}${"]".repeat(depth)}}`;
      const deep = await problem(
        get("/plan", { method: "POST", headers: JSON_TYPE, body: nested }),
      );
      assert.deepEqual([deep["status"], deep["error"]], [400, "bad_input"]);
      assert.equal(deep["detail"], "the body cannot be read: it is nested deeper than 200 levels");
    }
    const form = { method: "POST", body: new URLSearchParams({ destination: "Tokyo" }) };
    assert.equal((await problem(get("/plan", form))).status, 415);
    assert.equal((await problem(get("/plan", { method: "POST" }))).status, 400);
    const vendor = { "content-type": "application/vnd.trip+json; charset=utf-8" };
    const named = { method: "POST", headers: vendor, body: '{"destination":"Rome"}' };
    assert.equal((await answered(get("/plan", named)))[0], 200);
    assert.deepEqual(await answered(get("/maybe", { method: "POST" })), [200, {}]);
  });

  test("refuses bodies that are too large, announced or not", async ({ get }) => {
    const small = (body: BodyInit) => get("/small", { method: "POST", body });
    assert.deepEqual(await answered(small("1234567890")), [200, "1234567890"]);
    assert.equal((await problem(small("12345678901"))).status, 413);
    const pieces = () =>
      ReadableStream.from(["12345", "67890", "1"]).pipeThrough(new TextEncoderStream());
    assert.equal((await problem(small(pieces()))).status, 413);
    const large = new Uint8Array(1024 * 1024 + 1);
    assert.equal((await problem(get("/echo", { method: "POST", body: large }))).status, 413);
  });

  test("answers other methods and paths as HTTP has it", async ({ get, gateway }) => {
    const head = await get("/response", { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("x-one"), await head.text()], [201, "1", ""]);
    const refused = await get("/plan");
    assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "OPTIONS, POST"]);
    await refused.body?.cancel();
    const options = await get("/response", { method: "OPTIONS" });
    assert.deepEqual([options.status, options.headers.get("allow")], [204, "GET, HEAD, OPTIONS"]);
    assert.equal((await problem(get("/nowhere"))).status, 404);
    const upgrade = { upgrade: "websocket", host: "localhost" };
    const socket = new Request("http://localhost/nothing", { headers: upgrade });
    assert.equal((await problem(gateway.node.fetch(socket))).status, 501);
    const events = await get("/events", { method: "HEAD" });
    assert.deepEqual([events.status, await events.text()], [200, ""]);
    assert.equal(events.headers.get("content-type"), "text/event-stream");
  });

  test("answers the probes", async ({ get }) => {
    for (const path of ["/livez", "/ready", "/health", "/startupz"]) {
      assert.equal((await answered(get(path)))[0], 200, path);
      assert.equal((await problem(get(path, { method: "POST" }))).status, 405);
    }
    assert.equal((await problem(get("/mcp", post({})))).status, 404);
  });

  test("fails with problem documents that give nothing away", async ({ get, lines }) => {
    const failures: [how: string, status: number, expected: Record<string, unknown>][] = [
      ["plainly", 500, { error: "internal" }],
      ["cyclically", 500, { error: "internal" }],
      ["with-text", 500, { error: "internal" }],
      ["forbidden", 500, { error: "internal" }],
      ["badly", 400, { error: "bad_input", detail: "not on Sundays" }],
      ["missing", 404, { error: "not_found", detail: "no such trip" }],
      ["loaded", 503, { error: "overloaded", detail: "come back later" }],
    ];
    for (const [how, status, expected] of failures) {
      // The code in thread has this process's permissions.
      if (how === "forbidden" && kind === "in thread") continue;
      const document = await problem(get(`/fails/${how}`));
      assert.equal(document["status"], status, how);
      assert.partialDeepStrictEqual(document, expected);
      assert.doesNotMatch(JSON.stringify(document), /secret|hostname/);
    }
    assert.ok(lines.some((line) => /^error .*RangeError: a secret.*\n +at /.test(line)), "a stack");
    assert.ok(lines.some((line) => /^warn .* a secret of this process/.test(line)));
    assert.ok(!lines.some((line) => line.includes("no such trip")), "clients' mistakes");
    const loaded = await get("/fails/loaded");
    await loaded.body?.cancel();
    assert.equal(loaded.headers.get("retry-after"), "1");
  });

  test("waits for no dependency that is not there", async ({ get, gateway }) => {
    assert.deepEqual(await problem(get("/depends")), {
      title: "Service Unavailable",
      status: 503,
      detail: "double is not available",
      error: "dependency_unavailable",
      capability: "double",
    });
    assert.deepEqual(await answered(get("/optional")), [200, "without"]);
    let answer: () => unknown = () => 42;
    const doubler = agent({
      name: "doubler",
      tools: { double: tool({}, () => answer()), load: tool({}, () => 1) },
    });
    const provider = await served(doubler);
    wire(gateway, ["GET /depends", "GET /optional"], provider, "double");
    assert.deepEqual(await answered(get("/depends")), [200, 42]);
    assert.deepEqual(await answered(get("/optional")), [200, "doubler-1"]);
    answer = () => {
      throw new Error("out of numbers");
    };
    assert.partialDeepStrictEqual(await problem(get("/depends")), {
      status: 502,
      error: "tool_failed",
      detail: "double failed",
      capability: "double",
    });
    answer = () => "no number";
    assert.partialDeepStrictEqual(await problem(get("/depends")), {
      status: 502,
      error: "bad_output",
      detail: "double failed",
    });
    await provider[Symbol.asyncDispose]();
    assert.partialDeepStrictEqual(await problem(get("/depends")), {
      status: 502,
      error: "unreachable",
      detail: "double cannot be reached",
    });
  });

  test("carries time, trace and headers on", async ({ get, gateway }) => {
    const seen: Record<string, string | null>[] = [];
    await using provider = await served(
      agent({
        name: "doubler",
        tools: {
          double: tool({}, (_, { headers, trace }) => {
            seen.push({ tenant: headers["x-tenant"] ?? null, trace: trace?.traceId ?? null });
            return 1;
          }),
        },
      }),
      { MCP_MESH_PROPAGATE_HEADERS: "x-tenant" },
    );
    wire(gateway, "GET /depends", provider, "double");
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const headers = { traceparent, "x-tenant": "acme", "x-other": "no" };
    assert.deepEqual(await answered(get("/context", { headers })), [200, {
      headers: { "x-tenant": "acme" },
      trace: { traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331" },
      aborted: false,
    }]);
    await answered(get("/depends", { headers }));
    assert.deepEqual(seen, [{ tenant: "acme", trace: "0af7651916cd43dd8448eb211c80319c" }]);
  }, { MCP_MESH_PROPAGATE_HEADERS: "x-tenant", MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "false" });

  test("has a limit in time until it answers, and none for what it streams", async ({ get }) => {
    assert.partialDeepStrictEqual(await problem(get("/waits")), { status: 504, error: "timeout" });
    assert.deepEqual(await eventsOf(await get("/ticks")), [
      ["message", "0"],
      ["message", "1"],
      ["message", "2"],
      ["message", "[DONE]"],
    ]);
  }, { MCP_MESH_CALL_TIMEOUT: "1" });

  test("ends a stream when its caller's time is up", async ({ get }) => {
    const headers = { "x-mesh-timeout": "1" };
    assert.deepEqual(await eventsOf(await get("/silent/after/one", { headers })), [
      ["message", "one"],
      ["error", '{"error":"no answer within 1 s","type":"timeout"}'],
    ]);
    assert.partialDeepStrictEqual(await problem(get("/silent", { headers })), {
      status: 504,
      error: "timeout",
    });
  });

  test("refuses what is beyond its concurrency", async ({ get }) => {
    const abort = new AbortController();
    const first = await get("/events", { signal: abort.signal });
    const refused = await get("/nothing");
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    await refused.body?.cancel();
    assert.equal((await answered(get("/livez")))[0], 200);
    await first.body?.cancel();
    // It takes note of the reader's leaving when it next writes.
    while ((await answered(get("/nothing")))[0] === 503);
    assert.equal((await answered(get("/nothing")))[0], 204);
  }, { MCP_MESH_MAX_CONCURRENCY: "1" });

  test("logs with the name of the route", async ({ get, lines }) => {
    await answered(get("/logs"));
    assert.ok(lines.includes("info logged"));
  });

  test("streams an async iterable as events", async ({ get }) => {
    const response = await get("/iterable");
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    assert.equal(
      await response.text(),
      'data: a\n\ndata: b\ndata: c\n\ndata: \n\ndata: {"n":1}\n\ndata: null\n\ndata: [DONE]\n\n',
    );
  });

  test("tells events that a stream has failed, between two of them", async ({ get }) => {
    const broken = await (await get("/breaks/between")).text();
    assert.match(
      broken,
      /^data: one\n\nevent: error\ndata: \{"error":".*","type":"internal"\}\n\n$/,
    );
    await assert.rejects(get("/breaks/within").then((response) => response.text()));
  });

  test("sends large bodies, and leaves handlers their memory", async ({ get }) => {
    const large = await (await get("/large")).bytes();
    assert.equal(large.length, 3 * 1024 * 1024);
    assert.ok(large.every((byte) => byte === 121));
    const repeated = await (await get("/repeated")).bytes();
    assert.equal(repeated.length, 20 * 64 * 1024);
    assert.ok(repeated.every((byte) => byte === 120));
  });

  test("holds a producer while its reader does not read", async ({ get }) => {
    const endless = await get("/endless");
    const produced = async () => Number((await answered(get("/produced")))[1]);
    let before = -1;
    let same = 0;
    for (let now = await produced(); same < 20; now = await produced()) {
      same = now === before ? same + 1 : 0;
      before = now;
    }
    // What may lie between them is what sockets hold, a few MiB.
    assert.ok(before < 400, `${before} chunks of 64 KiB were produced for nobody`);
    await endless.body?.cancel();
  });

  test("closes a generator when the client goes away", async ({ get }) => {
    for (const path of ["/events", "/silent/alive"]) {
      const abort = new AbortController();
      const closed = get("/closed");
      const response = await get(path, { signal: abort.signal });
      if (path === "/events") await response.body?.getReader().read();
      abort.abort();
      assert.equal((await closed).status, 204, path);
    }
  });

  test("closes the stream of another agent when the client goes away", async ({ get, gateway }) => {
    const closed = Promise.withResolvers<void>();
    await using provider = await served(agent({
      name: "clock",
      tools: {
        ticks: tool({}, async function* () {
          try {
            for (let tick = 0;; tick++) yield await Promise.resolve(`tick ${tick}`);
          } finally {
            closed.resolve();
          }
        }),
      },
    }));
    wire(gateway, "GET /upstream", provider, "ticks");
    const abort = new AbortController();
    const response = await get("/upstream", { signal: abort.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await reader?.read())?.value ?? "", /^data: tick 0\n\n/);
    abort.abort();
    await closed.promise;
    await assert.rejects(async () => {
      while (!(await reader?.read())?.done);
    });
  });

  const beforeFirst: [code: MeshErrorCode, status: number, detail: string][] = [
    ["bad_input", 502, "ticks did not take what it was asked"],
    ["not_found", 502, "ticks does not have what it was asked for"],
    ["tool_failed", 502, "ticks failed"],
    ["llm_upstream", 502, "ticks got no answer of its language model"],
    ["dependency_unavailable", 503, "ticks lacks something that it depends on"],
    ["timeout", 504, "ticks did not answer in time"],
  ];
  test("a stream that fails before its first chunk has a status", async ({ get, gateway, lines }) => {
    let code: MeshErrorCode = "tool_failed";
    await using provider = await served(agent({
      name: "ticker",
      tools: {
        ticks: tool({}, async function* () {
          await Promise.resolve();
          if (lines.length < 0) yield "never";
          throw new MeshError(code, "the secret spring broke");
        }),
      },
    }));
    for (const [how, expected, detail] of beforeFirst) {
      code = how;
      wire(gateway, ["GET /upstream", "GET /upstream/plain"], provider, "ticks");
      for (const path of ["/upstream", "/upstream/plain"]) {
        assert.deepEqual(await problem(get(path)), {
          title:
            { 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout" }[expected],
          status: expected,
          detail,
          error: how,
          capability: "ticks",
          may_have_run: true,
        });
      }
    }
    assert.ok(lines.some((line) => /^warn GET \/upstream failed .* the secret spring/.test(line)));
    for (const [path, status, detail] of [["bad_input", 400, "no"], ["not_found", 404, "no"]]) {
      const document = await problem(get(`/events/fails/${path}`));
      assert.deepEqual([document["status"], document["detail"]], [status, detail]);
    }
    assert.partialDeepStrictEqual(await problem(get("/events/fails/odd")), {
      status: 500,
      error: "internal",
    });
  });

  test("a stream that has nothing to say for long begins without a chunk", async ({ get }) => {
    const response = await get("/late");
    assert.equal(response.status, 200);
    await answered(get("/release"));
    assert.deepEqual(await eventsOf(response), [["message", "late"], ["message", "[DONE]"]]);
  });

  test("a client that leaves before the first chunk closes the stream", async ({ get }) => {
    const closed = get("/closed");
    const abort = new AbortController();
    const waiting = get("/silent", { signal: abort.signal });
    await answered(get("/nothing"));
    abort.abort();
    await assert.rejects(waiting);
    await (await closed).body?.cancel();
  });

  test("says in the stream what another agent failed with", async ({ get, gateway }) => {
    await using provider = await served(agent({
      name: "clock",
      tools: {
        ticks: tool({}, async function* () {
          yield await Promise.resolve("tick");
          throw new Error("the spring broke");
        }),
      },
    }));
    wire(gateway, "GET /upstream", provider, "ticks");
    assert.deepEqual(await eventsOf(await get("/upstream")), [
      ["message", "tick"],
      ["error", '{"error":"ticks failed","type":"tool_failed"}'],
    ]);
  });
}

for (const [kind, open] of Object.entries(hosts)) {
  if (kind === "in thread") continue;
  hostTest(kind)(
    `gateway, ${kind}: a crash ends streams with an event, and the routes come back`,
    async () => {
      await using gateway = await served(
        await open(),
        { MCP_MESH_SETTLE_TIMEOUT: "0" },
      );
      assert.partialDeepStrictEqual(await problem(fetch(`${gateway.endpoint}/crashes`)), {
        status: 500,
        error: "internal",
      });
      const response = await fetch(`${gateway.endpoint}/crashes/after/one`);
      assert.deepEqual(await eventsOf(response), [
        ["message", "one"],
        [
          "error",
          '{"error":"this request failed; the log of the gateway says why","type":"internal"}',
        ],
      ]);
      assert.equal((await answered(fetch(`${gateway.endpoint}/nothing`)))[0], 204);
    },
  );
}
