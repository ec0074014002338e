import assert from "node:assert/strict";
import { traceHeaders, traceOf } from "./headers.ts";

const id = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";

const traces: [headers: Record<string, string>, expected: ReturnType<typeof traceOf>][] = [
  [{}, undefined],
  [{ traceparent: `00-${id}-${span}-01` }, { traceId: id, parentSpanId: span }],
  [{ "x-trace-id": id, "x-parent-span": span }, { traceId: id, parentSpanId: span }],
  [
    { traceparent: `00-${id}-${span}-01`, tracestate: "a=1,b=2" },
    { traceId: id, parentSpanId: span, state: "a=1,b=2" },
  ],
  [{ tracestate: "a=1", "x-trace-id": id }, { traceId: id }],
  [{ "x-trace-id": id.toUpperCase() }, { traceId: id }],
  [{ "x-trace-id": "0af76519-16cd-43dd-8448-eb211c80319c" }, { traceId: id }],
  // A short parent span crashes the reference's exporter; it must not travel on.
  [{ "x-trace-id": id, "x-parent-span": "abc" }, { traceId: id }],
  [{ "x-trace-id": "short" }, undefined],
  [{ traceparent: "nonsense", "x-trace-id": id }, { traceId: id }],
];
for (const [headers, expected] of traces) {
  Deno.test(`traceOf() ${JSON.stringify(headers)}`, () => {
    assert.deepEqual(traceOf(new Headers(headers)), expected);
  });
}

Deno.test("traceHeaders() writes what traceOf() reads", () => {
  const whole = { traceId: id, parentSpanId: span };
  const forms = [undefined, { traceId: id }, whole, { ...whole, state: "a=1", sampled: false }];
  for (const trace of forms) {
    assert.deepEqual(traceOf(new Headers(traceHeaders(trace))), trace);
  }
});
