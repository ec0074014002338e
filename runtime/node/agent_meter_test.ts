import { equal, match } from "node:assert/strict";
import * as z from "zod";
import { agent } from "../define/agent.ts";
import { MeshError } from "../base/errors.ts";
import { llmProvider } from "../llm/provider/provider.ts";
import { served, wire } from "../suites/served_fixture.ts";
import { tool } from "../define/tool.ts";
import { isInstalled } from "../../.ci/fixtures/process_tests.ts";

const far = () =>
  agent({
    name: "far",
    tools: {
      weather: tool(
        { capability: "forecast", input: z.object({ city: z.string() }) },
        ({ city }) => city === "" ? Promise.reject(new MeshError("bad_input", "no city")) : city,
      ),
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
    },
  });

const env = { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:1" };

async function scrape(endpoint: string): Promise<string> {
  const response = await fetch(`${endpoint}/metrics`);
  match(response.headers.get("content-type") ?? "", /^text\/plain; version=0.0.4/);
  return await response.text();
}

Deno.test("/metrics counts calls by tool and error, and calls to others by edge", async () => {
  await using provider = await served(far(), { ...env, MCP_MESH_AGENT_ID: "far-0123abcd" });
  await using caller = await served(near(), env);
  wire(caller, "trip", provider, "weather");
  await caller.call("trip", { args: { city: "Oslo" } });
  await caller.call("trip", { args: { city: "" } }).catch(() => {});
  const there = await scrape(provider.endpoint);
  const series = (error: string) =>
    'mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",' +
    `gen_ai_tool_name="weather",mesh_capability="forecast",error_type="${error}"} 1`;
  match(there, new RegExp(escaped(series(""))));
  match(there, new RegExp(escaped(series("bad_input"))));
  match(there, /mesh_server_active_operations\{gen_ai_tool_name="weather"\} 0/);
  match(there, /target_info\{service_name="far",service_version="1.0.0",.*"far-0123abcd"\} 1/);
  const here = await scrape(caller.endpoint);
  // Replicas come and go; what is called stays.
  match(
    here,
    /mcp_client_operation_duration_seconds_count\{.*mesh_target_agent="far",error_type=""\} 1/,
  );
  match(here, /mcp_client_operation_duration_seconds_count\{.*error_type="bad_input"\} 1/);
});

Deno.test("/metrics has the tokens of a language model, whether or not calls are recorded", async () => {
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
  const off = { MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "false" };
  await using talker = await served(provider, { ...env, ...off });
  const [tool] = talker.node.manifest.tools;
  const args = { request: { messages: [{ role: "user", content: "hi" }] } };
  await talker.call(tool?.name ?? "", { args });
  const text = await scrape(talker.endpoint);
  match(text, /gen_ai_client_token_usage_sum\{.*"acme\/talk-1".*gen_ai_token_type="input"\} 12/);
  match(text, /gen_ai_client_token_usage_sum\{.*"acme\/talk-1".*gen_ai_token_type="output"\} 3/);
  match(text, /gen_ai_client_operation_duration_seconds_count\{.*"acme",error_type=""\} 1/);
});

Deno.test("/metrics says what became of spans, how late the event loop is, what memory is used", async () => {
  await using caller = await served(far(), env);
  const text = await scrape(caller.endpoint);
  for (const outcome of ["published", "dropped", "rejected"]) {
    match(text, new RegExp(`mesh_trace_spans_total\\{outcome="${outcome}"\\} 0`));
  }
  match(text, /mesh_event_loop_delay_seconds_count \d/);
  match(text, /process_memory_usage_bytes \d/);
  equal((await fetch(`${caller.endpoint}/metrics`, { method: "HEAD" })).status, 200);
});

Deno.test({
  name: "/metrics: promtool finds nothing to complain about (needs Debian's prometheus)",
  ignore: !isInstalled("promtool", "--version"),
  fn: async () => {
    await using provider = await served(far(), env);
    await using caller = await served(near(), env);
    wire(caller, "trip", provider, "weather");
    await caller.call("trip", { args: { city: "Oslo" } });
    const child = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(await scrape(caller.endpoint)));
    await writer.close();
    const { stdout, stderr } = await child.output();
    equal(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr), "");
  },
});

function escaped(text: string): string {
  return text.replace(/[{}/]/g, "\\$&");
}
