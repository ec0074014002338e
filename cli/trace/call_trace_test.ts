import { deepEqual, equal, match } from "node:assert/strict";
import { TestMesh } from "../../registry/suites/mesh_fixture.ts";
import { batch, type SpanFacts } from "../../registry/trace/span_fixture.ts";
import { unrecordedParent } from "../../runtime/protocol/trace_id.ts";
import { contextFixture } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import {
  agentInfo,
  fakeRegistry,
  mcpResult,
  type SeenRequest,
  toolInfo,
} from "../mesh/mesh_fixture.ts";

const RESULT = { content: [{ type: "text", text: "hi" }] };
const agents = [
  agentInfo({ name: "flight-agent", capabilities: [toolInfo({ function_name: "flight_search" })] }),
  agentInfo({
    name: "java-agent",
    runtime: "java",
    capabilities: [toolInfo({ function_name: "bean_search" })],
  }),
];

/** Sends spans as an agent that was called, with the trace id it was given. */
async function sendSpans(mesh: TestMesh, traceId: string, spans: SpanFacts[]): Promise<void> {
  const { agent, spans: sent } = batch("flight-agent", spans);
  const body = JSON.stringify({
    agent,
    spans: sent.map((span) => ({ ...span, trace_id: traceId })),
  });
  const response = await mesh.send("/trace/spans", { method: "POST", body });
  equal(response.status, 202, await response.text());
}

const ROOT: SpanFacts = { id: 1, name: "flight_search", ms: 20 };
const CHILD: SpanFacts = { id: 2, parent: 1, name: "get_user_prefs", at: 5 };

/**
 * Calls a tool of agents that send spans.
 *
 * @param late How often the trace is looked for before the last of its spans, the root, comes.
 */
async function call(
  args: string[],
  answer: Response = mcpResult(RESULT),
  late = 0,
  { root = ROOT, others = [CHILD], env = {} } = {},
) {
  await using mesh = await TestMesh.open({ env });
  const seen: SeenRequest[] = [];
  let looks = 0;
  let id = "";
  const registry = fakeRegistry(agents, async (request) => {
    // Schemas are no part of the call, and belong to no trace.
    if (JSON.parse(request.body).method !== "tools/call") {
      equal(request.headers.get("x-trace-id"), null);
      return mcpResult({ tools: [] });
    }
    seen.push(request);
    id = request.headers.get("x-trace-id") ?? "";
    if (id !== "" && Object.keys(env).length === 0) {
      await sendSpans(mesh, id, late === 0 ? [root, ...others] : others);
    }
    return answer;
  });
  const fixture = contextFixture({
    fetch: async (input, init) => {
      const request = new Request(input, init);
      if (!new URL(request.url).pathname.startsWith("/trace/")) {
        return await registry.fetch(request);
      }
      if (looks++ === late && late > 0) await sendSpans(mesh, id, [root]);
      return await mesh.ask(request);
    },
  });
  const code = await dispatch(["call", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr(), seen, looks };
}

Deno.test("call --trace sends an id of its own and tells it, apart from the data", async () => {
  const { code, stdout, stderr, seen, looks } = await call(["flight_search", "{}", "--trace"]);
  equal(code, 0);
  deepEqual(JSON.parse(stdout), RESULT);
  const [, id = ""] =
    /^Trace ID: ([0-9a-f]{32})\nSee it with `meshctl trace \1`\.\n$/.exec(stderr) ??
      [];
  const [request] = seen;
  equal(request?.headers.get("x-trace-id"), id);
  equal(request?.headers.get("traceparent"), `00-${id}-${unrecordedParent(id)}-01`);
  deepEqual(JSON.parse(request?.body ?? "").params.arguments, {});
  equal(looks, 0);
});

Deno.test("call --trace names the trace in the arguments of agents that see no headers", async () => {
  const { seen, stderr } = await call(["bean_search", '{"q":"x"}', "--trace"]);
  const id = stderr.split(" ")[2]?.split("\n")[0];
  deepEqual(JSON.parse(seen[0]?.body ?? "").params.arguments, { q: "x", _trace_id: id });
});

Deno.test("call --trace=tree waits for the whole tree", async () => {
  for (const late of [0, 3]) {
    const { stdout, stderr } = await call(
      ["flight_search", "--trace=tree"],
      mcpResult(RESULT),
      late,
    );
    deepEqual(JSON.parse(stdout), RESULT);
    match(
      stderr,
      /└─ flight_search \(flight-agent\) \[20ms\] ✓\n {3}└─ get_user_prefs \(flight-agent\) \[10ms\] ✓\n/,
    );
  }
});

Deno.test("call --trace=tree shows what has come when the rest does not", async () => {
  const { code, stderr } = await call(["flight_search", "--trace=tree"], mcpResult(RESULT), 99);
  equal(code, 0);
  match(stderr, /└─ get_user_prefs/);
});

Deno.test("call --trace=tree waits a while for what the called agents tell", async () => {
  const asked: SpanFacts = { ...ROOT, kind: "client", target_agent: "prefs-agent" };
  const called: SpanFacts = { ...CHILD, name: "flight_search" };
  const wait = (root: SpanFacts, late: number, others: SpanFacts[]) =>
    call(["flight_search", "--trace=tree"], mcpResult(RESULT), late, { root, others });
  const told = await wait(called, 3, [asked]);
  equal(told.looks > 3, true);
  match(told.stderr, /2 spans/);
  const untold = await wait(called, 99, [asked]);
  equal(untold.looks < 15, true);
  match(untold.stderr, /1 span /);
});

Deno.test("call --trace=tree says how traces are switched on, where they are off", async () => {
  const { code, stderr, looks } = await call(
    ["flight_search", "--trace=tree"],
    mcpResult(RESULT),
    0,
    { env: { MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "false" } },
  );
  deepEqual([code, looks], [0, 1]);
  match(stderr, /keeps no traces: they are switched off\. Start it with --dte/);
  equal(stderr.includes("; try"), false);
});

Deno.test("call --trace tells the id of a call that failed, too", async () => {
  const failed = await call(["flight_search", "--trace"], mcpResult({ ...RESULT, isError: true }));
  equal(failed.code, 5);
  match(failed.stderr, /^Trace ID: [0-9a-f]{32}\n/);
});

Deno.test("call without --trace begins none; with another value it is refused", async () => {
  const { seen, stderr } = await call(["flight_search"]);
  deepEqual([seen[0]?.headers.get("traceparent"), stderr], [null, ""]);
  const refused = await call(["flight_search", "--trace=json"]);
  deepEqual([refused.code, refused.seen.length], [2, 0]);
  match(refused.stderr, /--trace is "json"/);
});
