import { equal, match, notEqual } from "node:assert/strict";
import { newSpanId, newTraceId, spanIdOf, traceIdOf, unrecordedParent } from "./trace_id.ts";

Deno.test("traceIdOf() takes 32 hex digits in any case, as a UUID too, and nothing else", () => {
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const rows: [string, string | undefined][] = [
    [id, id],
    [id.toUpperCase(), id],
    ["4bf92f35-77b3-4da6-a3ce-929d0e0e4736", id],
    ["0".repeat(32), undefined],
    [id.slice(1), undefined],
    [`${id}0`, undefined],
    ["x".repeat(32), undefined],
    ["", undefined],
  ];
  for (const [text, read] of rows) equal(traceIdOf(text), read, text);
});

Deno.test("spanIdOf() takes 16 hex digits in any case, and nothing else", () => {
  const rows: [string, string | undefined][] = [
    ["00F067AA0BA902B7", "00f067aa0ba902b7"],
    ["0".repeat(16), undefined],
    ["00f067aa0ba902b", undefined],
    ["null", undefined],
  ];
  for (const [text, read] of rows) equal(spanIdOf(text), read, text);
});

Deno.test("newTraceId() and newSpanId() are valid and differ", () => {
  match(newTraceId(), /^[0-9a-f]{32}$/);
  match(newSpanId(), /^[0-9a-f]{16}$/);
  notEqual(newTraceId(), newTraceId());
  notEqual(newSpanId(), newSpanId());
});

Deno.test("unrecordedParent() is a valid span id for every trace id", () => {
  equal(unrecordedParent("4bf92f3577b34da6a3ce929d0e0e4736"), "4bf92f3577b34da6");
  equal(unrecordedParent("0000000000000000a3ce929d0e0e4736"), "a3ce929d0e0e4736");
});
