import { deepEqual, equal, match, ok } from "node:assert/strict";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import { MeshError } from "../base/errors.ts";
import { gateway } from "../define/gateway.ts";
import { llmProvider } from "../llm/provider/provider.ts";
import { unrecordedParent } from "../protocol/trace_id.ts";
import { route } from "../define/route.ts";
import { served, wire } from "../suites/served_fixture.ts";
import { tool } from "../define/tool.ts";
import { type SpanSink, spanSink, type SunkSpan } from "./span_sink_fixture.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

const far = () =>
  agent({
    name: "far",
    tools: {
      weather: tool(
        { capability: "forecast", input: z.object({ city: z.string() }).strict() },
        ({ city }) => city === "" ? Promise.reject(new MeshError("tool_failed", "no city")) : city,
      ),
      words: tool({ input: z.object({}) }, async function* () {
        yield* ["a", "b", "c"];
      }),
    },
  });

const near = () =>
  agent({
    name: "near",
    tools: {
      trip: tool({
        input: z.object({ city: z.string() }),
        dependencies: { weather: { capability: "forecast", required: true } },
      }, ({ city }, { weather }) => weather({ city })),
      reader: tool({
        input: z.object({}),
        dependencies: { words: { capability: "words", required: true } },
      }, async (_, { words }) => {
        const read: unknown[] = [];
        for await (const word of words.stream()) read.push(word);
        return read;
      }),
      itself: tool({
        input: z.object({}),
        dependencies: { plain: { capability: "plain", required: true } },
      }, (_, { plain }) => plain()),
      plain: tool({ input: z.object({}) }, (_, { trace }) => trace?.traceId ?? "none"),
    },
  });

/** Two agents whose spans go to a sink; a tool of the one is wired to one of the other. */
async function mesh(env: Record<string, string> = {}, [from, to] = ["trip", "weather"]) {
  const sink = spanSink();
  const all = { MCP_MESH_REGISTRY_URL: sink.url, MCP_MESH_SETTLE_TIMEOUT: "0", ...env };
  const [caller, provider] = [await served(near(), all), await served(far(), all)];
  wire(caller, from ?? "", provider, to ?? "");
  return {
    sink,
    caller,
    provider,
    async [Symbol.asyncDispose]() {
      await caller[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
    },
  };
}

/** The chain of a span up to its root, by name and kind. */
function chain(sink: SpanSink, leaf: SunkSpan | undefined): string[] {
  const steps: string[] = [];
  for (let at = leaf; at !== undefined;) {
    steps.unshift(`${at.agent.name} ${at.kind} ${at.name}`);
    const parent: string | undefined = at.parent_span_id;
    at = sink.spans.find(({ span_id }) => span_id === parent);
  }
  return steps;
}

Deno.test("a call on a caller's headers is recorded on both sides, below the caller's span", async () => {
  await using self = await mesh();
  const { sink, caller, provider } = self;
  const before = Date.now() * 1_000;
  await caller.call("trip", {
    args: { city: "Bergen" },
    headers: { "x-trace-id": TRACE, "x-parent-span": SPAN },
  });
  const spans = await sink.have(3);
  const leaf = spans.find(({ agent }) => agent.name === "far");
  deepEqual(chain(sink, leaf), [
    "near server trip",
    "near client weather",
    "far server weather",
  ]);
  const root = spans.find(({ name }) => name === "trip");
  equal(root?.parent_span_id, SPAN);
  for (const span of spans) {
    equal(span.trace_id, TRACE);
    ok(span.start_us >= before - 1_000 && (span.duration_us ?? 0) > 0, JSON.stringify(span));
    equal(span.error, undefined);
    ok((span.request_bytes ?? 0) > 0 && (span.response_bytes ?? 0) > 0, JSON.stringify(span));
  }
  const client = spans.find(({ kind }) => kind === "client");
  equal(client?.target_agent, provider.node.config.agentId);
  equal(client?.capability, "forecast");
  equal(leaf?.capability, "forecast");
  equal(leaf?.agent.id, provider.node.config.agentId);
});

Deno.test("arguments of the reference name the trace, and the tool does not see them", async () => {
  await using self = await mesh();
  const args = { city: "Oslo", _trace_id: TRACE, _parent_span: SPAN, _mesh_headers: {} };
  // The tool's input takes nothing but a city.
  equal(await self.provider.call("weather", { args }), "Oslo");
  const [span] = await self.sink.have(1);
  deepEqual([span?.trace_id, span?.parent_span_id], [TRACE, SPAN]);
});

Deno.test("a caller that records no span of its own has the root below none", async () => {
  await using self = await mesh();
  const traceparent = `00-${TRACE}-${unrecordedParent(TRACE)}-01`;
  await self.provider.call("weather", { args: { city: "Oslo" }, headers: { traceparent } });
  const [span] = await self.sink.have(1);
  deepEqual([span?.trace_id, span?.parent_span_id], [TRACE, undefined]);
});

Deno.test("a failure is in the spans of both sides, with its code and text", async () => {
  await using self = await mesh();
  const headers = { "x-trace-id": TRACE };
  await self.caller.call("trip", { args: { city: "" }, headers }).catch(() => {});
  const spans = await self.sink.have(3);
  deepEqual(spans.map(({ error }) => error?.code), spans.map(() => "tool_failed"));
  for (const { error } of spans) match(error?.message ?? "", /no city/);
});

Deno.test("a stream's spans end with it, and count its chunks", async () => {
  await using self = await mesh({}, ["reader", "words"]);
  deepEqual(await self.caller.call("reader", { headers: { "x-trace-id": TRACE } }), [
    "a",
    "b",
    "c",
  ]);
  const spans = await self.sink.have(3);
  const words = spans.filter(({ name }) => name === "words");
  deepEqual(words.map(({ kind, chunks }) => [kind, chunks]).sort(), [["client", 3], ["server", 3]]);
});

Deno.test("an agent's call to itself is a call like others", async () => {
  await using self = await mesh();
  const { caller, sink } = self;
  wire(caller, "itself", caller, "plain");
  equal(await caller.call("itself", { headers: { "x-trace-id": TRACE } }), TRACE);
  const leaf = (await sink.have(3)).find(({ name, kind }) => name === "plain" && kind === "server");
  deepEqual(chain(sink, leaf), ["near server itself", "near client plain", "near server plain"]);
});

Deno.test("a request to a route has a span", async () => {
  await using sink = spanSink();
  const app = gateway({
    name: "front",
    routes: { "GET /trips/:city": route({}, ({ params }) => params.city) },
  });
  await using front = await served(app, {
    MCP_MESH_REGISTRY_URL: sink.url,
    MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "yes",
  });
  const response = await fetch(`${front.endpoint}/trips/Oslo`);
  equal(await response.text(), '"Oslo"');
  const [span] = await sink.have(1);
  deepEqual([span?.name, span?.kind, span?.parent_span_id], [
    "GET /trips/:city",
    "server",
    undefined,
  ]);
});

Deno.test("a turn of a language model has a span below the provider's, with model and tokens", async () => {
  await using sink = spanSink();
  const provider = llmProvider({
    name: "talker",
    engine: {
      turn: () =>
        Promise.resolve({
          text: "hello",
          toolCalls: [],
          finishReason: "stop",
          usage: { prompt_tokens: 12, completion_tokens: 3 },
          model: "acme/talk-1",
        }),
    },
  });
  await using talker = await served(provider, { MCP_MESH_REGISTRY_URL: sink.url });
  const [tool] = talker.node.manifest.tools;
  await talker.call(tool?.name ?? "", {
    args: { request: { messages: [{ role: "user", content: "hi" }] } },
    headers: { "x-trace-id": TRACE },
  });
  const spans = await sink.have(2);
  const model = spans.find(({ llm }) => llm !== undefined);
  deepEqual(model?.llm, {
    model: "acme/talk-1",
    provider: "acme",
    input_tokens: 12,
    output_tokens: 3,
  });
  deepEqual(chain(sink, model), [`talker server ${tool?.name}`, "talker client chat"]);
});

const switches: [setting: string | undefined, headers: Record<string, string>, spans: number][] = [
  [undefined, {}, 0],
  [undefined, { "x-trace-id": TRACE }, 3],
  ["true", {}, 3],
  ["true", { traceparent: `00-${TRACE}-${SPAN}-00` }, 0],
  ["false", { "x-trace-id": TRACE }, 0],
];
for (const [setting, headers, expected] of switches) {
  Deno.test(`MCP_MESH_DISTRIBUTED_TRACING_ENABLED=${setting}, ${JSON.stringify(headers)}: ${expected} spans`, async () => {
    const env: Record<string, string> = setting === undefined
      ? {}
      : { MCP_MESH_DISTRIBUTED_TRACING_ENABLED: setting };
    const self = await mesh(env);
    await self.caller.call("trip", { args: { city: "Oslo" }, headers });
    // Stopping sends what there is.
    await self.caller[Symbol.asyncDispose]();
    await self.provider[Symbol.asyncDispose]();
    await self.sink[Symbol.asyncDispose]();
    equal(self.sink.spans.length, expected);
    equal(new Set(self.sink.spans.map(({ trace_id }) => trace_id)).size, Math.min(expected, 1));
  });
}

Deno.test("a trace that is not sampled is so for all who see it", async () => {
  const self = await mesh({
    MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "true",
    MCP_MESH_TRACE_SAMPLE_RATIO: "0.5",
  });
  for (let call = 0; call < 40; call++) await self.caller.call("trip", { args: { city: "x" } });
  await self[Symbol.asyncDispose]();
  const traces = Map.groupBy(self.sink.spans, ({ trace_id }) => trace_id);
  ok(traces.size > 5 && traces.size < 35, `${traces.size} of 40`);
  for (const spans of traces.values()) equal(spans.length, 3);
});

Deno.test("an agent that stops while nobody takes its spans says how many are lost", async () => {
  await using sink = spanSink();
  sink.refuse(Infinity, 503);
  const lines: string[] = [];
  const env = {
    MCP_MESH_REGISTRY_URL: sink.url,
    MCP_MESH_SETTLE_TIMEOUT: "0",
    MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "true",
  };
  {
    await using self = await served(
      near(),
      env,
      (level, line) => void lines.push(`${level} ${line}`),
    );
    for (let call = 0; call < 3; call++) await self.call("plain");
  }
  const lost = lines.filter((line) => line.includes("lost") && line.includes("before the end"));
  deepEqual(lost, ["warn 3 spans could not be delivered before the end and are lost"]);
});
