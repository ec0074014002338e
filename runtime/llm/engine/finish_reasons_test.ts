import assert from "node:assert/strict";
import { endingOf, FINISH_WORDS } from "./finish_reasons.ts";

for (const { word, is, vendor } of FINISH_WORDS) {
  Deno.test(`endingOf() knows "${word}" of ${vendor} for ${is}`, () => {
    assert.equal(endingOf(word), is);
  });
}

const others: [word: string, ending: ReturnType<typeof endingOf>][] = [
  ["max-tokens", "length"],
  ["maxTokens", "length"],
  ["contentFiltered", "content_filter"],
  ["Model_Length", "length"],
  ["safety", "content_filter"],
  ["content_filter: SOMETHING_NEW", "content_filter"],
  ["function_call_filter: UNEXPECTED_TOOL_CALL", "failed"],
  ["tool calls", "tool_calls"],
  ["FINISH_REASON_MAX_TOKENS", "length"],
  ["FinishReason.STOP", "stop"],
  ["something new", undefined],
  ["", undefined],
];

for (const [word, ending] of others) {
  Deno.test(`endingOf() takes "${word}" for ${ending}`, () => assert.equal(endingOf(word), ending));
}

Deno.test("FINISH_WORDS has no word twice, and a source for each", () => {
  assert.equal(new Set(FINISH_WORDS.map(({ word }) => word)).size, FINISH_WORDS.length);
  assert.ok(FINISH_WORDS.every(({ source }) => source.length > 0));
});
