import assert from "node:assert/strict";
import { parseExact } from "../../base/exact_json.ts";
import { toolContent } from "./tool_content.ts";

const IMAGE = { type: "image", data: "AA", mimeType: "image/png" };

const contents: [name: string, value: unknown, content: unknown][] = [
  ["text", "x", "x"],
  ["an object", { a: [1] }, '{"a":[1]}'],
  ["null", null, "null"],
  ["nothing", undefined, "null"],
  ["an empty list", [], "[]"],
  ["an image", IMAGE, [IMAGE]],
  ["an MCP result", { content: [{ type: "text", text: "x" }, IMAGE] }, [
    { type: "text", text: "x" },
    IMAGE,
  ]],
  ["a long text", "x".repeat(100_003), `${"x".repeat(100_000)}… (3 more characters)`],
  [
    "a long text with a character at its end",
    `${"x".repeat(99_999)}\u{1F600}y`,
    `${"x".repeat(99_999)}… (3 more characters)`,
  ],
  ["half a character", "x\ud83d", "x\ufffd"],
  ["a long text of an MCP result", { content: [{ type: "text", text: "x".repeat(100_001) }] }, [
    { type: "text", text: `${"x".repeat(100_000)}… (1 more characters)` },
  ]],
  [
    "an object with a number of many digits",
    parseExact('{"id":1915883588174806058}'),
    '{"id":1915883588174806058}',
  ],
];

for (const [name, value, content] of contents) {
  Deno.test(`toolContent() of ${name}`, () => assert.deepEqual(toolContent(value), content));
}
