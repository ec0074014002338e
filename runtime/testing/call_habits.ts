/**
 * Habits of writing tool calls.
 *
 * @module
 */
import type { Fields, Habit, WrittenCall } from "./habit.ts";

/** One piece of a call: what `tool_calls` of a delta has one of. */
function delta(...pieces: readonly Fields[]): Fields {
  return { tool_calls: pieces };
}

/** A text in three pieces that respect nothing. */
export function inPieces(text: string, count = 3): readonly string[] {
  const size = Math.max(1, Math.ceil(text.length / count));
  return Array.from(
    { length: Math.ceil(text.length / size) },
    (_, piece) => text.slice(piece * size, (piece + 1) * size),
  );
}

/** As OpenAI streams a call: its name first, then its arguments piece by piece. */
export function openAiDeltas(calls: readonly WrittenCall[]): readonly Fields[] {
  return calls.flatMap(({ function: { name, arguments: text }, ...call }, index) => [
    delta({ index, ...call, function: { name, arguments: "" } }),
    ...inPieces(text).map((piece) => delta({ index, function: { arguments: piece } })),
  ]);
}

/** Each piece of each call, with all there is to say of it. */
function eachPiece(
  calls: readonly WrittenCall[],
  written: (call: WrittenCall, piece: string, at: number, index: number) => Fields,
): readonly Fields[] {
  return calls.flatMap((call, index) =>
    inPieces(call.function.arguments).map((piece, at) => delta(written(call, piece, at, index)))
  );
}

function wholeCalls(change: (call: WrittenCall) => Fields) {
  return (message: Fields): Fields => {
    const calls = message["tool_calls"];
    return Array.isArray(calls) ? { ...message, tool_calls: calls.map(change) } : message;
  };
}

/** A text as it grows. */
function growing(text: string): readonly string[] {
  const pieces = inPieces(text);
  return pieces.map((_, at) => pieces.slice(0, at + 1).join(""));
}

/** Habits of writing tool calls. */
export const callHabits = {
  "calls-index-reused": {
    does: "begins every call under index 0 and goes on with it under its own index",
    vendor: "deepseek",
    source: "agno-agi/agno#8879",
    deltas: (calls) =>
      calls.flatMap(({ function: { name, arguments: text }, ...call }, index) => [
        delta({ index: 0, ...call, function: { name, arguments: "" } }),
        ...inPieces(text).map((piece) => delta({ index, function: { arguments: piece } })),
      ]),
  },
  "calls-index-drifting": {
    does: "counts the index up with every piece of a call",
    vendor: "cerebras",
    source: "dirac-run/dirac#215",
    deltas: (calls) => {
      let index = 0;
      return calls.flatMap(({ function: { name, arguments: text }, ...call }) => [
        delta({ index: index++, ...call, function: { name, arguments: "" } }),
        ...inPieces(text).map((piece) => delta({ index: index++, function: { arguments: piece } })),
      ]);
    },
  },
  "calls-index-zero": {
    does: "sends whole calls that are all numbered 0",
    vendor: "ollama",
    source: "vercel/ai#14277",
    deltas: (calls) => calls.map((call) => delta({ index: 0, ...call })),
  },
  "calls-index-text": {
    does: "writes the index as a text and the id as a number",
    vendor: "unknown",
    source: "vLLM and proxies with loose types",
    deltas: (calls) =>
      eachPiece(calls, ({ function: { name } }, piece, at, index) => ({
        index: `${index}`,
        ...(at === 0 ? { id: index + 1 } : {}),
        function: { ...(at === 0 ? { name } : {}), arguments: piece },
      })),
  },
  "calls-no-index": {
    does: "leaves the index out and repeats id and name in every piece",
    vendor: "gemini",
    source: "agno-agi/agno#8880, openai/openai-python#3246",
    deltas: (calls) =>
      eachPiece(calls, ({ id, function: { name } }, piece) => ({
        id,
        type: "function",
        function: { name, arguments: piece },
      })),
  },
  "calls-whole-no-index": {
    does: "sends whole calls without an index, all in one delta",
    vendor: "gemini",
    source: "SamSaffron/term-llm#314",
    deltas: (calls) => [delta(...calls)],
  },
  "calls-no-id": {
    does: "gives calls an index and an empty id",
    vendor: "gemini",
    source: "continuedev/continue#13225",
    deltas: (calls) =>
      openAiDeltas(calls).map(({ tool_calls: [piece] = [] }: Fields & { tool_calls?: Fields[] }) =>
        delta({ ...piece, id: "" })
      ),
    message: wholeCalls(({ id: _, ...call }) => call),
  },
  "calls-same-id": {
    does: "gives all calls one id",
    vendor: "llama.cpp",
    source: "llama.cpp server and its forks: ids of the template",
    deltas: (calls) => openAiDeltas(calls.map((call) => ({ ...call, id: "call_0" }))),
    message: wholeCalls((call) => ({ ...call, id: "call_0" })),
  },
  "calls-new-ids": {
    does: "gives every piece of a call a new id",
    vendor: "unknown",
    source: "agno-agi/agno#8880: proxies that make ids where there is none",
    deltas: (calls) =>
      openAiDeltas(calls).map((
        { tool_calls: [piece] = [] }: Fields & { tool_calls?: Fields[] },
        at,
      ) => delta({ ...piece, id: `call_${at}_new` })),
  },
  "calls-new-ids-named": {
    does: "gives every piece of a call a new id, and repeats the name",
    vendor: "unknown",
    source: "cubist38/mlx-openai-server#216: servers that make an id for each piece",
    deltas: (calls) => {
      let id = 0;
      return eachPiece(calls, ({ function: { name } }, piece, _, index) => ({
        index,
        id: `call_${id++}_new`,
        type: "function",
        function: { name, arguments: piece },
      }));
    },
  },
  "calls-name-repeated": {
    does: "repeats the name in every piece of a call",
    vendor: "nvidia",
    source: "NousResearch/hermes-agent#11984",
    deltas: (calls) =>
      eachPiece(calls, ({ function: { name }, ...call }, piece, at, index) => ({
        index,
        ...(at === 0 ? call : {}),
        function: { name, arguments: piece },
      })),
  },
  "calls-name-in-pieces": {
    does: "sends the name of a call in two pieces",
    vendor: "gemini",
    source: "NVIDIA-NeMo/Switchyard#785, continuedev/continue#5849",
    deltas: (calls) =>
      calls.flatMap(({ function: { name, arguments: text }, ...call }, index) => {
        const [first = "", ...rest] = inPieces(name, 2);
        return [
          delta({ index, ...call, function: { name: first, arguments: "" } }),
          delta({ index, function: { name: rest.join(""), arguments: text } }),
        ];
      }),
  },
  "calls-name-late": {
    does: "sends the name of a call after its first arguments",
    vendor: "sglang",
    source: "vercel/ai#15879",
    deltas: (calls) =>
      eachPiece(calls, ({ id, function: { name } }, piece, at, index) => ({
        index,
        ...(at === 0 ? { id } : {}),
        function: { ...(at === 1 ? { name } : {}), arguments: piece },
      })),
  },
  "calls-arguments-growing": {
    does: "sends all of the arguments so far with every piece",
    vendor: "qianfan",
    source: "NousResearch/hermes-agent#35592",
    deltas: (calls) =>
      calls.flatMap(({ function: { name, arguments: text }, ...call }, index) => [
        delta({ index, ...call, function: { name, arguments: "" } }),
        ...growing(text).map((piece) => delta({ index, function: { arguments: piece } })),
      ]),
  },
  "calls-arguments-twice": {
    does: "sends the whole arguments once more at the end of a call",
    vendor: "zhipu",
    source: "anomalyco/opencode#17339, elizaOS/eliza#16973",
    deltas: (calls) =>
      openAiDeltas(calls).concat(
        calls.map(({ id, function: called }, index) => delta({ index, id, function: called })),
      ),
  },
  "calls-arguments-after-none": {
    does: "begins the arguments of a call with {}",
    vendor: "anthropic",
    source: "proxies that stream the empty input of Claude's first event",
    deltas: (calls) =>
      calls.flatMap(({ function: { name, arguments: text }, ...call }, index) => [
        delta({ index, ...call, function: { name, arguments: "{}" } }),
        ...inPieces(text).map((piece) => delta({ index, function: { arguments: piece } })),
      ]),
  },
  "calls-arguments-object": {
    does: "writes arguments as an object, not as its text",
    vendor: "ollama",
    source: "Ollama docs, Tool calling: what its own API does",
    deltas: (calls) => calls.map((call, index) => delta({ index, ...withObject(call) })),
    message: wholeCalls((call) => withObject(call)),
  },
  "calls-arguments-in-text": {
    does: "writes the text of arguments as a JSON text once more",
    vendor: "unknown",
    source: "langchain-ai/langchain#33896",
    message: wholeCalls(({ function: called, ...call }) => ({
      ...call,
      function: { ...called, arguments: JSON.stringify(called.arguments) },
    })),
  },
  "calls-in-one": {
    does: "puts the arguments of all calls of a tool into one call",
    vendor: "openai",
    source: "open-webui/open-webui#22235",
    deltas: (calls) =>
      calls.map(({ function: called, ...call }, index) =>
        index === 0
          ? delta({ index: 0, ...call, function: called })
          : delta({ index: 0, function: { arguments: called.arguments } })
      ),
  },
  "calls-old-form": {
    does: "writes the first call as function_call too, as before there were tool_calls",
    vendor: "openai",
    source: "OpenAI, Create chat completion (deprecated functions)",
    deltas: (calls) => [
      ...calls.slice(0, 1).map(({ function: called }) => ({ function_call: called })),
      ...openAiDeltas(calls),
    ],
    message: (message) => {
      const [call] = Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [];
      return call === undefined ? message : { ...message, function_call: call.function };
    },
  },
  "calls-in-second-choice": {
    does: "puts its text into the first choice and its calls into a second one",
    vendor: "copilot",
    source: "GitHub Copilot's chat completions of Claude",
    choices: (choices) =>
      choices.flatMap((choice) => {
        const key = "message" in choice ? "message" : "delta";
        const { tool_calls: calls, ...rest } = (choice[key] ?? {}) as Fields;
        return calls === undefined ? [choice] : [
          { ...choice, [key]: rest },
          { ...choice, index: 1, [key]: { role: "assistant", tool_calls: calls } },
        ];
      }),
  },
  "calls-marked-name": {
    does: "leaves marks of the model's own format in the name of a tool",
    vendor: "vllm",
    source: "vLLM and Groq with gpt-oss",
    message: wholeCalls((call) => named(call, `${call.function.name}<|channel|>commentary`)),
    deltas: (calls) =>
      openAiDeltas(calls.map((call) => named(call, `${call.function.name}<|channel|>commentary`))),
  },
  "calls-prefixed-name": {
    does: "writes default_api. before the name of a tool",
    vendor: "gemini",
    source: "Gemini, Function calling with code",
    message: wholeCalls((call) => named(call, `default_api.${call.function.name}`)),
    deltas: (calls) =>
      openAiDeltas(calls.map((call) => named(call, `default_api.${call.function.name}`))),
  },
} as const satisfies Readonly<Record<string, Habit>>;

function named(call: WrittenCall, name: string): WrittenCall {
  return { ...call, function: { ...call.function, name } };
}

function withObject({ function: called, ...call }: WrittenCall): Fields {
  return { ...call, function: { ...called, arguments: JSON.parse(called.arguments) } };
}
