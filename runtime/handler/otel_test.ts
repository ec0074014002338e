import { deepEqual, equal, ok } from "node:assert/strict";
import { agent } from "../define/agent.ts";
import type { Host } from "../boundary/host.ts";
import { hostTest, isolated } from "../suites/hosts_fixture.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { served, wire } from "../suites/served_fixture.ts";
import { tool } from "../define/tool.ts";
import { registerOpenTelemetry } from "./otel.ts";
import { spanSink, type SunkSpan } from "../tracing/span_sink_fixture.ts";
import measuring from "../tracing/testdata/measuring_agent.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const traced = { headers: { "x-trace-id": TRACE } };

const hosts: Record<string, () => Promise<Host>> = {
  "in thread": () => Promise.resolve(hostInThread(measuring)),
  ...isolated((host) => () =>
    host({
      url: import.meta.resolve("../tracing/testdata/measuring_agent.ts"),
      permissions: {},
      log: () => {},
    })
  ),
};

function named(spans: readonly SunkSpan[], name: string, kind?: string): SunkSpan {
  const found = spans.find((span) => span.name === name && (kind ?? span.kind) === span.kind);
  ok(found, `no span "${name}" in ${JSON.stringify(spans.map(({ name }) => name))}`);
  return found;
}

for (const [kind, open] of Object.entries(hosts)) {
  hostTest(kind)(
    `${kind}: spans of agent code stand between the call and what is called in them`,
    async () => {
      await using sink = spanSink();
      const env = { MCP_MESH_REGISTRY_URL: sink.url };
      const far = agent({
        name: "far",
        tools: { weather: tool({ capability: "forecast" }, () => "sun") },
      });
      await using provider = await served(far, env);
      await using caller = await served(await open(), env);
      wire(caller, "plan", provider, "weather");
      equal(await caller.call("plan", { args: { city: "Oslo" }, ...traced }), "sun");
      const spans = await sink.have(5);
      const call = named(spans, "plan");
      const look = named(spans, "look around");
      equal(look.parent_span_id, call.span_id);
      equal(look.trace_id, TRACE);
      deepEqual(look.attributes, { city: "Oslo", many: '["a","b"]', answered: true });
      equal(named(spans, "weather", "client").parent_span_id, look.span_id);
      equal(named(spans, "inner", "consumer").parent_span_id, look.span_id);
      ok(look.start_us >= call.start_us - 2_000 && (look.duration_us ?? 0) > 0);
    },
  );

  hostTest(kind)(`${kind}: an exception in a span of agent code is its failure, once`, async () => {
    await using sink = spanSink();
    await using caller = await served(await open(), { MCP_MESH_REGISTRY_URL: sink.url });
    await caller.call("fails", traced);
    const spans = await sink.have(2);
    equal(named(spans, "try").error?.message, "no luck");
    equal(spans.length, 2);
  });

  hostTest(kind)(`${kind}: a streaming tool measures in the same call`, async () => {
    await using sink = spanSink();
    await using caller = await served(await open(), { MCP_MESH_REGISTRY_URL: sink.url });
    await caller.call("streams", traced);
    const spans = await sink.have(2);
    equal(named(spans, "between").parent_span_id, named(spans, "streams").span_id);
  });

  hostTest(kind)(`${kind}: without a trace nothing of it is kept`, async () => {
    const sink = spanSink();
    const caller = await served(await open(), { MCP_MESH_REGISTRY_URL: sink.url });
    equal(await caller.call("fails"), "done");
    await caller[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
    equal(sink.spans.length, 0);
  });
}

Deno.test("registerOpenTelemetry() leaves a provider that is there", () => {
  const theirs = { version: "1.0.0" };
  const key = Symbol.for("opentelemetry.js.api.1");
  const scope = { [key]: theirs };
  registerOpenTelemetry(scope);
  equal(scope[key], theirs);
});
