import { deepEqual, notEqual } from "node:assert/strict";
import { ServerSpan } from "./call_span.ts";
import { SpanClock } from "../base/span_clock.ts";

Deno.test("spans pass on what other tracing systems say of the trace, below ids of their own", () => {
  const begin = {
    traceId: "a".repeat(32),
    parentSpanId: "b".repeat(16),
    state: "vendor=1",
    name: "plan",
    capability: undefined,
    requestBytes: undefined,
  };
  const server = new ServerSpan({ clock: new SpanClock(), offer: () => {} }, begin);
  const client = server.client("search", undefined);
  for (const { context } of [server, client]) {
    deepEqual([context.traceId, context.state], [begin.traceId, "vendor=1"]);
  }
  notEqual(server.context.parentSpanId, client.context.parentSpanId);
});
