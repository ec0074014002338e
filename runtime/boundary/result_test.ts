import assert from "node:assert/strict";
import { MeshError } from "../base/errors.ts";
import { decodeResult, encodeOutcome, errorToResult, outcomeToResult } from "./result.ts";
import type { CallToolResult } from "../protocol/mcp_content.ts";

const wrap = { _meta: { fastmcp: { wrap_result: true } } };
const values: [value: unknown, result: CallToolResult][] = [
  [{ a: 1 }, {
    content: [{ type: "text", text: '{"a":1}' }],
    structuredContent: { a: 1 },
    isError: false,
  }],
  [[1, 2], {
    content: [{ type: "text", text: "[1,2]" }],
    structuredContent: { result: [1, 2] },
    isError: false,
    ...wrap,
  }],
  ["text", {
    content: [{ type: "text", text: "text" }],
    structuredContent: { result: "text" },
    isError: false,
    ...wrap,
  }],
  [null, {
    content: [{ type: "text", text: "null" }],
    structuredContent: { result: null },
    isError: false,
    ...wrap,
  }],
];

for (const [value, result] of values) {
  Deno.test(`outcomeToResult() of ${JSON.stringify(value)}`, async () => {
    assert.deepEqual(outcomeToResult(await encodeOutcome(value)), result);
  });
}

Deno.test("values stay distinct through ten hops", async () => {
  for (
    const value of [
      [],
      {},
      "",
      0,
      false,
      null,
      "null",
      "[]",
      "1",
      { result: 1 },
      [null],
      [[]],
      {
        content: [],
      },
      { content: [{ type: "other" }] },
      { type: "text", text: "x" },
    ]
  ) {
    let carried: unknown = value;
    for (let hop = 0; hop < 10; hop++) {
      carried = decodeResult(outcomeToResult(await encodeOutcome(carried)));
    }
    assert.deepEqual(carried, value);
  }
});

const foreign: [name: string, result: CallToolResult, value: unknown][] = [
  ["nothing at all", {}, null],
  ["empty content", { content: [] }, null],
  ["empty content, structured", { content: [], structuredContent: { a: 1 } }, { a: 1 }],
  ["empty content, wrapped", { content: [], structuredContent: { result: [] }, ...wrap }, []],
  ["a result key without the mark", { structuredContent: { result: [] } }, { result: [] }],
  ["wrapped with another key beside", {
    structuredContent: { result: 1, more: 2 },
    ...wrap,
  }, { result: 1, more: 2 }],
  ["one JSON text", { content: [{ type: "text", text: '{"a":[]}' }] }, { a: [] }],
  ["a JSON text that is too deep", {
    content: [{ type: "text", text: "[".repeat(5_000) + "]".repeat(5_000) }],
  }, "[".repeat(5_000) + "]".repeat(5_000)],
  ["one plain text", { content: [{ type: "text", text: "not { json" }] }, "not { json"],
  ["an image", { content: [{ type: "image", data: "x", mimeType: "image/png" }] }, {
    type: "image",
    data: "x",
    mimeType: "image/png",
  }],
  ["several blocks", { content: [{ type: "text", text: "a" }, { type: "text", text: "b" }] }, {
    content: [{ type: "text", text: "a" }, { type: "text", text: "b" }],
  }],
];

for (const [name, result, value] of foreign) {
  Deno.test(`decodeResult() of a foreign server: ${name}`, () => {
    assert.deepEqual(decodeResult(result), value);
  });
}

Deno.test("several blocks pass through a second hop untouched", async () => {
  const result = { content: [{ type: "text", text: "a" }, { type: "text", text: "b" }] };
  assert.deepEqual(outcomeToResult(await encodeOutcome(decodeResult(result))), result);
});

Deno.test("failures keep code, message and details over the wire", () => {
  const error = new MeshError("bad_input", "x: too long", { details: { issues: [{ path: "x" }] } });
  assert.throws(() => decodeResult(JSON.parse(JSON.stringify(errorToResult(error)))), {
    code: "bad_input",
    message: "x: too long",
    details: { issues: [{ path: "x" }] },
  });
});

Deno.test("dependency_unavailable is the reference's envelope, both ways", () => {
  const result = errorToResult(
    new MeshError("dependency_unavailable", "no", { details: { capability: "weather" } }),
  );
  assert.equal(
    result.content?.[0]?.text,
    '{"error":"dependency_unavailable","capability":"weather"}',
  );
  const { _meta: _, ...fromReference } = result;
  assert.throws(() => decodeResult(fromReference), {
    code: "dependency_unavailable",
    details: { capability: "weather" },
  });
});

const errorResults: [content: CallToolResult["content"], message: string][] = [
  [[{ type: "text", text: "out of stock" }], "out of stock"],
  [[{ type: "text", text: "a" }, { type: "image", data: "", mimeType: "" }], "a\n[image]"],
  [[], "the tool failed without saying why"],
];
for (const [content = [], message] of errorResults) {
  Deno.test(`decodeResult() of a foreign error: ${message}`, () => {
    assert.throws(() => decodeResult({ content, isError: true }), { code: "tool_failed", message });
  });
}
