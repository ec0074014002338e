import assert from "node:assert/strict";
import {
  type FailureKind,
  type FailureParticulars,
  refusal,
  type Sent,
  ToldFailure,
  UpstreamFailure,
  upstreamFailure,
  withoutSecrets,
} from "./upstream_failure.ts";
import { answerIn } from "./openai_answer.ts";
import { toldBy } from "./error_body.ts";
import { type RetryPolicy, waitAfter } from "./retry.ts";

const KEY = "sk-0123456789";
const ENDPOINT = { key: KEY, baseUrl: "http://host/v1" };
const SENT: Sent = {
  parameters: ["temperature", "max_tokens", "response_format", "stop", "stream_options"],
  limit: { name: "max_tokens", value: 100_000 },
  tools: ["a", "b"],
  rules: [],
};

/** A refused request, as it comes out of the package. */
function api(status: number, body: unknown, headers: Record<string, string> = {}): Error {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const cause = refusal({ status, headers: new Headers(headers) }, text, 0);
  return new Error("Connection error.", { cause });
}

function openAi(message: string, fields: Record<string, unknown> = {}) {
  return { error: { message, ...fields } };
}

/** A failure in place of an answer. */
function inAnswer(body: unknown): ToldFailure {
  const told = toldBy(body, false);
  if (told === undefined) throw new Error("it is an answer");
  return new ToldFailure(told);
}

const rows: [
  name: string,
  error: unknown,
  kind: FailureKind,
  message: string | undefined,
  particulars?: FailureParticulars,
][] = [
  ["no connection", new Error("Connection error."), "temporary", "Connection error."],
  [
    "no connection, and why",
    new Error("Connection error.", { cause: new Error("refused") }),
    "temporary",
    "Connection error: refused",
  ],
  ["429", api(429, openAi("busy"), { "retry-after": "7" }), "temporary", "429 busy", {
    status: 429,
    retryAfterMs: 7000,
  }],
  [
    "429 of an empty purse",
    api(429, openAi("pay", { code: "insufficient_quota" })),
    "permanent",
    "429 pay",
  ],
  [
    "429 of too long a request",
    api(
      429,
      openAi("Request too large for x on tokens per min (TPM): Limit 10000, Requested 12000.", {
        code: "rate_limit_exceeded",
      }),
    ),
    "too_long",
    undefined,
  ],
  ["500 without a body", api(500, ""), "temporary", "500 it says nothing more"],
  [
    "500 of too long a conversation",
    api(500, {
      error: {
        code: 500,
        message: "the request exceeds the available context size",
        type: "server_error",
      },
    }),
    "too_long",
    undefined,
  ],
  [
    "502 of a gateway",
    api(502, "<html><STYLE media=a>a{}</STYLE><style>b{}</style><h1>502 Bad\nGateway</h1>"),
    "temporary",
    "502 502 Bad Gateway",
  ],
  [
    "529",
    api(529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
    "temporary",
    "529 Overloaded",
  ],
  ["424 of Bedrock", api(424, { message: "failed" }), "temporary", "424 failed"],
  ["401", api(401, openAi(`bad key ${KEY}`)), "permanent", "401 bad key [key]"],
  ["402", api(402, openAi("Insufficient credits")), "permanent", "402 Insufficient credits"],
  [
    "403 of moderation",
    api(403, openAi("Your chosen model requires moderation and your input was flagged")),
    "refused",
    undefined,
  ],
  ["413 without words", api(413, ""), "too_long", undefined],
  [
    "Gemini's list",
    api(400, [openAi("temperature is not supported")]),
    "parameter",
    "400 temperature is not supported",
    { parameter: "temperature" },
  ],
  [
    "a parameter that is named",
    api(400, openAi("no", { param: "response_format.schema" })),
    "parameter",
    "400 no",
    { parameter: "response_format" },
  ],
  [
    "a parameter in words",
    api(400, openAi("`temperature` is deprecated for this model.")),
    "parameter",
    undefined,
    { parameter: "temperature" },
  ],
  [
    "a parameter in other words",
    api(400, openAi("does not support response format x")),
    "parameter",
    undefined,
    { parameter: "response_format" },
  ],
  [
    "422 of a strict endpoint",
    api(422, {
      detail: [{ loc: ["body", "stream_options"], msg: "Extra inputs are not permitted" }],
    }),
    "parameter",
    "422 body.stream_options: Extra inputs are not permitted",
    { parameter: "stream_options" },
  ],
  [
    "a parameter that was not sent",
    api(400, openAi("no", { param: "seed" })),
    "permanent",
    undefined,
  ],
  ["a word that is no complaint", api(400, openAi("the model did stop")), "permanent", undefined],
  [
    "a tool that is named",
    api(400, openAi("Invalid schema for function 'b': odd")),
    "tool",
    undefined,
    { tool: "b" },
  ],
  [
    "a tool by its number",
    api(400, openAi("no", { param: "tools[1].function.name" })),
    "tool",
    undefined,
    { tool: "b" },
  ],
  [
    "a rule in its words",
    api(400, openAi("Unexpected role 'user' after role 'tool'")),
    "form",
    undefined,
    { rule: "user-after-tool" },
  ],
  [
    "a long conversation",
    api(400, openAi("prompt is too long: 300000 tokens")),
    "too_long",
    undefined,
  ],
  [
    "a long conversation by its type",
    api(400, openAi("no", { type: "exceed_context_size_error" })),
    "too_long",
    undefined,
  ],
  [
    "a model call that cannot be read",
    api(400, openAi("no", { code: "tool_use_failed" })),
    "temporary",
    "400 no",
  ],
  ["a filter", api(400, openAi("no", { code: "content_filter" })), "refused", "400 no"],
  [
    "too long an answer",
    api(
      400,
      openAi(
        "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-4-20250514",
      ),
    ),
    "parameter",
    undefined,
    { parameter: "max_tokens", most: 64_000, onlyNow: undefined },
  ],
  [
    "too long an answer, exclusive",
    api(
      400,
      openAi(
        "it has a maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 8193 (exclusive).",
      ),
    ),
    "parameter",
    undefined,
    { most: 8192 },
  ],
  [
    "too long an answer, with no number",
    api(400, openAi("max_tokens is too large")),
    "parameter",
    undefined,
    { most: 0, onlyNow: true },
  ],
  [
    "too long an answer beside the conversation",
    api(
      400,
      openAi(
        "This model's maximum context length is 128000 tokens. However, you requested 101000 tokens (1000 in the messages, 100000 in the completion).",
      ),
    ),
    "too_long",
    undefined,
  ],
  [
    "an answer that leaves no room",
    api(
      400,
      openAi("input length and `max_tokens` exceed context limit: 174167 + 100000 > 200000"),
    ),
    "parameter",
    undefined,
    { parameter: "max_tokens", most: 25_833, onlyNow: true },
  ],
  ...([
    [
      "vLLM",
      "'max_tokens' or 'max_completion_tokens' is too large: 100000. This model's maximum context " +
      "length is 8192 tokens and your request has 20 input tokens (100000 > 8192 - 20).",
      8_172,
    ],
    [
      "vLLM since 0.16",
      "This model's maximum context length is 8192 tokens. However, your request has 20 input " +
      "tokens plus 100000 'max_tokens'. Please reduce one or the other.",
      8_172,
    ],
    [
      "vLLM that did not count to the end",
      "This model's maximum context length is 8192 tokens. However, you requested 100000 output " +
      "tokens and your prompt contains at least 20 input tokens.",
      0,
    ],
    [
      "SGLang",
      "Requested token count exceeds the model's maximum context length of 8192 tokens. You " +
      "requested a total of 100020 tokens: 20 tokens from the input messages and 100000 tokens for " +
      "the completion.",
      8_172,
    ],
    [
      "OpenAI of old",
      "This model's maximum context length is 8192 tokens, however you requested 100020 tokens (20 " +
      "in your prompt; 100000 for the completion). Please reduce your prompt; or completion length.",
      8_172,
    ],
  ] as const).map(([who, said, most]): typeof rows[number] => [
    `an answer that leaves no room, as ${who} says it`,
    api(400, openAi(said)),
    "parameter",
    undefined,
    { parameter: "max_tokens", most, onlyNow: true },
  ]),
  [
    "a conversation that leaves no room",
    api(
      400,
      openAi("input length and `max_tokens` exceed context limit: 199900 + 100000 > 200000"),
    ),
    "too_long",
    undefined,
  ],
  ["a long text", api(500, openAi("x".repeat(9_999))), "temporary", `500 ${"x".repeat(300)}`],
  [
    "a text cut in a character",
    api(500, openAi(`${"x".repeat(299)}\u{1F600}`)),
    "temporary",
    `500 ${"x".repeat(299)}`,
  ],
  [
    "what is known already",
    new UpstreamFailure("temporary", `${KEY} again`),
    "temporary",
    "[key] again",
  ],
  [
    "401 in a 200",
    inAnswer({ choices: [], error: { code: 401, message: "No auth" } }),
    "permanent",
    "401 No auth",
  ],
  [
    "a rate limit in a 200",
    inAnswer({ error: { type: "rate_limit_error", message: "slow" } }),
    "temporary",
    "slow",
  ],
  [
    "an unknown failure in a 200",
    inAnswer({ error: { message: "no idea" } }),
    "temporary",
    "no idea",
  ],
  [
    "an invalid request in a 200",
    inAnswer({ error: { type: "invalid_request_error", message: "`stop` is not supported" } }),
    "parameter",
    "`stop` is not supported",
    { parameter: "stop" },
  ],
  [
    "too long in a 200",
    inAnswer({ error: { code: "context_length_exceeded", message: "no" } }),
    "too_long",
    "no",
  ],
  [
    "MiniMax's purse in a 200",
    inAnswer({ base_resp: { status_code: 1008, status_msg: "insufficient balance" } }),
    "permanent",
    "insufficient balance",
  ],
];

for (const [name, error, kind, message, particulars = {}] of rows) {
  Deno.test(`upstreamFailure() knows ${name}`, () => {
    const failure = upstreamFailure(error, ENDPOINT, SENT);
    assert.equal(failure.kind, kind);
    if (message !== undefined) assert.equal(failure.message, message);
    for (const [field, value] of Object.entries(particulars)) {
      assert.deepEqual(failure.particulars[field as keyof FailureParticulars], value, field);
    }
  });
}

Deno.test("upstreamFailure() does not lower a limit that was not sent, nor learn a rule twice", () => {
  const { limit: _, ...sent } = SENT;
  const cap = api(400, openAi("max_tokens is too large: this model supports at most 9 tokens"));
  assert.equal(
    upstreamFailure(cap, ENDPOINT, sent).kind,
    "permanent",
  );
  const order = api(400, openAi("Unexpected role 'user' after role 'tool'"));
  const kept = { ...SENT, rules: ["user-after-tool"] };
  assert.equal(
    upstreamFailure(order, ENDPOINT, kept).kind,
    "permanent",
  );
});

for (const key of ["token", "x", "none", "k", "EMPTY"]) {
  Deno.test(`upstreamFailure() reads words although the key is "${key}"`, () => {
    const said =
      "This model's maximum prompt length is 131072 but the request contains 537812 tokens.";
    const failure = upstreamFailure(api(400, openAi(said)), { ...ENDPOINT, key }, SENT);
    assert.deepEqual([failure.kind, failure.message], ["too_long", `400 ${said}`]);
  });
}

Deno.test("upstreamFailure() blots a key out that is part of an address", () => {
  const said = "no access: https://x/v1?key=sk%2Fseed%2B0123456789%3D";
  const failure = upstreamFailure(api(401, openAi(said)), {
    key: "sk/seed+0123456789=",
    baseUrl: "http://host/v1",
  }, SENT);
  assert.equal(failure.message, "401 no access: https://x/v1?key=[key]");
});

Deno.test("upstreamFailure() blots a key out before it cuts, so that no part of one is left", () => {
  const failure = upstreamFailure(api(401, openAi(`${"x".repeat(295)}${KEY}`)), {
    key: KEY,
    baseUrl: "http://host/v1",
  }, SENT);
  assert.equal(failure.message, `401 ${"x".repeat(295)}[key]`);
});

for (const pad of [180, 195, 199, 265, 275]) {
  for (const text of [`${"x".repeat(pad)}${KEY} down`, `{"${"x".repeat(pad)}": oops ${KEY}}`]) {
    Deno.test(`upstreamFailure() leaves no part of a key that a page has at ${text.indexOf(KEY)}`, async () => {
      const { objects } = await answerIn(new Response(text));
      const error = await Array.fromAsync(objects).catch((error: unknown) => error);
      const { message } = upstreamFailure(error, ENDPOINT, SENT);
      assert.match(message, /^the answer is not JSON: /);
      assert.ok(!message.includes(KEY.slice(0, 4)), message);
    });
  }
}

const CRAFTED = [
  "max_",
  "max_tokens",
  "messages.0.name",
  "text content ",
  "<",
  "<style",
  " ",
  "`inputs` ",
];
for (const unit of CRAFTED) {
  Deno.test(`upstreamFailure() judges a mebibyte of "${unit}" at once`, () => {
    const text = unit.repeat(Math.ceil(1024 * 1024 / unit.length));
    const before = performance.now();
    assert.equal(
      upstreamFailure(api(404, text), ENDPOINT, SENT).kind,
      "permanent",
    );
    assert.ok(performance.now() - before < 1_000);
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
    assert.equal(withoutSecrets(`${text} ${KEY}`, { key: KEY, baseUrl }), `${shown} [key]`);
  });
}

Deno.test("withoutSecrets() leaves texts alone where there is no key, or a placeholder", () => {
  const baseUrl = "http://host/v1";
  assert.equal(withoutSecrets("no tokens", { key: "token", baseUrl }), "no tokens");
});
