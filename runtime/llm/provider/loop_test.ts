import assert from "node:assert/strict";
import { MeshError } from "../../base/errors.ts";
import { type ChatToolCall, type ModelParams, ModelParamsSchema } from "../../define/contract.ts";
import type { LlmTurn, LlmTurnRequest } from "../engine/engine.ts";
import { type ConversationOptions, converse } from "./loop.ts";

type Tool = (args: Record<string, unknown>) => unknown;

interface Given {
  /** What the engine answers, turn by turn. */
  readonly turns: readonly (Partial<LlmTurn> | Error)[];
  readonly tools?: Readonly<Record<string, Tool>>;
  /** Tools that are offered and cannot be called from here. */
  readonly others?: readonly string[];
  readonly params?: ModelParams;
  readonly maxIterations?: number;
  readonly signal?: AbortSignal;
}

function call(name: string, args: unknown = {}, id = `id_${name}`): ChatToolCall {
  const text = typeof args === "string" ? args : JSON.stringify(args);
  return { id, type: "function", function: { name, arguments: text } };
}

function start({ turns, tools = {}, others = [], params = {}, ...given }: Given) {
  const asked: LlmTurnRequest[] = [];
  const left = [...turns];
  let clock = 0;
  const options: ConversationOptions = {
    maxIterations: given.maxIterations ?? 10,
    signal: given.signal ?? new AbortController().signal,
    now: () => clock += 5,
    toolOf: (name) => {
      const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
      return tool && ((args) => Promise.resolve(tool(args)));
    },
    engine: {
      turn: (request) => {
        asked.push(request);
        const turn = left.shift();
        if (turn instanceof Error) return Promise.reject(turn);
        return Promise.resolve({
          text: "",
          toolCalls: [],
          finishReason: turn?.toolCalls ? "tool_calls" as const : "stop" as const,
          usage: { prompt_tokens: 10, completion_tokens: 1 },
          model: "m",
          ...turn,
        });
      },
    },
  };
  const offered = [...Object.keys(tools), ...others].map((name) => ({
    type: "function" as const,
    function: { name, parameters: {} },
  }));
  const request = {
    messages: [{ role: "user", content: "hi" }],
    tools: offered,
    params: ModelParamsSchema.parse(params),
  };
  return { asked, answer: converse(request, options) };
}

Deno.test("converse() without tools is one turn", async () => {
  const { answer } = start({ turns: [{ text: "Hello" }] });
  assert.deepEqual(await answer, {
    text: "Hello",
    finishReason: "stop",
    toolCalls: [],
    usage: { prompt_tokens: 10, completion_tokens: 1 },
    model: "m",
    turns: [{
      model: "m",
      finish_reason: "stop",
      prompt_tokens: 10,
      completion_tokens: 1,
      duration_ms: 5,
      tool_calls: [],
    }],
    added: [],
  });
});

Deno.test("converse() runs tools and tells the model what they answered", async () => {
  const { asked, answer } = start({
    turns: [
      {
        text: "Let me see.",
        toolCalls: [call("add", { a: 1, b: 2 }), call("say", "")],
        extra: { reasoning_content: "hm" },
      },
      { text: "3" },
    ],
    tools: { add: ({ a, b }) => ({ sum: Number(a) + Number(b) }), say: () => "plain" },
  });
  const { text, usage, turns, added } = await answer;
  assert.equal(text, "3");
  assert.deepEqual(usage, { prompt_tokens: 20, completion_tokens: 2 });
  assert.deepEqual(turns[0]?.tool_calls, [
    { name: "add", arguments: { a: 1, b: 2 }, outcome: "ok", duration_ms: 5 },
    { name: "say", arguments: {}, outcome: "ok", duration_ms: 5 },
  ]);
  assert.deepEqual(added, [
    {
      reasoning_content: "hm",
      role: "assistant",
      content: "Let me see.",
      tool_calls: [call("add", { a: 1, b: 2 }), call("say", "")],
    },
    { role: "tool", tool_call_id: "id_add", content: '{"sum":3}' },
    { role: "tool", tool_call_id: "id_say", content: "plain" },
  ]);
  assert.deepEqual(asked[1]?.messages, [{ role: "user", content: "hi" }, ...added]);
  assert.equal(asked[1]?.tools.length, 2, "tools are offered again");
});

const failures: [name: string, args: unknown, said: RegExp][] = [
  ["broken", {}, /^out of order$/],
  ["nowhere", {}, /^there is no tool "nowhere"; there is broken, fine$/],
  ["fine", "{oops", /^the arguments are not valid JSON .*write them again$/],
  ["fine", "[1]", /^the arguments are not a JSON object; write them again$/],
];

for (const [name, args, said] of failures) {
  Deno.test(`converse() tells the model why ${name}(${args}) failed, and goes on`, async () => {
    const { asked, answer } = start({
      turns: [{ toolCalls: [call(name, args)] }, { text: "sorry" }],
      tools: {
        broken: () => {
          throw new MeshError("timeout", "out of order");
        },
        fine: () => "fine",
      },
    });
    const { text, turns } = await answer;
    assert.equal(text, "sorry");
    const [record] = turns[0]?.tool_calls ?? [];
    assert.equal(record?.outcome, "failed");
    assert.match(record?.error ?? "", said);
    const content = String(asked[1]?.messages.at(-1)?.content);
    assert.match(JSON.parse(content).error, said);
  });
}

for (const parallel of [true, false, undefined]) {
  Deno.test(`converse() with parallel_tool_calls ${parallel} keeps results in order`, async () => {
    const events: string[] = [];
    const gate = Promise.withResolvers<void>();
    const { answer } = start({
      turns: [{ toolCalls: [call("slow"), call("quick")] }, { text: "ok" }],
      params: { parallel_tool_calls: parallel },
      tools: {
        slow: async () => {
          events.push("slow begins");
          // Side by side, only the other one's end lets it go on.
          if (parallel === true) await gate.promise;
          events.push("slow ends");
          return 1;
        },
        quick: () => {
          events.push("quick");
          gate.resolve();
          return 2;
        },
      },
    });
    const { added } = await answer;
    assert.deepEqual(added.slice(1).map(({ content }) => content), ["1", "2"]);
    assert.deepEqual(
      events,
      parallel === true
        ? ["slow begins", "quick", "slow ends"]
        : ["slow begins", "slow ends", "quick"],
    );
  });
}

Deno.test("converse() stops after the last turn it has", async () => {
  let runs = 0;
  const { answer, asked } = start({
    turns: [
      { toolCalls: [call("t")] },
      { text: "not yet", toolCalls: [call("t")] },
      { text: "never" },
    ],
    maxIterations: 2,
    tools: { t: () => ++runs },
  });
  const { text, finishReason, toolCalls, turns } = await answer;
  assert.deepEqual([text, finishReason, toolCalls], ["not yet", "max_iterations", []]);
  assert.deepEqual(
    turns.map(({ tool_calls }) => tool_calls.map(({ name, outcome }) => [name, outcome])),
    [[["t", "ok"]], [["t", "unresolved"]]],
  );
  assert.deepEqual([asked.length, runs], [2, 1], "what nobody would read is not run");
});

Deno.test("converse() leaves calls to the caller, all of a turn, with what came before", async () => {
  const { answer } = start({
    turns: [
      { toolCalls: [call("mine")] },
      { text: "and now", toolCalls: [call("mine"), call("theirs", { x: 1 })] },
    ],
    tools: { mine: () => "done" },
    others: ["theirs"],
  });
  const { text, finishReason, toolCalls, turns, added } = await answer;
  assert.deepEqual([text, finishReason], ["and now", "tool_calls"]);
  assert.deepEqual(toolCalls, [call("mine"), call("theirs", { x: 1 })]);
  assert.deepEqual(turns[1]?.tool_calls.map(({ name, outcome }) => [name, outcome]), [
    ["mine", "unresolved"],
    ["theirs", "unresolved"],
  ]);
  assert.deepEqual(added.map(({ role }) => role), ["assistant", "tool"]);
});

Deno.test("converse() does not run calls that were cut short", async () => {
  const { answer } = start({
    turns: [{ text: "half", toolCalls: [call("t", '{"x')], finishReason: "length" }],
    tools: { t: () => assert.fail("ran") },
  });
  const { text, finishReason, toolCalls } = await answer;
  assert.deepEqual([text, finishReason, toolCalls], ["half", "length", []]);
});

Deno.test("converse() tells how many tools had run when no model answered", async () => {
  const upstream = () => new MeshError("llm_upstream", "down", { details: { status: 503 } });
  for (
    const [turns, tools_called] of [
      [[upstream()], 0],
      [[{ toolCalls: [call("t"), call("t")] }, upstream()], 2],
    ] as const
  ) {
    await assert.rejects(start({ turns, tools: { t: () => 1 } }).answer, {
      code: "llm_upstream",
      message: "down",
      details: { status: 503, tools_called },
    });
  }
  await assert.rejects(start({ turns: [new MeshError("llm_refused", "no")] }).answer, {
    code: "llm_refused",
    details: undefined,
  });
});

Deno.test("converse() ends with the reason of the signal, also amid tools", async () => {
  const abort = new AbortController();
  const { answer, asked } = start({
    turns: [{ toolCalls: [call("t"), call("t")] }, { text: "never" }],
    signal: abort.signal,
    tools: {
      t: () => {
        abort.abort(new MeshError("cancelled", "enough"));
        throw new Error("interrupted");
      },
    },
  });
  await assert.rejects(answer, { code: "cancelled", message: "enough" });
  assert.equal(asked.length, 1);
});
