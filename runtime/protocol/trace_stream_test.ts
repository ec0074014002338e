import { deepEqual, equal, match } from "node:assert/strict";
import { SpanAgentSchema, SpanSchema } from "./trace.ts";
import { type MeasuredSpan, readStreamEntry, streamEntry } from "./trace_stream.ts";

const NOW = 1_767_225_601_000;
const MEASURED: MeasuredSpan = {
  agent: SpanAgentSchema.parse({
    id: "planner-agent-0a1b2c3d",
    name: "planner-agent",
    version: "2.0.0",
    namespace: "default",
    runtime: "deno",
    hostname: "host",
    ip: "10.0.0.7",
    port: 9107,
    endpoint: "http://10.0.0.7:9107",
  }),
  span: SpanSchema.parse({
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    span_id: "00f067aa0ba902b7",
    parent_span_id: "b7ad6b7169203331",
    name: "get_user_prefs",
    kind: "client",
    start_us: 1_767_225_600_123_456,
    duration_us: 2_504,
    error: { code: "unreachable", message: "nobody answers" },
    capability: "user_preferences",
    target_agent: "user-prefs-agent-99887766",
    request_bytes: 10,
    response_bytes: 20,
    attempts: 3,
    chunks: 4,
    llm: { model: "m", provider: "p", input_tokens: 1, output_tokens: 2 },
    attributes: { note: "x", ok: true },
  }),
};

/** The entry by field. */
function fieldsOf(entry: readonly string[] | undefined): Record<string, string> {
  const pairs = Array.from(
    { length: (entry?.length ?? 0) / 2 },
    (_, at) => [entry?.[2 * at], entry?.[2 * at + 1]],
  );
  return Object.fromEntries(pairs);
}

/** What is read of an entry with these fields. */
function read(fields: Record<string, string>) {
  return readStreamEntry(Object.entries(fields).flat());
}

/** An entry as the reference's Python agents write it. */
const PYTHON = {
  trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
  span_id: "00f067aa0ba902b7",
  parent_span: "null",
  function_name: "get_weather",
  start_time: "1767225600.123456",
  end_time: "1767225600.125960",
  duration_ms: "2.50",
  success: "False",
  error: "no such city",
  result_type: "dict",
  args_count: "0",
  kwargs_count: "2",
  dependencies: "[]",
  agent_id: "weather-agent-1eaedb6c",
  agent_name: "weather-agent",
  agent_namespace: "default",
  agent_hostname: "box",
  agent_ip: "10.0.0.3",
  agent_port: "9103",
  agent_endpoint: "http://10.0.0.3:9103",
  runtime: "python",
  published_at: "1767225600.2",
};

Deno.test("streamEntry() and readStreamEntry() lose nothing", () => {
  deepEqual(readStreamEntry(streamEntry(MEASURED, NOW) ?? []), MEASURED);
});

Deno.test("streamEntry() writes the reference's fields as texts", () => {
  const { span_extra: _, ...fields } = fieldsOf(streamEntry(MEASURED, NOW));
  deepEqual(fields, {
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    span_id: "00f067aa0ba902b7",
    parent_span: "b7ad6b7169203331",
    function_name: "_internal_get_user_prefs",
    start_time: "1767225600.123456",
    end_time: "1767225600.125960",
    duration_ms: "2.50",
    success: "false",
    error: "nobody answers",
    error_message: "nobody answers",
    agent_id: "planner-agent-0a1b2c3d",
    agent_name: "planner-agent",
    agent_namespace: "default",
    agent_hostname: "host",
    agent_ip: "10.0.0.7",
    agent_port: "9107",
    agent_endpoint: "http://10.0.0.7:9107",
    runtime: "deno",
    capability: "user_preferences",
    target_agent: "user-prefs-agent-99887766",
    request_bytes: "10",
    response_bytes: "20",
    call_attempts: "3",
    llm_input_tokens: "1",
    llm_output_tokens: "2",
    llm_total_tokens: "3",
    llm_model: "m",
    llm_provider: "p",
    published_at: "1767225601.000000",
  });
});

Deno.test("streamEntry() names calls to dependencies as the reference hides them", () => {
  const { agent, span } = MEASURED;
  const { llm: _, parent_span_id: __, ...plain } = span;
  const named = (span: MeasuredSpan["span"]) => fieldsOf(streamEntry({ agent, span }, NOW));
  equal(named(plain)["function_name"], "proxy_call_wrapper");
  equal(named({ ...plain, kind: "server" })["function_name"], "get_user_prefs");
  equal(named(plain)["parent_span"], "null");
});

Deno.test("streamEntry() has nothing for a span that has only begun", () => {
  const { duration_us: _, ...begun } = MEASURED.span;
  equal(streamEntry({ ...MEASURED, span: begun }, NOW), undefined);
});

Deno.test("readStreamEntry() reads what the reference's agents write", () => {
  const entry = read(PYTHON);
  if ("fault" in entry) throw new Error(entry.fault);
  const { span, agent } = entry;
  equal(agent.name, "weather-agent");
  equal(agent.runtime, "python");
  equal(agent.port, 9103);
  equal(span.name, "get_weather");
  equal(span.kind, "server");
  equal(span.parent_span_id, undefined);
  equal(span.start_us, 1_767_225_600_123_456);
  equal(span.duration_us, 2_504);
  equal(span.error?.message, "no such city");
  equal(span.llm, undefined);
});

Deno.test("readStreamEntry() knows calls to dependencies and internal spans by their names", () => {
  const rows: [string, string][] = [
    ["proxy_call_wrapper", "client"],
    ["_internal_settle", "internal"],
    ["get_weather", "server"],
  ];
  for (const [function_name, kind] of rows) {
    const entry = read({ ...PYTHON, function_name });
    equal("span" in entry && entry.span.kind, kind);
  }
});

Deno.test("readStreamEntry() reads times in every form they come in", () => {
  const { start_time: _, end_time: __, duration_ms: ___, ...timeless } = PYTHON;
  const rows: [Record<string, string>, number, number | undefined][] = [
    [{ start_time: "1767225600.5", duration_ms: "2.5" }, 1_767_225_600_500_000, 2_500],
    [{ start_time: "1767225600500", duration_ms: "3" }, 1_767_225_600_500_000, 3_000],
    [{ start_time: "1767225600500000", end_time: "1767225600500900" }, 1_767_225_600_500_000, 900],
    [{ start_time: "1767225600.5", end_time: "1767225600.1" }, 1_767_225_600_500_000, 0],
    [
      { start_time: "1767225600.5", end_time: "1767225700", duration_ms: "4" },
      1_767_225_600_500_000,
      4_000,
    ],
    [{ start_time: "1767225600.5", duration_ms: "-4" }, 1_767_225_600_500_000, 0],
    [{ timestamp: "2026-01-01T00:00:00.500Z", duration_ms: "500" }, 1_767_225_600_000_000, 500_000],
    [{ timestamp: "1767225600.5", event_type: "span_start" }, 1_767_225_600_500_000, undefined],
  ];
  for (const [times, start, duration] of rows) {
    const entry = read({ ...timeless, ...times });
    if ("fault" in entry) throw new Error(entry.fault);
    equal(entry.span.start_us, start, JSON.stringify(times));
    equal(entry.span.duration_us, duration, JSON.stringify(times));
  }
});

Deno.test("readStreamEntry() reads the names of older agents", () => {
  const { function_name: _, agent_ip: __, error: ___, ...rest } = PYTHON;
  const entry = read({ ...rest, operation: "old", ip_address: "1.2.3.4", error_message: "why" });
  if ("fault" in entry) throw new Error(entry.fault);
  equal(entry.span.name, "old");
  equal(entry.agent.ip, "1.2.3.4");
  equal(entry.span.error?.message, "why");
});

Deno.test("readStreamEntry() says what is wrong with an entry it cannot use", () => {
  const rows: [Record<string, string>, RegExp][] = [
    [{}, /names no agent/],
    [{ ...PYTHON, trace_id: "abc" }, /^trace_id: /],
    [{ ...PYTHON, span_id: "" }, /^span_id: /],
    [{ ...PYTHON, start_time: "x", end_time: "y" }, /^start_us: /],
  ];
  for (const [fields, fault] of rows) {
    const entry = read(fields);
    match("fault" in entry ? entry.fault : "", fault);
  }
});

Deno.test("readStreamEntry() survives an extra that is not ours", () => {
  for (const span_extra of ["{", "null", "7", '{"kind":5,"attributes":"x"}', "[]"]) {
    const entry = read({ ...PYTHON, span_extra });
    equal("span" in entry && entry.span.kind, "server", span_extra);
  }
});

Deno.test("readStreamEntry() takes a parent that is no id for none", () => {
  for (const parent_span of ["short", "None", "", "0".repeat(16)]) {
    const entry = read({ ...PYTHON, parent_span });
    if ("fault" in entry) throw new Error(entry.fault);
    equal(entry.span.parent_span_id, undefined, parent_span);
  }
});
