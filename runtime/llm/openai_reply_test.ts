import assert from "node:assert/strict";
import { OpenAiReply, type WireAnswer, type WireDelta } from "./openai_reply.ts";

function reply(...answers: WireAnswer[]) {
  const reply = new OpenAiReply();
  const shown = answers.map((answer) => reply.add(answer)).join("");
  return { reply, shown, turn: reply.turn("m") };
}

function delta(delta: WireDelta, finish_reason: string | null = null): WireAnswer {
  return { choices: [{ delta, finish_reason }] };
}

const streams: [
  name: string,
  deltas: WireDelta[],
  calls: [id: RegExp, name: string, args: string][],
][] = [
  ["numbered pieces, interleaved", [
    { tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "" } }] },
    { tool_calls: [{ index: 1, id: "b", function: { name: "g", arguments: '{"y"' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '{"x":' } }] },
    { tool_calls: [{ index: 1, function: { arguments: ":2}" } }] },
    { tool_calls: [{ index: 0, function: { arguments: "1}" } }] },
  ], [[/^a$/, "f", '{"x":1}'], [/^b$/, "g", '{"y":2}']]],
  ["whole calls without numbers or ids", [
    { tool_calls: [{ function: { name: "f", arguments: '{"x":1}' } }] },
    { tool_calls: [{ function: { name: "f", arguments: '{"x":2}' } }] },
  ], [[/^call_1_\w{8}$/, "f", '{"x":1}'], [/^call_2_\w{8}$/, "f", '{"x":2}']]],
  ["whole calls that are all numbered 0", [
    { tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "{}" } }] },
    { tool_calls: [{ index: 0, id: "b", function: { name: "g", arguments: "{}" } }] },
  ], [[/^a$/, "f", "{}"], [/^b$/, "g", "{}"]]],
  ["an id repeated with every piece", [
    { tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "{" } }] },
    { tool_calls: [{ index: 0, id: "a", function: { name: "", arguments: "}" } }] },
  ], [[/^a$/, "f", "{}"]]],
  ["arguments that are an object", [
    { tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } }] },
  ], [[/^a$/, "f", '{"x":1}']]],
  ["no arguments", [
    { tool_calls: [{ index: 0, id: "a", function: { name: "f" } }] },
  ], [[/^a$/, "f", "{}"]]],
];

for (const [name, deltas, calls] of streams) {
  Deno.test(`OpenAiReply puts tool calls together from ${name}`, () => {
    const { turn } = reply(...deltas.map((one) => delta(one)), delta({}, "stop"));
    assert.equal(turn.finishReason, "tool_calls", "also where the endpoint says stop");
    assert.equal(turn.toolCalls.length, calls.length);
    for (const [index, [id, called, args]] of calls.entries()) {
      const call = turn.toolCalls[index];
      assert.match(call?.id ?? "", id);
      assert.deepEqual(call?.function, { name: called, arguments: args });
    }
  });
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
