import assert from "node:assert/strict";
import { OpenAiReply } from "./openai_reply.ts";

type WireDelta = Record<string, unknown>;
type WireAnswer = Record<string, unknown>;

function reply(...answers: WireAnswer[]) {
  const reply = new OpenAiReply();
  const shown = answers.map((answer) => reply.add(answer)).join("");
  return { reply, shown, turn: reply.turn("m") };
}

function delta(delta: WireDelta, finish_reason: string | null = null): WireAnswer {
  return { choices: [{ delta, finish_reason }] };
}

Deno.test("OpenAiReply keeps what vendors add to calls and messages", () => {
  const { turn } = reply(
    delta({ reasoning_content: "let " }),
    delta({ reasoning_content: "me see", reasoning_details: [1] }),
    delta({
      reasoning_details: [2],
      tool_calls: [{
        index: 0,
        id: "a",
        function: { name: "f", arguments: "{}" },
        extra_content: { google: { thought_signature: "s" } },
      }],
    }, "tool_calls"),
  );
  assert.deepEqual(turn.toolCalls[0]?.["extra_content"], { google: { thought_signature: "s" } });
  assert.deepEqual(turn.extra, { reasoning_content: "let me see", reasoning_details: [1, 2] });
});

Deno.test("OpenAiReply shows no text after the first tool call, and keeps it", () => {
  const { turn, shown } = reply(
    delta({ content: "a" }),
    delta({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "{}" } }] }),
    delta({ content: "b" }, "tool_calls"),
  );
  assert.deepEqual([shown, turn.text], ["a", "ab"]);
});

Deno.test("OpenAiReply reads content in parts", () => {
  const { turn } = reply({
    choices: [{ message: { content: [{ type: "text", text: "a" }, { type: "text", text: "b" }] } }],
  });
  assert.equal(turn.text, "ab");
});

const reasons: [finish: string | null, message: WireDelta, reason: string][] = [
  ["stop", { content: "x" }, "stop"],
  [null, { content: "x" }, "stop"],
  ["end_turn", { content: "x" }, "stop"],
  ["model_length", { content: "x" }, "length"],
  ["MAX_TOKENS", { content: "x" }, "length"],
  ["content_filter: PROHIBITED_CONTENT", {}, "content_filter"],
  ["something new", { content: "x" }, "stop"],
  ["stop", { tool_calls: [{ function: { name: "f", arguments: "{}" } }] }, "tool_calls"],
  [
    "content_filter",
    { tool_calls: [{ function: { name: "f", arguments: '{"x' } }] },
    "content_filter",
  ],
  ["length", { content: "x" }, "length"],
  ["content_filter", { content: "" }, "content_filter"],
  ["refusal", { content: "no" }, "refusal"],
  ["stop", { refusal: "no" }, "refusal"],
  ["length", { tool_calls: [{ function: { name: "f", arguments: '{"x' } }] }, "length"],
];

for (const [finish, message, reason] of reasons) {
  Deno.test(`OpenAiReply ends ${JSON.stringify(message)} with ${finish} for ${reason}`, () => {
    assert.equal(
      reply({ choices: [{ message, finish_reason: finish }] }).turn.finishReason,
      reason,
    );
  });
}

Deno.test("OpenAiReply reads refusals in parts, and thoughts for nothing", () => {
  const { turn } = reply({
    choices: [{
      message: {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "Hm." }] },
          { type: "refusal", refusal: "No." },
        ],
      },
      finish_reason: "stop",
    }],
  });
  assert.deepEqual([turn.text, turn.finishReason], ["No.", "refusal"]);
});

Deno.test("OpenAiReply takes all choices for one answer", () => {
  const call = { id: "a", function: { name: "f", arguments: "{}" } };
  const { turn } = reply({
    choices: [
      null,
      { index: 0, message: { content: "I look. " }, finish_reason: "stop" },
      { index: 1, message: { tool_calls: [call] }, finish_reason: "tool_calls" },
    ],
  });
  assert.deepEqual([turn.text, turn.toolCalls.length, turn.finishReason], [
    "I look. ",
    1,
    "tool_calls",
  ]);
});

const toldAgain: [name: string, last: WireAnswer][] = [
  ["in place of a delta", { choices: [{ message: whole(), finish_reason: "tool_calls" }] }],
  ["beside a delta", { choices: [{ delta: { role: "" }, message: whole() }] }],
];

function whole(): WireDelta {
  const called = { name: "f", arguments: "{}" };
  return { content: "ab", reasoning_content: "hm", tool_calls: [{ id: "a", function: called }] };
}

for (const [name, last] of toldAgain) {
  Deno.test(`OpenAiReply takes a whole message at the end of a stream once, ${name}`, () => {
    const { tool_calls, ...said } = whole();
    const streamed = reply(delta({ ...said, content: "a" }), delta({ content: "b" }), last);
    const alone = reply(last);
    for (const { shown, turn } of [streamed, alone]) {
      assert.deepEqual([turn.text, turn.extra], ["ab", { reasoning_content: "hm" }]);
      assert.deepEqual(turn.toolCalls.map(({ id }) => id), ["a"]);
      assert.match(shown, /^(ab)?$/);
    }
    assert.deepEqual(reply(delta({ tool_calls }), last).turn.toolCalls.length, 1);
  });
}

Deno.test("OpenAiReply reads a call that is not in a list", () => {
  const { turn } = reply(delta({ tool_calls: { id: "a", function: { name: "f" } } }));
  assert.deepEqual(turn.toolCalls.map(({ id }) => id), ["a"]);
});

Deno.test("OpenAiReply reads function_call where there are no tool_calls", () => {
  const called = { name: "f", arguments: '{"n":1}' };
  const old = reply(
    delta({ function_call: { name: "f" } }),
    delta({ function_call: { arguments: '{"n":1}' } }),
  );
  assert.deepEqual(old.turn.toolCalls.map(({ function: called }) => called), [called]);
  const both = reply({
    choices: [{ message: { function_call: called, tool_calls: [{ id: "a", function: called }] } }],
  });
  assert.deepEqual(both.turn.toolCalls.map(({ id }) => id), ["a"]);
});

Deno.test("OpenAiReply shows no half of a character", () => {
  const { shown, turn } = reply(
    delta({ content: "a\ud83c" }),
    delta({ content: "\udf27b" }),
    delta({ content: "\ud83d" }),
  );
  assert.deepEqual([shown, turn.text], ["a\u{1F327}b", "a\u{1F327}b\ufffd"]);
});

Deno.test("OpenAiReply tells how an answer ended that is none", () => {
  const { reply: failed } = reply({
    choices: [{ message: { content: "x" }, finish_reason: "error" }],
  });
  assert.deepEqual([failed.ending, failed.reason], ["failed", "error"]);
  const { reply: unknown } = reply({ choices: [{ message: {}, finish_reason: "new" }] });
  assert.deepEqual([unknown.ending, unknown.reason], [undefined, "new"]);
  const { reply: lost } = reply({ choices: [{ message: {}, finish_reason: "tool_calls" }] });
  assert.equal(lost.isWithoutItsCalls, true);
});

const usages: [where: string, answers: WireAnswer[]][] = [
  ["of the answer", [{ usage: { prompt_tokens: 3, completion_tokens: 4 } }]],
  ["of a choice", [{ choices: [{ usage: { prompt_tokens: 3, completion_tokens: 4 } }] }]],
  ["of Groq's own", [{ x_groq: { usage: { prompt_tokens: 3, completion_tokens: 4 } } }]],
  ["before nulls", [{ usage: { prompt_tokens: 3, completion_tokens: 4 } }, { usage: null }]],
];

for (const [where, answers] of usages) {
  Deno.test(`OpenAiReply reads the usage ${where}`, () => {
    assert.deepEqual(reply(...answers).turn.usage, { prompt_tokens: 3, completion_tokens: 4 });
  });
}

Deno.test("OpenAiReply takes the last usage it is told", () => {
  const { turn } = reply(
    { choices: [], usage: { prompt_tokens: 1 } },
    { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } },
    { choices: null },
  );
  assert.deepEqual(turn.usage, { prompt_tokens: 3, completion_tokens: 4 });
});

const MIB = 1024 * 1024;
const boundless: [name: string, answers: WireAnswer[]][] = [
  ["is nested too deep", [
    delta({ content: "a", x: JSON.parse("[".repeat(201) + "]".repeat(201)) }),
  ]],
  ["is nested much too deep", [delta({ x: JSON.parse("[".repeat(1e5) + "]".repeat(1e5)) })]],
  ["is too long", [delta({ content: "x".repeat(33 * MIB) })]],
  ["is too long piece by piece", Array(33).fill(delta({ content: "x".repeat(MIB) }))],
  [
    "has arguments that are too long",
    Array(33).fill(
      delta({ tool_calls: [{ index: 0, function: { arguments: "x".repeat(MIB) } }] }),
    ),
  ],
];
for (const [name, answers] of boundless) {
  Deno.test(`OpenAiReply takes no answer that ${name}`, () => {
    assert.throws(() => reply(...answers), { kind: "temporary", message: /too deep or too long/ });
  });
}
