import assert from "node:assert/strict";
import type { ModelEndpoint } from "./endpoint.ts";
import { UpstreamFailure, upstreamFailure, withoutSecrets } from "./upstream_failure.ts";
import { type RetryPolicy, sleep, waitAfter } from "./retry.ts";
import { STANDARD } from "./vendors.ts";

const endpoint: ModelEndpoint = {
  name: "openai/m",
  vendor: "openai",
  model: "m",
  baseUrl: "http://x",
  key: "sk-1",
  headers: {},
  traits: STANDARD,
};
const SENT = ["temperature", "max_tokens", "response_format", "stop", "stream_options"];

function api(status: number, error: unknown, headers: Record<string, string> = {}) {
  return Object.assign(new Error(`${status} as the package puts it`), {
    status,
    error,
    headers: new Headers(headers),
  });
}

const rows: [
  name: string,
  error: unknown,
  expected: Partial<Record<keyof UpstreamFailure, unknown>>,
][] = [
  ["no connection", new Error("Connection error."), {
    kind: "temporary",
    message: "Connection error.",
  }],
  [
    "no connection, and why",
    Object.assign(new Error("Connection error."), { cause: new Error("refused") }),
    { kind: "temporary", message: "Connection error: refused" },
  ],
  ["429", api(429, { message: "busy" }, { "retry-after": "7" }), {
    kind: "temporary",
    message: "429 busy",
    status: 429,
    retryAfterMs: 7000,
  }],
  ["429 of an empty purse", api(429, { message: "pay", code: "insufficient_quota" }), {
    kind: "permanent",
  }],
  ["500 without a body", api(500, undefined), {
    kind: "temporary",
    message: "500 as the package puts it",
  }],
  ["529", api(529, { message: "Overloaded" }), { kind: "temporary", message: "529 Overloaded" }],
  ["401", api(401, { message: "bad key sk-1" }), {
    kind: "permanent",
    message: "401 bad key [key]",
  }],
  ["Gemini's list", api(400, [{ error: { message: "temperature is not supported" } }]), {
    kind: "parameter",
    parameter: "temperature",
    message: "400 temperature is not supported",
  }],
  ["a parameter that is named", api(400, { message: "no", param: "response_format.schema" }), {
    kind: "parameter",
    parameter: "response_format",
  }],
  ["a parameter in words", api(400, { message: "`temperature` is deprecated for this model." }), {
    kind: "parameter",
    parameter: "temperature",
  }],
  ["a parameter in other words", api(400, { message: "does not support response format x" }), {
    kind: "parameter",
    parameter: "response_format",
  }],
  [
    "422 of a strict endpoint",
    api(422, { message: "stream_options: Extra inputs are not permitted" }),
    {
      kind: "parameter",
      parameter: "stream_options",
    },
  ],
  ["a parameter that was not sent", api(400, { message: "no", param: "seed" }), {
    kind: "permanent",
    parameter: undefined,
  }],
  ["a word that is no complaint", api(400, { message: "the model did stop" }), {
    kind: "permanent",
    parameter: undefined,
  }],
  ["a long conversation", api(400, { message: "prompt is too long: 300000 tokens" }), {
    kind: "too_long",
  }],
  ["a filter", api(400, { message: "no", code: "content_filter" }), { kind: "refused" }],
  ["a long text", api(500, { message: "x".repeat(9_999) }), { message: `500 ${"x".repeat(300)}` }],
  ["what is known already", new UpstreamFailure("temporary", "sk-1 again"), {
    kind: "temporary",
    message: "[key] again",
  }],
];

for (const [name, error, expected] of rows) {
  Deno.test(`upstreamFailure() knows ${name}`, () => {
    const failure = upstreamFailure(error, endpoint, SENT, 0);
    for (const [field, value] of Object.entries(expected)) {
      assert.deepEqual(failure[field as keyof UpstreamFailure], value, field);
    }
  });
}

const policy: RetryPolicy = { attempts: 4, firstMs: 100, longestMs: 300 };
const pauses: [
  kind: UpstreamFailure["kind"],
  retryAfterMs: number | undefined,
  attempt: number,
  chance: number,
  wait: number | undefined,
][] = [
  ["temporary", undefined, 1, 1, 100],
  ["temporary", undefined, 1, 0, 50],
  ["temporary", undefined, 2, 1, 200],
  ["temporary", undefined, 3, 1, 300],
  ["temporary", undefined, 4, 1, undefined],
  ["temporary", 7, 1, 1, 7],
  ["temporary", 300, 1, 1, 300],
  ["temporary", 301, 1, 1, undefined],
  ["permanent", undefined, 1, 1, undefined],
  ["refused", 7, 1, 1, undefined],
];

for (const [kind, retryAfterMs, attempt, chance, wait] of pauses) {
  Deno.test(`waitAfter() ${kind} failure ${attempt}, told ${retryAfterMs}, chance ${chance}`, () => {
    const failure = new UpstreamFailure(kind, "x", { retryAfterMs });
    assert.equal(waitAfter(failure, attempt, policy, chance), wait);
  });
}

Deno.test("sleep() ends with the reason of the signal, at once", async () => {
  const abort = new AbortController();
  const slept = sleep(1e9, abort.signal);
  abort.abort("enough");
  await assert.rejects(slept, (reason) => reason === "enough");
  await assert.rejects(sleep(0, abort.signal), (reason) => reason === "enough");
});

const URL_ROWS: [baseUrl: string, text: string, shown: string][] = [
  ["http://host/v1", "a text", "a text"],
  ["not a URL", "a text", "a text"],
  ["http://ada:pass-1@host/v1", "you sent Basic YWRhOnBhc3MtMQ==", "you sent Basic [key]"],
  ["http://ada:pass-1@host/v1", "no http://ada:pass-1@host/v1", "no http://[key]@host/v1"],
  ["http://ada:pass-1@host/v1", "pass-1 is not ada's", "[key] is not ada's"],
  ["http://token-1@host/v1", "Basic dG9rZW4tMTo= of token-1", "Basic [key] of [key]"],
  ["http://ada:p%40ss@host", "p@ss, p%40ss, YWRhOnBAc3M=", "[key], [key], [key]"],
  ["http://ada:%zz9@host", "Basic YWRhOiV6ejk=", "Basic [key]"],
];

for (const [baseUrl, text, shown] of URL_ROWS) {
  Deno.test(`withoutSecrets() of ${baseUrl} shows ${shown}`, () => {
    assert.equal(withoutSecrets(text, { key: undefined, baseUrl }), shown);
    assert.equal(withoutSecrets(text, { key: "", baseUrl }), shown);
    assert.equal(withoutSecrets(`${text} sk-1`, { key: "sk-1", baseUrl }), `${shown} [key]`);
  });
}
