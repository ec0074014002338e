import { deepEqual, equal, match, ok } from "node:assert/strict";
import { TestMesh } from "../../registry/suites/mesh_fixture.ts";
import { batch, type SpanFacts, traceId } from "../../registry/trace/span_fixture.ts";
import { tripSpans } from "../../registry/trace/trip_fixture.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import { contextFixture, type ContextFixtureOptions } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";

/** A registry that a command under test asks. */
function asking(mesh: TestMesh): ContextFixtureOptions {
  return { fetch: (input, init) => mesh.ask(new Request(input, init)) };
}

async function trace(args: string[], options: ContextFixtureOptions) {
  const fixture = contextFixture(options);
  const code = await dispatch(["trace", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

async function post(mesh: TestMesh, body: unknown): Promise<void> {
  const response = await mesh.send("/trace/spans", { method: "POST", body: JSON.stringify(body) });
  equal(response.status, 202, await response.text());
}

async function send(mesh: TestMesh, agent: string, ...spans: SpanFacts[]): Promise<void> {
  await post(mesh, batch(agent, spans));
}

async function sendAll(mesh: TestMesh, measured: readonly MeasuredSpan[]): Promise<void> {
  for (const { agent, span } of measured) await post(mesh, { agent, spans: [span] });
}

const trip = `Call tree for trace ${traceId(4)}
════════════════════════════════════════════════════════════

└─ plan_trip (planner-agent) [_ms] ✓
   ├─ get_user_prefs (user-prefs-agent) [_ms] ✓
   └─ claude_provider (claude-provider) [_ms] ✓
      ├─ flight_search (flight-agent) [_ms] ✓
      │  └─ get_user_prefs (user-prefs-agent) [_ms] ✓
      ├─ hotel_search (hotel-agent) [_ms] ✓
      ├─ get_weather (weather-agent) [_ms] ✓
      └─ search_pois (poi-agent) [_ms] ✓
         └─ get_weather (weather-agent) [_ms] ✓

────────────────────────────────────────────────────────────
`;

Deno.test("trace shows the tree of the tutorial's day 4, by the beginning of an id", async () => {
  await using mesh = await TestMesh.open();
  await sendAll(mesh, tripSpans(4));
  const { code, stdout, stderr } = await trace(["0004"], asking(mesh));
  deepEqual([code, stderr], [0, ""]);
  const [tree = "", summary = ""] = stdout.split(/(?=Summary)/);
  equal(tree.replaceAll(/\[\d+ms\]/g, "[_ms]"), trip);
  match(summary, /^Summary: \d+ spans across 7 agents \| \d.*s \| ✓\nAgents: planner-agent, .+\n$/);
});

Deno.test("trace marks what ran at the same time, and nothing else", async () => {
  await using mesh = await TestMesh.open();
  await sendAll(mesh, tripSpans(7));
  const { stdout } = await trace(["--last"], asking(mesh));
  const parallel = stdout.split("\n").filter((line) => line.includes("∥"));
  deepEqual(parallel.map((line) => line.replace(/ \[.*/, "")), [
    "   ├─ budget_analysis (budget-analyst)",
    "   ├─ adventure_advice (adventure-advisor)",
    "   ├─ logistics_planning (logistics-planner)",
  ]);
});

Deno.test("trace shows an error below its span, in lines that fit", async () => {
  await using mesh = await TestMesh.open();
  const message = "no seats\nfrom SFO to NRT\u001b[31m on any of the flights of that day";
  await send(mesh, "planner-agent", { id: 1, name: "plan_trip", ms: 30 });
  await send(mesh, "flight-agent", {
    id: 2,
    parent: 1,
    name: "flight_search_with_a_long_name",
    error: { message },
  });
  const { stdout } = await trace(["--last"], { ...asking(mesh), columns: 40 });
  const lines = stdout.split("\n");
  deepEqual(lines.slice(3, 7), [
    "└─ plan_trip (planner-agent) [30ms] ✓",
    "   └─ flight_search_with_a_lon… [10ms] ✗",
    "         no seats from SFO to NRT [31m",
    "         on any of the flights of that",
  ]);
  for (const line of lines) ok([...line].length <= 40 || /^(Call tree|Summary)/.test(line), line);
  match(stdout, /\| ✗\n/);
});

Deno.test("trace --show-internal shows callers and models, --json everything", async () => {
  await using mesh = await TestMesh.open();
  await sendAll(mesh, tripSpans(3));
  const { stdout } = await trace(["--last", "--show-internal"], asking(mesh));
  match(stdout, /proxy_call_wrapper \(planner-agent\)/);
  match(stdout, /anthropic\/claude-sonnet-4-5/);
  const json = JSON.parse((await trace(["--last", "--json"], asking(mesh))).stdout);
  equal(json.SpanCount, json.Spans.length);
});

Deno.test("trace asks again for what is not there yet", async () => {
  await using mesh = await TestMesh.open();
  let asked = 0;
  const late: ContextFixtureOptions = {
    fetch: async (input, init) => {
      if (++asked === 3) await send(mesh, "flight-agent", { id: 1 });
      return await mesh.ask(new Request(input, init));
    },
  };
  const { code, stdout, stderr } = await trace([traceId(1), "--retry-delay", "1"], late);
  equal(code, 0);
  match(stdout, /└─ search \(flight-agent\) \[10ms\] ✓/);
  match(stderr, /trying again in 1 s \(3 left\)\n.*trying again in 1 s \(2 left\)\n$/);
});

Deno.test("trace exits by what went wrong", async () => {
  await using mesh = await TestMesh.open();
  await send(mesh, "flight-agent", { trace: 1, id: 1 }, { trace: 2, id: 2 });
  await using off = await TestMesh.open({
    env: { MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "false" },
  });
  const rows: [args: string[], options: ContextFixtureOptions, code: number, says: RegExp][] = [
    [["00ff", "--retries", "0"], asking(mesh), 3, /trace 00ff is not there/],
    [["000"], asking(mesh), 2, /2 traces begin with 000; give more of the id: 0001/],
    [["--last", "--agent", "nobody", "--retries", "1"], asking(mesh), 3, /no such trace yet/],
    [["0001", "--retries", "9"], asking(off), 1, /keeps no traces: they are switched off/],
    [["0001", "--retries", "0"], {}, 4, /does not answer/],
    [[], {}, 2, /one of an id, ls, --last and -f/],
    [["0001", "--last"], {}, 2, /one of an id, ls, --last and -f/],
    [["0001", "--error"], {}, 2, /choose among traces/],
    [["ls", "-n", "0"], {}, 2, /takes 1 to 1000/],
    [["ls", "--min-duration", "soon"], {}, 2, /--min-duration is "soon", which is no duration/],
    [["-f", "--min-duration", "1x"], {}, 2, /--min-duration is "1x", which is no duration/],
  ];
  for (const [args, options, code, says] of rows) {
    const told = await trace(args, options);
    equal(told.code, code, `${args}: ${told.stderr}`);
    match(told.stderr, says);
    // What cannot be helped by waiting is not waited for.
    equal(told.stderr.includes("again"), args.includes("1"), told.stderr);
  }
});

Deno.test("trace ls lists the latest first, all that are asked for", async () => {
  await using mesh = await TestMesh.open();
  for (let number = 1; number <= 130; number++) {
    const failed = number % 10 === 0 ? { error: { message: "no" } } : {};
    await send(mesh, "flight-agent", { trace: number, id: number, ms: 1_500, ...failed });
  }
  const table = await trace(["ls", "-n", "3"], { ...asking(mesh), now: mesh.now });
  match(table.stdout, /^TRACE +OPERATION +SPANS +AGENTS +DURATION +AGE\n-+\n/);
  const rows = table.stdout.trimEnd().split("\n").slice(2).map((line) => line.split(/ {2,}/));
  deepEqual(rows.map(([id]) => id), [traceId(130), traceId(129), traceId(128)]);
  deepEqual(rows[0]?.slice(1, 5), ["search (flight-agent)", "1", "1", "1.50s"]);
  deepEqual(rows.map((row) => row.at(-1)), ["✗", "✓", "✓"]);
  const all = JSON.parse((await trace(["ls", "-n", "500", "--json"], asking(mesh))).stdout);
  equal(all.count, 130);
  const failed = JSON.parse((await trace(["ls", "--error", "--json"], asking(mesh))).stdout);
  equal(failed.count, 13);
  equal((await trace(["ls", "--agent", "nobody"], asking(mesh))).stderr, "No traces found\n");
});

Deno.test("trace -f shows each trace as it ends, until it is interrupted", async () => {
  await using mesh = await TestMesh.open();
  const begun = Promise.withResolvers<void>();
  const fixture = contextFixture({
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const response = await mesh.ask(request);
      if (!request.url.includes("/stream")) return response;
      begun.resolve();
      // A connection ends when its caller wants no more of it.
      const body = response.body?.pipeThrough(new TransformStream(), { signal: request.signal });
      return new Response(body ?? null, response);
    },
  });
  const following = dispatch(["trace", "-f", "--operation", "plan_trip"], fixture.context);
  await begun.promise;
  await send(mesh, "hotel-agent", { trace: 7, id: 9 });
  await send(mesh, "planner-agent", { trace: 8, id: 1, name: "plan_trip" });
  // The trace counts as over once nothing has come for a while.
  const passing = setInterval(() => mesh.now += 1_000, 50);
  await fixture.stdoutEndsWith("Agents: planner-agent\n\n");
  clearInterval(passing);
  fixture.interrupt();
  equal(await following, 0);
  match(fixture.stdout(), new RegExp(`^Call tree for trace ${traceId(8)}\n`));
  ok(!fixture.stdout().includes(traceId(7)));
});
