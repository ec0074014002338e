import assert from "node:assert/strict";
import type { Logger } from "../../define/handler_context.ts";
import { type ScriptedLlm, scriptedLlm, type ScriptedStep } from "../../testing/mod.ts";
import { ModelParamsSchema } from "../../define/contract.ts";
import type { LlmTurn, LlmTurnRequest } from "./engine.ts";
import { FailoverEngine, type FailoverEngineOptions } from "./failover_engine.ts";

const KEY = "sk-seeded-secret-0123456789";
/** A text that is longer than an answer may be. */
const LONG = JSON.stringify("x".repeat(33 * 1024 * 1024));

interface Bench {
  readonly engine: FailoverEngine;
  /** Waits between attempts, in milliseconds. */
  readonly waits: number[];
  readonly lines: string[];
  ask(request?: Partial<LlmTurnRequest>, options?: Partial<AskOptions>): Promise<LlmTurn>;
}

interface AskOptions {
  readonly signal: AbortSignal;
  readonly onText: (text: string) => Promise<void>;
}

function bench(llm: ScriptedLlm, options: Partial<FailoverEngineOptions> = {}): Bench {
  const waits: number[] = [];
  const lines: string[] = [];
  const write = (message: string, fields?: Record<string, unknown>) =>
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const engine = new FailoverEngine({
    models: ["openai/gpt-4o-mini"],
    environment: () => ({
      OPENAI_BASE_URL: llm.url,
      OPENAI_API_KEY: KEY,
      GROQ_BASE_URL: llm.url,
      GROQ_API_KEY: KEY,
    }),
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    chance: () => 1,
    ...options,
  });
  return {
    engine,
    waits,
    lines,
    ask: ({ params = {}, ...request } = {}, options = {}) =>
      engine.turn({
        messages: [{ role: "user", content: "hi" }],
        tools: [],
        ...request,
        params: ModelParamsSchema.parse(params),
      }, { signal: new AbortController().signal, log, ...options }),
  };
}

function collect() {
  const pieces: string[] = [];
  return {
    pieces,
    onText: (text: string) => {
      pieces.push(text);
      return Promise.resolve();
    },
  };
}

Deno.test("turn() buffered: the request as OpenAI wants it, the answer as a turn", async () => {
  await using llm = scriptedLlm([{ text: "Hello" }]);
  const { ask } = bench(llm);
  const turn = await ask({
    params: { max_tokens: 7, temperature: 0.5, top_p: 0.9, stop: ["x"], seed: 3 },
  });
  assert.deepEqual(turn, {
    text: "Hello",
    toolCalls: [],
    finishReason: "stop",
    usage: { prompt_tokens: 10, completion_tokens: 5 },
    model: "openai/gpt-4o-mini",
    extra: {},
  });
  const [request] = llm.requests;
  assert.equal(request?.headers.get("authorization"), `Bearer ${KEY}`);
  assert.deepEqual(request?.body, {
    seed: 3,
    temperature: 0.5,
    top_p: 0.9,
    max_completion_tokens: 7,
    stop: ["x"],
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "hi" }],
    stream: false,
  });
});

Deno.test("turn() streamed: each piece as it comes, usage at the end", async () => {
  await using llm = scriptedLlm([{ text: ["Hel", "lo"], slow: true }]);
  const { ask } = bench(llm);
  const first = Promise.withResolvers<string>();
  const pieces: string[] = [];
  const answer = ask({}, {
    onText: (text) => {
      pieces.push(text);
      first.resolve(text);
      return Promise.resolve();
    },
  });
  llm.release(1);
  assert.equal(await first.promise, "Hel", "before the rest is there");
  llm.release();
  const turn = await answer;
  assert.deepEqual([pieces, turn.text], [["Hel", "lo"], "Hello"]);
  assert.deepEqual(turn.usage, { prompt_tokens: 10, completion_tokens: 5 });
  assert.deepEqual(llm.requests[0]?.body.stream_options, { include_usage: true });
});

Deno.test("turn() waits with the next piece until the last one is taken", async () => {
  await using llm = scriptedLlm([{ text: ["a", "b"] }]);
  const taken = Promise.withResolvers<void>();
  const seen: string[] = [];
  const begun = Promise.withResolvers<void>();
  const answer = bench(llm).ask({}, {
    onText: (text) => {
      seen.push(text);
      begun.resolve();
      return taken.promise;
    },
  });
  await begun.promise;
  assert.deepEqual(seen, ["a"]);
  taken.resolve();
  await answer;
  assert.deepEqual(seen, ["a", "b"]);
});

for (const streamed of [false, true]) {
  const how = streamed ? "streamed" : "buffered";
  const options = () => streamed ? { onText: collect().onText } : {};

  Deno.test(`turn() ${how}: tool calls, put together from their pieces`, async () => {
    await using llm = scriptedLlm([{
      text: "Let me see. ",
      toolCalls: [
        { name: "search", arguments: { q: "ramen", near: "Ueno" }, id: "call_a" },
        { name: "now", arguments: "" },
      ],
    }]);
    const tools = [{
      type: "function" as const,
      function: {
        name: "search",
        parameters: { $schema: "x", type: "object", properties: {} },
        _mesh_endpoint: "http://private.mesh",
      },
      _mesh_endpoint: "http://private.mesh",
    }];
    const turn = await bench(llm).ask({ tools, params: { parallel_tool_calls: false } }, options());
    assert.equal(turn.finishReason, "tool_calls");
    assert.deepEqual(turn.toolCalls.map(({ id, function: called }) => [id, called]), [
      ["call_a", { name: "search", arguments: '{"q":"ramen","near":"Ueno"}' }],
      ["call_2", { name: "now", arguments: "{}" }],
    ]);
    const sent = llm.requests[0]?.body;
    assert.deepEqual(sent?.tools, [{
      type: "function",
      function: { name: "search", parameters: { type: "object", properties: {} } },
    }], "and nothing of the mesh's");
    assert.equal(sent?.["parallel_tool_calls"], false);
  });

  Deno.test(`turn() ${how}: 429 with Retry-After, then 500, then an answer`, async () => {
    await using llm = scriptedLlm([
      { status: 429, headers: { "retry-after": "2" } },
      { status: 500 },
      { text: "at last" },
    ]);
    const { ask, waits } = bench(llm);
    assert.equal((await ask({}, options())).text, "at last");
    assert.deepEqual(waits, [2000, 1000]);
  });

  Deno.test(`turn() ${how}: a model that stays down makes way for the next one`, async () => {
    await using llm = scriptedLlm([
      { when: ({ model }) => model === "gpt-4o-mini", status: 503, error: "down" },
      { text: "from groq" },
      { text: "from groq again" },
    ]);
    const { ask, waits } = bench(llm, { models: ["openai/gpt-4o-mini", "groq/llama"] });
    const turn = await ask({}, options());
    assert.deepEqual([turn.text, turn.model], ["from groq", "groq/llama"]);
    assert.deepEqual(waits, [500, 1000]);
    assert.equal((await ask({}, options())).text, "from groq again");
    assert.equal(llm.requests.length, 5, "the one that is down is not asked first again");
  });

  Deno.test(`turn() ${how}: a connection that is cut is tried again`, async () => {
    await using llm = scriptedLlm([{ cut: true }, { text: "whole" }]);
    assert.equal((await bench(llm).ask({}, options())).text, "whole");
  });

  Deno.test(`turn() ${how}: an answer that is not JSON is tried again`, async () => {
    await using llm = scriptedLlm([{ malformed: "{oops" }, { text: "whole" }]);
    assert.equal((await bench(llm).ask({}, options())).text, "whole");
  });

  for (const [what, much] of [["deep", "[".repeat(1e5) + "]".repeat(1e5)], ["long", LONG]]) {
    Deno.test(`turn() ${how}: an answer that is too ${what} is tried again, and no more`, async () => {
      const one =
        `"index":0,"message":{"content":"x","x":${much}},"delta":{"content":"","x":${much}}`;
      const malformed = `{"choices":[{${one},"finish_reason":"stop"}]}`;
      await using llm = scriptedLlm([
        { malformed },
        { text: "whole" },
        ...Array(3).fill({ malformed }),
      ]);
      const { ask } = bench(llm);
      assert.equal((await ask({}, options())).text, "whole");
      await assert.rejects(ask({}, options()), { code: "llm_upstream", message: /too|fit/ });
    });
  }

  Deno.test(`turn() ${how}: cancelling reaches the vendor, and is no failure of it`, async () => {
    await using llm = scriptedLlm([{ text: ["a", "b"], slow: true }]);
    const { ask } = bench(llm);
    const abort = new AbortController();
    const arrived = llm.nextRequest();
    const answer = ask({}, { signal: abort.signal, ...options() });
    const request = await arrived;
    const reason = new Error("not wanted any more");
    abort.abort(reason);
    await assert.rejects(answer, (error) => error === reason);
    await request.aborted;
  });

  Deno.test(`turn() ${how}: a refusal is an answer`, async () => {
    await using llm = scriptedLlm([{ refusal: "I will not." }]);
    const turn = await bench(llm).ask({}, options());
    assert.deepEqual([turn.finishReason, turn.text], ["refusal", "I will not."]);
  });

  for (const finishReason of ["length", "content_filter"] as const) {
    Deno.test(`turn() ${how}: ${finishReason} is told`, async () => {
      await using llm = scriptedLlm([{ text: "half", finishReason }]);
      assert.equal((await bench(llm).ask({}, options())).finishReason, finishReason);
    });
  }
}

Deno.test("turn() streamed: text after a tool call is not shown", async () => {
  await using llm = scriptedLlm([{ text: ["Shown. "], toolCalls: [{ name: "a", arguments: {} }] }]);
  const { pieces, onText } = collect();
  await bench(llm).ask({}, { onText });
  assert.deepEqual(pieces, ["Shown. "]);
});

Deno.test("turn() streamed: what broke off after text had been shown is not tried again", async () => {
  await using llm = scriptedLlm([{ text: ["ab", "c"], cut: true }, { text: "never" }]);
  const { pieces, onText } = collect();
  await assert.rejects(bench(llm, { models: ["gpt-4o", "groq/llama"] }).ask({}, { onText }), {
    code: "llm_upstream",
    message: /^gpt-4o broke off after 3 characters: /,
  });
  assert.deepEqual([pieces, llm.left], [["ab", "c"], 1]);
});

Deno.test("turn() buffered: an answer with nothing in it is tried again", async () => {
  const message = { role: "assistant", content: null };
  const nothing = JSON.stringify({ choices: [{ message, finish_reason: null }] });
  await using llm = scriptedLlm([{ malformed: nothing }, { text: "now" }]);
  assert.equal((await bench(llm).ask()).text, "now");
});

Deno.test("turn() streamed: an answer without an end is not taken for a whole one", async () => {
  await using llm = scriptedLlm([{ unfinished: true }, { text: "whole" }]);
  const { onText } = collect();
  assert.equal((await bench(llm).ask({}, { onText })).text, "whole");
});

const fatal: [name: string, step: ScriptedStep, code: string, message: RegExp][] = [
  [
    "401",
    { status: 401, error: `Incorrect API key provided: ${KEY}` },
    "llm_upstream",
    /^openai\/gpt-4o-mini did not answer: 401 Incorrect API key provided: \[key\]$/,
  ],
  ["404", { status: 404, error: "no such model" }, "llm_upstream", /404 no such model$/],
  [
    "400",
    { status: 400, error: "messages[0] is odd" },
    "llm_upstream",
    /400 messages\[0\] is odd$/,
  ],
  [
    "a quota that is spent",
    { status: 429, error: "quota", errorFields: { code: "insufficient_quota" } },
    "llm_upstream",
    /429 quota$/,
  ],
  [
    "a Retry-After of an hour",
    { status: 429, error: "later", headers: { "retry-after": "3600" } },
    "llm_upstream",
    /429 later$/,
  ],
  [
    "a conversation that is too long",
    { status: 400, error: "too long", errorFields: { code: "context_length_exceeded" } },
    "llm_limit",
    /too long; shorten the conversation$/,
  ],
  [
    "a content filter",
    { status: 400, error: "filtered", errorFields: { code: "content_filter" } },
    "llm_refused",
    /400 filtered$/,
  ],
];

for (const [name, step, code, message] of fatal) {
  Deno.test(`turn() is not tried again after ${name}`, async () => {
    await using llm = scriptedLlm([step, { text: "never" }]);
    const { ask, waits } = bench(llm);
    await assert.rejects(ask(), { code, message });
    assert.deepEqual([llm.left, waits], [1, []]);
  });
}

Deno.test("turn() that is refused by a filter is not taken to another vendor", async () => {
  await using llm = scriptedLlm([
    { status: 400, errorFields: { code: "content_filter" } },
    { text: "never" },
  ]);
  const { ask } = bench(llm, { models: ["openai/gpt-4o-mini", "groq/llama"] });
  await assert.rejects(ask(), { code: "llm_refused" });
  assert.equal(llm.left, 1);
});

Deno.test("turn() tells what every model said, and when to come again", async () => {
  await using llm = scriptedLlm([
    { status: 401, error: "bad key" },
    { status: 429, error: "busy", headers: { "retry-after": "60" } },
  ]);
  const { ask } = bench(llm, { models: ["openai/gpt-4o-mini", "groq/llama"] });
  await assert.rejects(ask(), {
    code: "llm_upstream",
    message: "openai/gpt-4o-mini did not answer: 401 bad key; groq/llama did not answer: 429 busy",
    details: {
      models: [
        { model: "openai/gpt-4o-mini", status: 401, message: "401 bad key" },
        { model: "groq/llama", status: 429, message: "429 busy" },
      ],
      retryAfterMs: 60_000,
    },
  });
});

Deno.test("turn() without a key asks nobody; problems() says which variable", async () => {
  await using llm = scriptedLlm();
  const { ask, engine } = bench(llm, {
    models: ["openai/gpt-4o-mini", "gemini/x"],
    environment: () => ({ OPENAI_BASE_URL: llm.url }),
  });
  const problems = ["OPENAI_API_KEY is not set", "GEMINI_API_KEY or GOOGLE_API_KEY is not set"];
  assert.deepEqual(engine.problems(), problems);
  await assert.rejects(ask(), {
    code: "llm_upstream",
    message: `no model can be asked: ${problems.join("; ")}`,
  });
  assert.equal(llm.requests.length, 0);
});

Deno.test("turn() skips models without a key", async () => {
  await using llm = scriptedLlm([{ text: "yes" }]);
  const { ask, engine } = bench(llm, { models: ["anthropic/claude-sonnet-4-5", "groq/llama"] });
  assert.deepEqual(engine.problems(), []);
  assert.equal((await ask()).model, "groq/llama");
});

Deno.test("turn() leaves out what an endpoint turns out not to take, and remembers it", async () => {
  await using llm = scriptedLlm([
    {
      status: 400,
      error: "Unsupported value: 'temperature' does not support 0.2 with this model.",
      errorFields: { param: "temperature", code: "unsupported_value" },
    },
    { status: 400, error: "`max_completion_tokens` is deprecated for this model." },
    { text: "one" },
    { text: "two" },
  ]);
  const { ask, lines } = bench(llm);
  const params = { temperature: 0.2, top_p: 0.9, max_tokens: 5 };
  assert.equal((await ask({ params })).text, "one");
  assert.equal((await ask({ params })).text, "two");
  const sent = llm.requests.map((
    { body: { temperature, top_p, max_tokens, max_completion_tokens } },
  ) => [temperature, top_p, max_tokens, max_completion_tokens]);
  assert.deepEqual(sent, [
    [0.2, 0.9, undefined, 5],
    [undefined, 0.9, undefined, 5],
    [undefined, 0.9, 5, undefined],
    [undefined, 0.9, 5, undefined],
  ]);
  assert.equal(lines.filter((line) => line.includes("does not take")).length, 2);
});

function limits({ requests }: ScriptedLlm): unknown[] {
  return requests.map(({ body }) => body["max_completion_tokens"] ?? body["max_tokens"]);
}

Deno.test("turn() asks for no longer answers than the model gives, and remembers how long", async () => {
  await using llm = scriptedLlm([], { otherwise: { text: "x" }, habit: "says-openai-output-cap" });
  const { ask, lines } = bench(llm);
  for (const max_tokens of [100_000, 100_000, 100]) {
    await ask({ params: ModelParamsSchema.parse({ max_tokens }) });
  }
  assert.deepEqual(limits(llm), [100_000, 4_096, 4_096, 100]);
  assert.match(lines.join("\n"), /^openai\/gpt-4o-mini gives answers of 4096 tokens at most; /);
});

Deno.test("turn() leaves the length of an answer to a model that says no number, this once", async () => {
  const tooLarge = { status: 400, error: "max_tokens is too large" };
  await using llm = scriptedLlm([tooLarge, { text: "a" }, { text: "b" }]);
  const { ask } = bench(llm);
  await ask({ params: ModelParamsSchema.parse({ max_tokens: 100_000 }) });
  await ask({ params: ModelParamsSchema.parse({ max_tokens: 50 }) });
  assert.deepEqual(limits(llm), [100_000, undefined, 50]);
});

Deno.test("turn() asks for a shorter answer where the conversation leaves no more room, this once", async () => {
  const error = "This model's maximum context length is 8192 tokens. However, you requested 9000 " +
    "tokens (1000 in the messages, 8000 in the completion).";
  const full = { status: 400, error, errorFields: { code: "context_length_exceeded" } };
  await using llm = scriptedLlm([full, { text: "a" }, { text: "b" }, full, full]);
  const { ask } = bench(llm);
  const params = ModelParamsSchema.parse({ max_tokens: 8_000 });
  await ask({ params });
  await ask({ params });
  await assert.rejects(ask({ params }), { code: "llm_limit" });
  assert.deepEqual(limits(llm), [8_000, 7_192, 8_000, 8_000, 7_192]);
});

Deno.test("turn() says which word at the end of an answer is not known, without the key", async () => {
  const finishReason = `new_word ${KEY}`;
  await using llm = scriptedLlm([{ text: "x", finishReason }, { text: "y" }]);
  const { ask, lines } = bench(llm);
  assert.equal((await ask()).finishReason, "stop");
  await ask();
  assert.deepEqual(lines.map((line) => /unknown word.*new_word \[key\]/.test(line)), [true]);
});

const inside: [name: string, body: unknown, code: string, requests: number][] = [
  ["401", { choices: [], error: { message: "No auth", code: 401 } }, "llm_upstream", 1],
  ["429", { error: { message: "slow", code: "429" } }, "llm_upstream", 3],
  ["too long", { error: { message: "no", code: "context_length_exceeded" } }, "llm_limit", 1],
  ["a filter", { error: { message: "no", code: "content_filter" } }, "llm_refused", 1],
  [
    "an error in a choice",
    {
      choices: [{
        message: { content: "part" },
        finish_reason: "error",
        error: { code: 502, message: "x" },
      }],
    },
    "llm_upstream",
    3,
  ],
  [
    "calls that are not there",
    {
      choices: [{ message: { content: null }, finish_reason: "tool_calls" }],
    },
    "llm_upstream",
    3,
  ],
];

for (const [name, body, code, requests] of inside) {
  for (const how of ["buffered", "streamed"]) {
    Deno.test(`turn() ${how}: ${name} inside a 200 is ${code} after ${requests} requests`, async () => {
      const malformed = JSON.stringify(body);
      await using llm = scriptedLlm([], { otherwise: { malformed, unfinished: true } });
      const { ask } = bench(llm);
      await assert.rejects(ask({}, how === "streamed" ? collect() : {}), { code });
      assert.equal(llm.requests.length, requests);
    });
  }
}

Deno.test("turn() puts a schema into words when the endpoint refuses it", async () => {
  await using llm = scriptedLlm([
    { status: 400, error: "This model does not support response_format json_schema" },
    { json: { n: 1 } },
  ]);
  const output_schema = { type: "object", properties: { n: { type: "integer" } } };
  await bench(llm).ask({ params: { output_schema } });
  const [first, second] = llm.requests.map(({ body }) => body);
  assert.equal(first?.messages.length, 1);
  assert.deepEqual(second?.["response_format"], undefined);
  assert.match(String(second?.messages[0]?.content), /fits this JSON Schema.*"n"/s);
});

Deno.test("turn() lets a consumer choose another model of the same vendor, and no other", async () => {
  await using llm = scriptedLlm([], { otherwise: { text: "x" } });
  const { ask, lines } = bench(llm);
  await ask({ params: { model: "openai/gpt-4.1" } });
  await ask({ params: { model: "anthropic/claude-sonnet-4-5" } });
  assert.deepEqual(llm.requests.map(({ body }) => body.model), ["gpt-4.1", "gpt-4o-mini"]);
  assert.match(lines.join(), /"anthropic\/claude-sonnet-4-5" is not of this provider's vendor/);
});

Deno.test("turn() sends no header that the package finds in the environment", async () => {
  await using llm = scriptedLlm([{ text: "x" }]);
  Deno.env.set("OPENAI_CUSTOM_HEADERS", "x-secret: yes");
  Deno.env.set("OPENAI_ORG_ID", "of-the-process");
  try {
    await bench(llm, {
      environment: () => ({
        OPENAI_BASE_URL: llm.url,
        OPENAI_API_KEY: KEY,
        OPENAI_PROJECT_ID: "proj",
      }),
    }).ask();
  } finally {
    Deno.env.delete("OPENAI_CUSTOM_HEADERS");
    Deno.env.delete("OPENAI_ORG_ID");
  }
  const names = [...llm.requests[0]?.headers.keys() ?? []];
  assert.equal(llm.requests[0]?.headers.get("openai-project"), "proj");
  assert.deepEqual(
    names.filter((name) => /^x-|^openai-/.test(name)),
    ["openai-project"],
  );
});

Deno.test("turn() shows the key in no error and no line, whatever the endpoint says", async () => {
  const echo = `your key ${KEY} is no good`;
  const steps: ScriptedStep[] = [
    { status: 401, error: echo },
    { status: 500, error: echo },
    { status: 429, error: echo, headers: { "retry-after": "0" } },
    { status: 400, error: `temperature: ${echo}` },
    { malformed: `{"error": {"message": "${echo}"}}` },
    { malformed: echo },
    { cut: true },
  ];
  for (const streamed of [false, true]) {
    for (const step of steps) {
      await using llm = scriptedLlm([], { otherwise: step });
      const { ask, lines } = bench(llm);
      const options = streamed ? { onText: collect().onText } : {};
      const failure = await ask({ params: { temperature: 0 } }, options).then(
        () => assert.fail("it should have failed"),
        (error: unknown) => error,
      );
      const told = [Deno.inspect(failure, { depth: 9 }), JSON.stringify(failure), ...lines].join(
        "\n",
      );
      assert.ok(!told.includes(KEY), told);
      assert.match(told, /llm_upstream/);
    }
  }
});

Deno.test("turn() fails as llm_upstream when nobody listens, without the key", async () => {
  const llm = scriptedLlm();
  await llm[Symbol.asyncDispose]();
  const { ask, waits } = bench(llm);
  await assert.rejects(ask(), {
    code: "llm_upstream",
    message: /Connection error: .*tried 3 times/s,
  });
  assert.deepEqual(waits, [500, 1000]);
});
