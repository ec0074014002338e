import { deepEqual, equal, match } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextFixture, type ContextFixtureOptions } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { agentInfo, fakeRegistry, mcpResult, toolInfo } from "../mesh/mesh_fixture.ts";

const RESULT = { content: [{ type: "text", text: "hi" }], structuredContent: { result: "hi" } };

const agents = [
  agentInfo({
    name: "flight-agent",
    endpoint: "http://127.0.0.1:9101",
    capabilities: [toolInfo({ function_name: "flight_search", name: "flights" })],
  }),
  agentInfo({
    name: "dead-agent",
    status: "unhealthy",
    capabilities: [toolInfo({ function_name: "gone", name: "gone" })],
  }),
];

async function call(args: string[], options: ContextFixtureOptions = {}) {
  const fixture = contextFixture(options);
  const code = await dispatch(["call", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

Deno.test("call sends one tools/call through the proxy and prints the result with two spaces", async () => {
  const registry = fakeRegistry(agents, () => mcpResult(RESULT));
  const { code, stdout, stderr } = await call(
    ["flights", '{"origin":"SFO"}', "--timeout", "2.5", "-H", "x-user: ada", "-H", "accept: no"],
    registry,
  );
  equal(code, 0);
  match(stderr, /^The registry passes x-user on only if its MCP_MESH_PROPAGATE_HEADERS names it/);
  equal(stdout, `${JSON.stringify(RESULT, null, 2)}\n`);
  const request = registry.requests.at(-1);
  equal(request?.method, "POST");
  equal(request?.url, "http://localhost:8000/proxy/127.0.0.1:9101/mcp");
  equal(request?.headers.get("x-mesh-timeout"), "3");
  equal(request?.headers.get("x-user"), "ada");
  equal(request?.headers.get("accept"), "application/json, text/event-stream");
  deepEqual(JSON.parse(request?.body ?? ""), {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "flight_search", arguments: { origin: "SFO" } },
  });
});

Deno.test("call shows the registry its token, agents nothing, and what the user says wins", async () => {
  const registry = () => ({
    ...fakeRegistry(agents, () => mcpResult(RESULT)),
    env: { MCP_MESH_MCP_TOKEN: "correct-horse" },
  });
  const shown = async (...args: string[]) => {
    const asked = registry();
    equal((await call(["flights", ...args], asked)).code, 0);
    const toAgent = asked.requests.filter(({ url }) => url.endsWith("/mcp"));
    return new Set(toAgent.map(({ headers }) => headers.get("authorization")));
  };
  deepEqual(await shown(), new Set(["Bearer correct-horse"]));
  deepEqual(await shown("--use-proxy=false"), new Set([null]));
  deepEqual(await shown("-H", "authorization: Basic x"), new Set(["Basic x"]));
});

const refusals: [status: number, error: string, hint: RegExp][] = [
  [
    401,
    "/proxy wants the token of MCP_MESH_MCP_TOKEN",
    /MCP_MESH_MCP_TOKEN, or .*--use-proxy=false/,
  ],
  [403, "/proxy is for programs of this machine only", /--use-proxy=false; .*MCP_MESH_MCP /],
  [404, "/proxy is switched off here", /--use-proxy=false; .* is off/],
];
for (const [status, error, hint] of refusals) {
  Deno.test(`call says what to do where the registry answers ${status}`, async () => {
    const registry = fakeRegistry(agents, () => Response.json({ error }, { status }));
    const { code, stderr } = await call(["flights"], registry);
    equal(code, 1);
    match(stderr, new RegExp(`HTTP ${status}: ${error}`));
    match(stderr, hint);
  });
}

Deno.test("call goes straight to the agent without the proxy, or without any registry", async () => {
  const registry = fakeRegistry(agents, () => mcpResult(RESULT));
  const { stderr } = await call(["flights", "--use-proxy=false", "-H", "x-user: ada"], registry);
  equal(stderr, "");
  equal(registry.requests.at(-1)?.url, "http://127.0.0.1:9101/mcp");
  const lone = fakeRegistry(null, () => mcpResult(RESULT));
  equal((await call(["x:any_tool", "--agent-url", "http://h:1/"], lone)).code, 0);
  deepEqual(new Set(lone.requests.map(({ url }) => url)), new Set(["http://h:1/mcp"]));
  equal(JSON.parse(lone.requests.at(-1)?.body ?? "").params.name, "any_tool");
});

Deno.test("call reads its arguments from standard input and from a file", async () => {
  const registry = fakeRegistry(agents, () => mcpResult(RESULT));
  const sent = () => JSON.parse(registry.requests.at(-1)?.body ?? "").params.arguments;
  await call(["flight_search", "-"], { ...registry, stdin: '{"from":"stdin"}' });
  deepEqual(sent(), { from: "stdin" });
  const folder = await mkdtemp(join(tmpdir(), "call-"));
  try {
    await writeFile(join(folder, "trip.json"), '{"from":"file"}');
    await call(["flight_search", "--file", "trip.json"], { ...registry, cwd: folder });
    deepEqual(sent(), { from: "file" });
  } finally {
    await rm(folder, { recursive: true });
  }
  await call(["flight_search"], registry);
  deepEqual(sent(), {});
});

Deno.test("call --raw prints one line", async () => {
  const registry = fakeRegistry(agents, () => mcpResult(RESULT));
  equal((await call(["flight_search", "--raw"], registry)).stdout, `${JSON.stringify(RESULT)}\n`);
});

Deno.test("call understands a streamed answer", async () => {
  const message = JSON.stringify({ jsonrpc: "2.0", id: 1, result: RESULT });
  const registry = fakeRegistry(
    agents,
    () =>
      new Response(`: ping\n\nevent: message\ndata: ${message}\n\n`, {
        headers: { "content-type": "text/event-stream" },
      }),
  );
  equal((await call(["flight_search", "--raw"], registry)).stdout, `${JSON.stringify(RESULT)}\n`);
});

Deno.test("call prints a result that says the tool failed, and exits 5", async () => {
  const failed = { content: [{ type: "text", text: "no such city" }], isError: true };
  const { code, stdout, stderr } = await call(
    ["flight_search"],
    fakeRegistry(agents, () => mcpResult(failed)),
  );
  deepEqual([code, stderr], [5, ""]);
  deepEqual(JSON.parse(stdout), failed);
});

Deno.test("call tells failures apart by exit code and says what to do", async () => {
  const rpcError = (code: number, message: string) => () =>
    Response.json({ jsonrpc: "2.0", id: 1, error: { code, message } });
  const proxyFailure = (text: string, code: string, nothing_ran: boolean) => () => {
    const error = `Failed to reach target agent: ${text}`;
    return Response.json({ error, code, nothing_ran }, { status: 502 });
  };
  const answers = {
    refused: rpcError(-32602, "bad arguments"),
    missing: rpcError(-32602, "Tool flight_search not found"),
    gateway: () => new Response("Failed to reach target agent: refused", { status: 502 }),
    away: proxyFailure("flights-1 cannot be reached, nothing ran: refused", "unreachable", true),
    dead: proxyFailure("flights-1 was lost, the call may have run", "interrupted", false),
    late: proxyFailure("flights-1 gave no answer within 30s", "timeout", false),
    told: () =>
      Response.json({
        jsonrpc: "2.0",
        id: 1,
        error: {
          code: -32603,
          message: "flights-1 was lost",
          data: { "mesh/error": { code: "interrupted", message: "flights-1 was lost" } },
        },
      }),
    doubted: () =>
      Response.json(
        { jsonrpc: "2.0", id: null, error: { code: -32600, message: "no such form" } },
        {
          status: 400,
        },
      ),
    torn: () =>
      new Response(
        new ReadableStream({
          pull: (body) => body.error(new TypeError("error reading a body from connection")),
        }),
        { headers: { "content-type": "text/event-stream" } },
      ),
    short: () => new Response(": bye\n\n", { headers: { "content-type": "text/event-stream" } }),
    full: () => new Response("busy", { status: 503, headers: { "retry-after": "0" } }),
    long: () => new Response("{}", { headers: { "content-length": "99999999999" } }),
    noise: () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    expired: () =>
      new Response(": mesh-proxy-timeout budget=1s\n\n", {
        headers: { "content-type": "text/event-stream" },
      }),
    never: () => Promise.reject(new DOMException("late", "TimeoutError")),
    broken: () =>
      Promise.reject(
        new TypeError("fetch failed", {
          cause: new Error("client error (SendRequest): connection closed"),
        }),
      ),
    cut: () => Promise.reject(new TypeError("error reading a body from connection")),
    reset: () => Promise.reject(new TypeError("connection reset")),
    closed: () => {
      const cause = new Error("client error (Connect): tcp connect error: refused");
      return Promise.reject(new TypeError("fetch failed", { cause }));
    },
  };
  const rows: [keyof typeof answers, string[], number, RegExp][] = [
    ["refused", ["flight_search"], 5, /flight_search was refused: bad arguments \(code -32602\)/],
    ["missing", ["flight_search"], 3, /not found/],
    ["gateway", ["flight_search"], 1, /HTTP 502: Failed to reach target .*; it may have run/],
    ["away", ["flight_search"], 1, /Error: flights-1 cannot be reached, nothing ran: refused\n$/],
    ["dead", ["flight_search"], 1, /flights-1 was lost, the call may have run\n.*trace --last/],
    ["late", ["flight_search"], 6, /no result within 30 s; the call may have run/],
    ["told", ["flight_search"], 1, /flight_search failed: flights-1 was lost\n/],
    ["doubted", ["flight_search"], 5, /flight_search was refused: no such form \(code -32600\)/],
    ["torn", ["flight_search"], 1, /was lost before it had answered; the call may have run\n/],
    ["short", ["flight_search"], 1, /answered HTTP 200: the stream ended without a result\n/],
    ["full", ["flight_search"], 1, /answered HTTP 503: busy; nothing ran\n/],
    ["long", ["flight_search"], 1, /answers too much to be shown: 99999999999 bytes/],
    ["noise", ["flight_search"], 1, /not a JSON-RPC message/],
    ["expired", ["flight_search"], 6, /no result within 30 s; .*\n.*--timeout 60/],
    ["never", ["flight_search"], 6, /no result within 30 s/],
    [
      "broken",
      ["flight_search"],
      1,
      /flight-agent-00000001 at 127.0.0.1:9101 was lost before it had answ/,
    ],
    [
      "broken",
      ["flight_search", "--use-proxy=false"],
      1,
      /flight-agent-00000001 at http:\/\/127.0.0.1:9101 was lost before it had answered; the call may have run/,
    ],
    ["cut", ["flight_search"], 1, /was lost before it had answered; the call may have run\n/],
    ["reset", ["flight_search", "--use-proxy=false"], 1, /was lost before .* may have run/],
    ["closed", ["flight_search"], 4, /the registry at http:\/\/localhost:8000 does not answer/],
    ["closed", ["flight_search", "--use-proxy=false"], 1, /:9101 cannot be reached; nothing ran/],
    ["refused", ["flight_serach"], 3, /tool "flight_serach" not found.*\nDid you mean flight_se/],
    ["refused", ["gone"], 3, /tool "gone" not found/],
  ];
  for (const [answer, args, code, message] of rows) {
    const result = await call(args, fakeRegistry(agents, answers[answer]));
    deepEqual([result.code, result.stdout], [code, ""], `${answer}: ${result.stderr}`);
    match(result.stderr, message);
  }
});

Deno.test("call exits 4 with the address when there is no registry", async () => {
  const { code, stderr } = await call(["x", "--registry-url", "http://mesh.example:81/"]);
  equal(code, 4);
  match(
    stderr,
    /the registry at http:\/\/mesh\.example:81 does not answer\n.*start --registry-only/,
  );
});

Deno.test("call refuses bad input before it asks anybody", async () => {
  const registry = fakeRegistry(agents);
  const rows: [string[], number, RegExp][] = [
    [["t", '{"a": b}'], 2, /line 1, column 7.*\n.*\n {8}\^/],
    [["t", "[1]"], 2, /the JSON argument is an array/],
    [["t", "-"], 2, /standard input is not JSON/],
    [["t", "{}", "--file", "x"], 2, /given twice/],
    [["t", "--file", "nope.json"], 3, /nope\.json cannot be read/],
    [["t", "-H", "no colon"], 2, /"no colon" is no header/],
    [["t", "--timeout", "0"], 2, /--timeout is 0/],
    [["t", "--agent-url", "localhost:1"], 2, /--agent-url is "localhost:1"/],
    [[], 2, /call needs/],
  ];
  for (const [args, code, message] of rows) {
    const result = await call(args, registry);
    equal(result.code, code, args.join(" "));
    match(result.stderr, message);
  }
  equal(registry.requests.length, 0);
});

const INPUT = {
  type: "object",
  properties: {
    origin: { type: "string" },
    seats: { type: "integer" },
    airlines: { type: "array", items: { type: "string" } },
  },
  required: ["origin"],
};

/** A registry whose agent tells the schema of `flight_search` and answers calls with `answer`. */
function describing(answer: (params: Params) => Response | Promise<Response>) {
  return fakeRegistry(agents, ({ body }) => {
    const { method, params } = JSON.parse(body);
    if (method !== "tools/list") return answer(params);
    const first = params.cursor === undefined;
    return mcpResult(
      first
        ? { tools: [{ name: "other" }], nextCursor: "2" }
        : { tools: [{ name: "flight_search", inputSchema: INPUT }] },
    );
  });
}

interface Params {
  arguments: unknown;
  _meta?: { progressToken: string };
}

Deno.test("call gives words the types of the live schema", async () => {
  let sent: unknown;
  const registry = describing((params) => {
    sent = params.arguments;
    return mcpResult(RESULT);
  });
  const rows: [string[], unknown][] = [
    [["origin=SFO", "seats=2"], { origin: "SFO", seats: 2 }],
    [["origin=5", "airlines=MH", "airlines=SQ"], { origin: "5", airlines: ["MH", "SQ"] }],
    [['{"origin":"SFO","seats":1}', "seats:=3"], { origin: "SFO", seats: 3 }],
    [["-", "seats=4"], { origin: "stdin", seats: 4 }],
    [["-o", "value", "origin==a=b"], { origin: "=a=b" }],
  ];
  for (const [words, args] of rows) {
    const { code, stderr } = await call(["flights", ...words], {
      ...registry,
      stdin: '{"origin":"stdin"}',
    });
    deepEqual([code, stderr], [0, ""], words.join(" "));
    deepEqual(sent, args);
  }
});

Deno.test("call refuses arguments that do not fit the live schema, and sends nothing", async () => {
  let calls = 0;
  const registry = describing(() => {
    calls++;
    return mcpResult(RESULT);
  });
  const rows: [string[], RegExp][] = [
    [["seats=2"], /flight_search: origin is missing: string\n.*list --tools=flight_search/],
    [["origin=x", "seats=two"], /seats must be integer, not "two"/],
    [["orign=x"], /orign is no argument of flight_search\. Did you mean origin\?/],
    [['{"origin":7}'], /origin must be string, not 7/],
    [["origin=@nope.txt"], /nope\.txt cannot be read/],
    [["seats:=two"], /seats is not JSON: line 1, column 1/],
  ];
  for (const [words, message] of rows) {
    const { code, stdout, stderr } = await call(["flights", ...words], registry);
    deepEqual([code === 0, stdout], [false, ""], words.join(" "));
    match(stderr, message);
  }
  equal(calls, 0);
  const surplus = await call(["flights", '{"origin":"x","setas":1}'], registry);
  equal(surplus.code, 0);
  match(surplus.stderr, /does not list "setas".*Did you mean seats\?/);
  equal((await call(["flights", "seats=two", "--check=false"], registry)).code, 0);
  equal(calls, 2);
});

Deno.test("call sends texts as they are, and says so, where no schema is told", async () => {
  const registry = fakeRegistry(agents, () => mcpResult(RESULT));
  const { stderr } = await call(["flights", "seats=2"], registry);
  match(stderr, /flight_search tells no schema: values are sent as texts, unchecked/);
  deepEqual(JSON.parse(registry.requests.at(-1)?.body ?? "").params.arguments, { seats: "2" });
});

Deno.test("call -o prints the value, the MCP result or a document", async () => {
  const wrapped = { _meta: { fastmcp: { wrap_result: true } }, ...RESULT };
  const plain = { content: [{ type: "text", text: '{"n":1}' }], structuredContent: { n: 1 } };
  const failed = { content: [{ type: "text", text: "no such city" }], isError: true };
  const run = async (result: unknown, ...args: string[]) => {
    const registry = describing(() => mcpResult(result));
    return await call(["flights", "origin=x", ...args], registry);
  };
  equal((await run(wrapped, "-o", "value")).stdout, "hi\n");
  equal((await run(plain, "-o", "value", "--raw")).stdout, '{"n":1}\n');
  deepEqual(JSON.parse((await run(plain, "-o", "envelope")).stdout), plain);
  const { duration_ms, ...document } = JSON.parse((await run(wrapped, "--json")).stdout);
  equal(typeof duration_ms, "number");
  deepEqual(document, {
    schema_version: 1,
    tool: "flight_search",
    agent_id: "flight-agent-00000001",
    ok: true,
    value: "hi",
    error: null,
  });
  const value = await run(failed, "-o", "value");
  deepEqual([value.code, value.stdout], [5, ""]);
  match(value.stderr, /flight_search failed: no such city/);
  const json = await run(failed, "-o", "json");
  equal(json.code, 5);
  deepEqual(JSON.parse(json.stdout).error, { code: "tool_failed", message: "no such city" });
  equal((await run(plain, "-o", "yaml")).code, 2);
});

Deno.test("call --stream shows chunks and progress as they come, then not again", async () => {
  const registry = describing(({ _meta }) => {
    const progressToken = _meta?.progressToken;
    const notes = [
      { progressToken, progress: 1, message: "Hel" },
      { progressToken, progress: 2, message: "lo" },
      { progressToken: "another's", progress: 3, message: "not mine" },
      { progressToken, progress: 1, total: 4, message: "quarter" },
      { progressToken, progress: 3, message: "", _meta: { "mesh/chunk": { n: 1 } } },
    ].map((params) => ({ jsonrpc: "2.0", method: "notifications/progress", params }));
    const result = { jsonrpc: "2.0", id: 1, result: RESULT };
    const body = [...notes, result].map((message) => `data: ${JSON.stringify(message)}\n\n`);
    return new Response(body.join(""), { headers: { "content-type": "text/event-stream" } });
  });
  const shown = await call(["flights", "origin=x", "--stream"], registry);
  deepEqual([shown.code, shown.stdout, shown.stderr], [0, 'Hello\n{"n":1}\n', "1/4 quarter\n"]);
  const { stdout } = await call(["flights", "origin=x", "--stream", "-o", "json"], registry);
  const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
  deepEqual(events.map(({ event, ok }) => event ?? ok), [
    "chunk",
    "chunk",
    "progress",
    "chunk",
    true,
  ]);
});

Deno.test("call --stream prints the value of a tool that does not stream", async () => {
  const registry = describing(() => mcpResult({ content: [{ type: "text", text: "plain text" }] }));
  equal((await call(["flights", "origin=x", "--stream"], registry)).stdout, "plain text\n");
});

Deno.test("call --repeat sums up, and exits as the calls that failed", async () => {
  let calls = 0;
  let atOnce = 0;
  let most = 0;
  const failed = { content: [{ type: "text", text: "third time" }], isError: true };
  const registry = describing(async () => {
    const number = ++calls;
    most = Math.max(most, ++atOnce);
    await new Promise((resolve) => setTimeout(resolve, 2));
    atOnce--;
    return mcpResult(number % 3 === 0 ? failed : RESULT);
  });
  const words = ["flights", "origin=x", "--repeat", "9", "--parallel", "4"];
  const { code, stdout } = await call(words, registry);
  equal(code, 5);
  match(
    stdout,
    /^Calls +9, 4 at a time: 6 succeeded, 3 failed\nRate +[\d.]+\/s over .*\nLatency +p50/,
  );
  match(stdout, /Failed +3 × third time\n$/);
  deepEqual([calls, most], [9, 4]);
  const document = JSON.parse((await call([...words, "--json"], registry)).stdout);
  deepEqual([document.schema_version, document.calls, document.failed], [1, 9, 3]);
  equal(document.latency_ms.p50 <= document.latency_ms.p99, true);
  for (const wrong of [["--parallel", "2"], ["--repeat", "0"], ["--repeat", "2", "--stream"]]) {
    equal((await call(["flights", "origin=x", ...wrong], registry)).code, 2, wrong.join(" "));
  }
});

Deno.test("call --repeat that is interrupted tells what it has", async () => {
  const fixture = contextFixture(describing(() => {
    fixture.interrupt();
    return mcpResult(RESULT);
  }));
  const code = await dispatch(["call", "flights", "origin=x", "--repeat", "50"], fixture.context);
  equal(code, 1);
  match(fixture.stdout(), /^Calls +[01], 1 at a time/);
  match(fixture.stderr(), /interrupted after [01] of 50 calls/);
});
