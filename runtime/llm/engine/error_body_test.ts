import assert from "node:assert/strict";
import { ERROR_SHAPES, type Told, toldBy, toldByChoice } from "./error_body.ts";

for (const { vendor, example, says } of ERROR_SHAPES) {
  Deno.test(`toldBy() reads the shape of ${vendor}, refused or in a 200`, () => {
    assert.equal(toldBy(example, true)?.message, says);
    assert.equal(toldBy(example, false)?.message, says);
  });
}

const rows: [name: string, body: unknown, expected: Partial<Told>][] = [
  ["Gemini's list", [{
    error: {
      code: 429,
      message: "slow down",
      status: "RESOURCE_EXHAUSTED",
      details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "37s" }],
    },
  }], { message: "slow down", codes: ["429", "RESOURCE_EXHAUSTED"], status: 429, waitMs: 37_000 }],
  ["LiteLLM's code in text", {
    error: { message: "m", type: "None", param: "None", code: "400" },
  }, { codes: ["400", "None"], status: 400 }],
  ["Azure's inner error", {
    error: {
      message: "m",
      code: "content_filter",
      innererror: { code: "ResponsibleAIPolicyViolation" },
    },
  }, { codes: ["content_filter", "ResponsibleAIPolicyViolation"] }],
  ["OpenRouter's upstream", {
    error: {
      code: 400,
      message: "Provider returned error",
      metadata: { raw: '{"error":{"message":"too long","code":"context_length_exceeded"}}' },
    },
  }, {
    message: "Provider returned error: too long",
    codes: ["400", "context_length_exceeded"],
    status: 400,
  }],
  ["OpenRouter's upstream in words", {
    error: { code: 502, message: "Provider returned error", metadata: { raw: "<html>down" } },
  }, { message: "Provider returned error: <html>down" }],
  ["a number of the vendor's own", { error: { message: "m", code: "1302" } }, {
    codes: ["1302"],
    status: undefined,
  }],
  ["an error without words", { error: { code: 500 } }, { message: '{"code":500}', status: 500 }],
  ["a parameter", { error: { message: "m", param: "temperature" } }, { param: "temperature" }],
  ["a servlet's page in JSON", { timestamp: "t", status: 503, error: "Service Unavailable" }, {
    message: "Service Unavailable",
    status: 503,
  }],
  ["something deep", { detail: nested(10_000) }, { message: "…" }],
];

function nested(depth: number): unknown {
  let value: unknown = "x";
  for (let at = 0; at < depth; at++) value = [value];
  return value;
}

for (const [name, body, expected] of rows) {
  Deno.test(`toldBy() reads ${name}`, () => {
    const told = toldBy(body, true);
    for (const [field, value] of Object.entries(expected)) {
      assert.deepEqual(told?.[field as keyof Told], value, field);
    }
  });
}

const answers: [name: string, body: unknown][] = [
  ["an answer", { choices: [{ message: { content: "x" } }] }],
  ["an answer with nulls", { choices: [], error: null, base_resp: null }],
  ["MiniMax's success", { choices: [], base_resp: { status_code: 0, status_msg: "success" } }],
  ["an answer with a detail", { choices: [], detail: "x", message: "y" }],
  ["usage alone", { usage: {} }],
  ["a text", "x"],
  ["null", null],
];

for (const [name, body] of answers) {
  Deno.test(`toldBy() finds no failure in ${name}`, () =>
    assert.equal(toldBy(body, false), undefined));
}

Deno.test("toldByChoice() finds the failure of a vendor that broke off", () => {
  assert.equal(toldByChoice({ error: { code: 502, message: "died" } })?.status, 502);
  assert.equal(toldByChoice({ error: "died" })?.message, "died");
  assert.equal(toldByChoice({ error: null }), undefined);
  assert.equal(toldByChoice(null), undefined);
});
