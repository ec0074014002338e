/** Traces of TripPlanner, as `meshctl trace` shows them: from agents to the registry, nothing else. */
import { deepEqual, equal, match } from "node:assert/strict";
import { traceTree } from "../../runtime/protocol/trace_tree.ts";
import type { CompletedTrace, TraceSpan } from "../../runtime/protocol/trace_view.ts";
import type { TestMesh } from "./meshctl.ts";
import { type TripPlanner, tripPlannerFile, withTripPlanner } from "./trip_planner_fixture.ts";

const PARENT = "b7ad6b7169203331";

/** A node of a tree, with those below it. */
type Shape = string | { readonly [name: string]: readonly Shape[] };

function shapeOf({ span, children }: ReturnType<typeof traceTree<TraceSpan>>[number]): Shape {
  return children.length === 0 ? span.Operation : { [span.Operation]: children.map(shapeOf) };
}

/** A trace, once no span of it runs and each parent is there. */
async function completed(mesh: TestMesh, id: string): Promise<CompletedTrace> {
  const { code, stdout, stderr } = await mesh.run(
    ...["trace", id, "--json", "--retries", "10", "--retry-delay", "0.2"],
  );
  equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** What a client sends that knows the reference's way to name a trace, and no other. */
async function rawCall(planner: TripPlanner, id: string): Promise<unknown> {
  const response = await fetch(`${await planner.addressOf("flight-agent")}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "X-Trace-ID": id,
      "X-Parent-Span": PARENT,
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name: "flight_search",
        arguments: {
          ...{ origin: "SFO", destination: "NRT", date: "2026-06-01" },
          ...{ _trace_id: id, _parent_span: PARENT, _mesh_headers: {} },
        },
      },
    }),
  });
  return await response.text();
}

/** What the model of the fourth day has called. */
const SEARCHES: Shape = {
  claude_provider: [
    { flight_search: ["get_user_prefs"] },
    "hotel_search",
    "get_weather",
    { search_pois: ["get_weather"] },
  ],
};

/** The tree of the seventh day, for a session that is continued (tripplanner.md §7). */
const COMMITTEE: Shape = {
  plan_trip: [
    "get_user_prefs",
    "get_history",
    SEARCHES,
    { budget_analysis: ["claude_provider", "claude_provider"] },
    { adventure_advice: ["claude_provider"] },
    { logistics_planning: ["claude_provider"] },
    "save_turn",
    "save_turn",
  ],
};

/** The trace of a plan that `meshctl call` asks for. */
async function tracedPlan(mesh: TestMesh, more: Record<string, unknown> = {}) {
  const args = { destination: "Kyoto", dates: "June 1-5, 2026", budget: "$2000", ...more };
  const { stderr } = await mesh.run(
    ...["call", "plan_trip", "--trace", "--timeout", "60", JSON.stringify(args)],
  );
  const id = /Trace ID: ([0-9a-f]{32})/.exec(stderr)?.[1];
  return await completed(mesh, id ?? stderr);
}

Deno.test("the trees of the tutorial's days grow as agents are added (tripplanner.md §7)", async () => {
  await withTripPlanner(
    async ({ mesh }) => {
      const shapes = async (more?: Record<string, unknown>) =>
        traceTree((await tracedPlan(mesh, more)).Spans).map(shapeOf);
      const add = async (...names: string[]) => {
        const files = names.map((name) => tripPlannerFile(`${name}.ts`));
        equal((await mesh.run("start", "-d", ...files)).code, 0);
      };
      deepEqual(await shapes(), [{ plan_trip: ["claude_provider"] }]);
      await add("flight-agent", "hotel-agent", "weather-agent", "poi-agent", "user-prefs-agent");
      deepEqual(await shapes(), [{ plan_trip: ["get_user_prefs", SEARCHES] }]);
      await add("chat-history-agent");
      deepEqual(await shapes({ session_id: "s", message: "Go on" }), [{
        plan_trip: ["get_user_prefs", "get_history", SEARCHES, "save_turn", "save_turn"],
      }]);
    },
    { files: ["claude-provider.ts", "planner-agent.ts"] },
  );
});

Deno.test("traces of TripPlanner", async (t) => {
  await withTripPlanner(async (planner) => {
    const { mesh } = planner;

    await t.step("a client with the reference's headers joins agents over two hops", async () => {
      const id = crypto.randomUUID().replaceAll("-", "");
      match(String(await rawCall(planner, id)), /"isError":false/);
      const began = Date.now();
      const { Spans } = await completed(mesh, id);
      equal(Date.now() - began < 4_000, true, `it took ${Date.now() - began} ms`);
      deepEqual(traceTree(Spans).map(shapeOf), [{ flight_search: ["get_user_prefs"] }]);
      const root = Spans.find(({ Operation }) => Operation === "flight_search");
      equal(root?.ParentSpan, PARENT);
      deepEqual(new Set(Spans.map(({ AgentName }) => AgentName)).size, 2);
    });

    await t.step("a plan has the committee's tree, node by node", async () => {
      const trace = await tracedPlan(mesh, { session_id: "s1", message: "Go on" });
      const [tree, ...others] = traceTree(trace.Spans);
      deepEqual(tree && shapeOf(tree), COMMITTEE);
      equal(others.length, 0);
      const committee = tree?.children.filter(({ span }) =>
        /^(budget|adventure|logistics)_/.test(span.Operation)
      );
      deepEqual(committee?.map(({ parallel }) => parallel), [true, true, true]);
      const turns = trace.Spans.filter(({ LLMModel }) => LLMModel !== undefined);
      equal(turns.length, 6);
      for (const { LLMModel, InputTokens, OutputTokens } of turns) {
        match(LLMModel ?? "", /^anthropic\//);
        equal((InputTokens ?? 0) > 0 && (OutputTokens ?? 0) > 0, true);
      }
    });

    await t.step("a request to the gateway is the root of what it asks for", async () => {
      const id = crypto.randomUUID().replaceAll("-", "");
      const response = await fetch(`${await planner.addressOf("gateway")}/plan`, {
        method: "POST",
        headers: { "content-type": "application/json", traceparent: `00-${id}-${PARENT}-01` },
        body: JSON.stringify({ destination: "Kyoto", dates: "June 1-5, 2026", budget: "$2000" }),
      });
      equal(response.status, 200, await response.text());
      const [tree] = traceTree((await completed(mesh, id)).Spans);
      equal(tree?.span.Operation, "POST /plan");
      deepEqual(tree?.children.map(({ span }) => span.Operation), ["plan_trip", "save_session"]);
    });
  });
});
