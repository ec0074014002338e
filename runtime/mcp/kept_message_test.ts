import assert from "node:assert/strict";
import { isTooLongToKeep, KEPT_MESSAGE_MAX } from "./kept_message.ts";

const long = "x".repeat(KEPT_MESSAGE_MAX);
const rows: [name: string, message: unknown, expected: boolean][] = [
  ["a short subscription", { method: "subscriptions/listen" }, false],
  ["a long subscription", { method: "subscriptions/listen", params: { uri: long } }, true],
  ["a long subscription to a resource", { method: "resources/subscribe", uri: long }, true],
  ["a long introduction", { method: "initialize", params: { clientInfo: { name: long } } }, true],
  ["a long call", { method: "tools/call", params: { name: "initialize", text: long } }, false],
  ["one of a batch", [null, { method: "ping", long }, { method: "resources/subscribe" }], true],
  ["a long batch of others", [null, 1, { method: "ping", long }], false],
  ["a long text", long, false],
];
for (const [name, message, expected] of rows) {
  Deno.test(`isTooLongToKeep() says ${expected} of ${name}`, () => {
    assert.equal(isTooLongToKeep(JSON.stringify(message)), expected);
  });
}

Deno.test("isTooLongToKeep() leaves what is no JSON to others", () => {
  assert.equal(isTooLongToKeep(`{"method":"initialize",${long}`), false);
});
