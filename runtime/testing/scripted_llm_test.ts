import assert from "node:assert/strict";
import { scriptedLlm } from "./mod.ts";

function ask(url: string, body: Record<string, unknown>, init: RequestInit = {}) {
  return fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer key-1" },
    body: JSON.stringify({
      model: "m",
      messages: [{ role: "user", content: "hello there" }],
      ...body,
    }),
    ...init,
  });
}

/** The parsed events of a streamed answer. */
async function events(response: Response): Promise<unknown[]> {
  const text = await response.text();
  assert.ok(text.endsWith("data: [DONE]\n\n"), text);
  return text.split("\n\n").slice(0, -2).map((event) => {
    assert.match(event, /^data: /);
    return JSON.parse(event.slice(6));
  });
}

Deno.test("scriptedLlm() answers step by step, and records what it was asked", async () => {
  await using llm = scriptedLlm([{ text: "one" }, { json: { two: 2 } }]);
  const first = await (await ask(llm.url, {})).json();
  assert.equal(first.choices[0].message.content, "one");
  assert.equal(first.choices[0].finish_reason, "stop");
  assert.deepEqual(first.usage, { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });
  assert.equal(llm.left, 1);
  const second = await (await ask(llm.url, { model: "other" })).json();
  assert.equal(second.choices[0].message.content, '{"two":2}');
  assert.equal(second.model, "other");
  assert.deepEqual(llm.requests.map(({ body }) => body.model), ["m", "other"]);
  assert.equal(llm.requests[0]?.headers.get("authorization"), "Bearer key-1");
  assert.equal(llm.requests[0]?.path, "/v1/chat/completions");
  const third = await ask(llm.url, {});
  assert.equal(third.status, 400, "a script that is over does not make clients try again");
  assert.match((await third.json()).error.message, /no step left/);
});

Deno.test("scriptedLlm() streams as the vendors do: role, deltas, finish, usage, [DONE]", async () => {
  await using llm = scriptedLlm([{ text: ["Hel", "lo"] }]);
  const response = await ask(llm.url, { stream: true, stream_options: { include_usage: true } });
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const chunks = await events(response) as {
    object: string;
    usage: unknown;
    choices: { delta: unknown; finish_reason: unknown }[];
  }[];
  assert.deepEqual(chunks.map(({ choices }) => choices[0]?.delta), [
    { role: "assistant", content: "" },
    { content: "Hel" },
    { content: "lo" },
    {},
    undefined,
  ]);
  assert.deepEqual(chunks.map(({ choices }) => choices[0]?.finish_reason), [
    null,
    null,
    null,
    "stop",
    undefined,
  ]);
  assert.deepEqual(chunks.map(({ usage }) => usage), [
    null,
    null,
    null,
    null,
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  ]);
  assert.ok(chunks.every(({ object }) => object === "chat.completion.chunk"));
});

Deno.test("scriptedLlm() splits the arguments of streamed tool calls over deltas", async () => {
  await using llm = scriptedLlm([{
    toolCalls: [{ name: "a", arguments: { city: "Oslo" } }, { name: "b", arguments: {} }],
  }]);
  const chunks = await events(await ask(llm.url, { stream: true })) as {
    choices: { delta: { tool_calls?: { index: number; id?: string; function: unknown }[] } }[];
  }[];
  const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
  assert.deepEqual(deltas.map(({ index }) => index), [0, 0, 0, 0, 1, 1, 1]);
  assert.deepEqual(deltas[0], {
    index: 0,
    id: "call_1",
    type: "function",
    function: { name: "a", arguments: "" },
  });
  const pieces = deltas.slice(1, 4).map(({ function: piece }) => piece) as { arguments: string }[];
  assert.deepEqual(JSON.parse(pieces.map((piece) => piece.arguments).join("")), { city: "Oslo" });
});

Deno.test("scriptedLlm() has rules beside the queue", async () => {
  await using llm = scriptedLlm([
    { text: "queued" },
    { when: /^hello/, text: "by expression" },
    { when: "budget", text: "by text" },
    { when: ({ tools = [] }) => tools.length > 0, text: "by function" },
  ], { otherwise: { text: "otherwise" } });
  const says = async (content: string, more: Record<string, unknown> = {}) =>
    (await (await ask(llm.url, { messages: [{ role: "user", content }], ...more })).json())
      .choices[0].message.content;
  assert.equal(await says("hello there"), "by expression");
  assert.equal(await says("what budget?"), "by text");
  assert.equal(await says("x", { tools: [{ function: { name: "t" } }] }), "by function");
  assert.equal(await says("x"), "queued");
  assert.equal(await says("x"), "otherwise");
  assert.equal(await says("x"), "otherwise");
});

Deno.test("scriptedLlm() answers errors with status, headers and an error body", async () => {
  await using llm = scriptedLlm([
    { status: 429, headers: { "retry-after": "3" }, error: "slow down" },
  ], { key: "key-1" });
  const refused = await ask(llm.url, {}, { headers: {} });
  assert.equal(refused.status, 401);
  await refused.body?.cancel();
  const limited = await ask(llm.url, {});
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get("retry-after"), "3");
  assert.equal((await limited.json()).error.message, "slow down");
});

Deno.test("scriptedLlm() holds slow deltas until they are released", async () => {
  await using llm = scriptedLlm([{ text: ["a", "b"], slow: true }]);
  const response = await ask(llm.url, { stream: true });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => (await reader.read()).value ?? "";
  assert.match(await read(), /"role":"assistant"/);
  const next = read();
  llm.release(1);
  assert.match(await next, /"content":"a"/);
  llm.release();
  assert.match(await read(), /"content":"b"/);
  await reader.cancel();
});

for (const stream of [true, false]) {
  const how = stream ? "streamed" : "buffered";

  Deno.test(`scriptedLlm() cuts the connection of a ${how} answer`, async () => {
    await using llm = scriptedLlm([{ text: ["a", "b"], cut: true }]);
    const response = await ask(llm.url, { stream });
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  });

  Deno.test(`scriptedLlm() sees that the sender of a ${how} request gave it up`, async () => {
    await using llm = scriptedLlm([{ text: "a", slow: true }]);
    const abort = new AbortController();
    const arrived = llm.nextRequest();
    const answer = ask(llm.url, { stream }, { signal: abort.signal })
      .then((response) => response.text());
    const request = await arrived;
    assert.equal(request.isAborted, false);
    abort.abort();
    await assert.rejects(answer);
    await request.aborted;
    assert.equal(request.isAborted, true);
  });
}

Deno.test("scriptedLlm() never answers a step that hangs", async () => {
  await using llm = scriptedLlm([{ hang: true }, { hang: true }]);
  const abort = new AbortController();
  const arrived = llm.nextRequest();
  const answer = ask(llm.url, {}, { signal: abort.signal });
  const request = await arrived;
  abort.abort();
  await assert.rejects(answer);
  await request.aborted;
});

Deno.test("scriptedLlm() sends what is not JSON, and streams without an end", async () => {
  await using llm = scriptedLlm([{ malformed: "{oops" }, { malformed: "{oops" }, {
    text: "a",
    unfinished: true,
  }]);
  assert.equal(await (await ask(llm.url, {})).text(), "{oops");
  assert.match(await (await ask(llm.url, { stream: true })).text(), /\ndata: \{oops\n\n/);
  assert.doesNotMatch(await (await ask(llm.url, { stream: true })).text(), /"stop"/);
});

Deno.test("scriptedLlm() has habits: of all of its answers, and of one step", async () => {
  const toolCalls = [{ name: "a", arguments: { city: "Oslo" } }];
  await using llm = scriptedLlm(
    [{ toolCalls }, { text: "x", habit: ["ends-end_turn", "fields-null"] }, { text: "y" }],
    { habit: "calls-arguments-object" },
  );
  const choice = async () => (await (await ask(llm.url, {})).json()).choices[0];
  assert.deepEqual((await choice()).message.tool_calls[0].function.arguments, { city: "Oslo" });
  const { finish_reason: reason, message } = await choice();
  assert.deepEqual([reason, message.tool_calls], ["end_turn", null]);
  assert.equal((await choice()).finish_reason, "stop");
});

Deno.test("scriptedLlm() leaves its script where it is when a habit refuses a request", async () => {
  await using llm = scriptedLlm([{ text: "x" }], { habit: "refuses-temperature" });
  const refused = await ask(llm.url, { temperature: 0.5 });
  assert.equal(refused.status, 400);
  assert.match((await refused.json()).error.message, /'temperature' does not support/);
  assert.equal((await (await ask(llm.url, {})).json()).choices[0].message.content, "x");
  assert.equal(llm.requests.length, 2);
});

const unknown: [name: string, make: () => unknown, message: RegExp][] = [
  [
    "of the model",
    // @ts-expect-error There is no such habit.
    () => scriptedLlm([], { habit: "calls-no-indx" }),
    /habit" is "calls-no-indx"; write the name of a habit, such as calls-no-index.*; meshctl man habits lists them/,
  ],
  [
    "of a step",
    // @ts-expect-error There is no such habit.
    () => scriptedLlm([{ text: "x", habit: ["ends-STOP", "toString"] }]),
    /habit" is "toString"; write the name of a habit; meshctl man habits lists them/,
  ],
];
for (const [name, make, message] of unknown) {
  Deno.test(`scriptedLlm() refuses a habit ${name} that there is not`, () => {
    assert.throws(make, message);
  });
}
