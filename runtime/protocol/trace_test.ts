import { deepEqual, equal, match } from "node:assert/strict";
import {
  ATTRIBUTES_MAX,
  BATCH_SPANS_MAX,
  SpanBatchSchema,
  type SpanInput,
  SpanSchema,
  TEXT_MAX,
} from "./trace.ts";
import { unrecordedParent } from "./trace_id.ts";

const SPAN: SpanInput = {
  trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
  span_id: "00f067aa0ba902b7",
  name: "flight_search",
  kind: "server",
  start_us: 1_767_225_600_123_456,
  duration_us: 2_500,
};

/** What is read of the span with these members. */
function read(members: Record<string, unknown>) {
  return SpanSchema.safeParse({ ...SPAN, ...members });
}

Deno.test("SpanSchema reads a span with everything, as it is", () => {
  const full = {
    parent_span_id: "b7ad6b7169203331",
    error: { code: "timeout", message: "no answer within 30 s" },
    capability: "flight_search",
    target_agent: "flight-agent-1eaedb6c",
    request_bytes: 120,
    response_bytes: 2_048,
    attempts: 2,
    chunks: 17,
    llm: { model: "m", provider: "p", input_tokens: 10, output_tokens: 0 },
    attributes: { "gen_ai.operation.name": "chat", ok: true, temperature: 0.5 },
  };
  deepEqual(read(full).data, { ...SPAN, ...full });
});

Deno.test("SpanSchema refuses a span without ids, a name or a time", () => {
  const rows: [Record<string, unknown>, string][] = [
    [{ trace_id: "4bf9" }, "trace_id"],
    [{ trace_id: 7 }, "trace_id"],
    [{ span_id: "" }, "span_id"],
    [{ span_id: "0".repeat(16) }, "span_id"],
    [{ name: null }, "name"],
    [{ start_us: "now" }, "start_us"],
    [{ start_us: -1 }, "start_us"],
    [{ start_us: 1e300 }, "start_us"],
  ];
  for (const [members, place] of rows) {
    equal(read(members).error?.issues[0]?.path[0], place, JSON.stringify(members));
  }
});

Deno.test("SpanSchema keeps a span whose particulars cannot be used, without them", () => {
  const odd = {
    kind: "unheard-of",
    duration_us: -5,
    error: "broken",
    capability: { deep: [] },
    chunks: "many",
    llm: [],
    attributes: 3,
  };
  const { data } = read(odd);
  equal(data?.kind, "internal");
  deepEqual(data?.error, { code: undefined, message: "" });
  for (const key of ["duration_us", "capability", "chunks", "llm", "attributes"] as const) {
    equal(data?.[key], undefined, key);
  }
});

Deno.test("SpanSchema takes for a parent only what can be one", () => {
  const rows: [unknown, string | undefined][] = [
    ["b7ad6b7169203331", "b7ad6b7169203331"],
    ["B7AD6B7169203331", "b7ad6b7169203331"],
    ["b7ad", undefined],
    ["", undefined],
    ["null", undefined],
    [null, undefined],
    [{}, undefined],
    ["0".repeat(16), undefined],
    [SPAN.span_id, undefined],
    [unrecordedParent(SPAN.trace_id), undefined],
  ];
  for (const [given, parent] of rows) {
    equal(read({ parent_span_id: given }).data?.parent_span_id, parent, String(given));
  }
});

Deno.test("SpanSchema cuts texts that are too long, and never through a character", () => {
  const { data } = read({
    name: "n".repeat(TEXT_MAX.name + 1),
    error: { message: `${"e".repeat(TEXT_MAX.errorMessage - 2)}😀😀` },
    capability: "lone \ud800 half",
  });
  equal(data?.name.length, TEXT_MAX.name);
  match(data?.name ?? "", /n…$/);
  match(data?.error?.message ?? "", /e…$/);
  equal(data?.capability, "lone \ufffd half");
});

Deno.test("SpanSchema keeps scalar attributes, so many and so long", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`key${at}`, at]));
  equal(Object.keys(read({ attributes: many }).data?.attributes ?? {}).length, ATTRIBUTES_MAX);
  const { data } = read({
    attributes: { text: "x".repeat(5_000), list: [1], none: null, nan: NaN, yes: true },
  });
  equal(String(data?.attributes?.["text"]).length, TEXT_MAX.attributeValue);
  deepEqual(Object.keys(data?.attributes ?? {}), ["text", "yes"]);
});

Deno.test("SpanBatchSchema wants an agent and a bounded number of spans, read one by one", () => {
  const agent = { id: "flight-agent-1eaedb6c", name: "flight-agent" };
  equal(SpanBatchSchema.safeParse({ agent, spans: [SPAN, "not a span"] }).success, true);
  equal(SpanBatchSchema.safeParse({ spans: [] }).success, false);
  const spans = Array.from({ length: BATCH_SPANS_MAX + 1 }, () => SPAN);
  equal(SpanBatchSchema.safeParse({ agent, spans }).success, false);
});
