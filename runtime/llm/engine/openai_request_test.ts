import assert from "node:assert/strict";
import { type ChatMessage, type ModelParams, ModelParamsSchema } from "../../define/contract.ts";
import { wireRequest } from "./openai_request.ts";
import { STANDARD, type Traits } from "./vendors.ts";

interface Given {
  readonly messages?: readonly ChatMessage[];
  readonly params?: ModelParams;
  readonly traits?: Partial<Traits>;
  readonly refused?: readonly string[];
  readonly tool?: Record<string, unknown>;
  readonly stream?: boolean;
  readonly tokensMax?: number;
}

function write(
  { messages, params = {}, traits, refused = [], tool, stream = false, tokensMax = Infinity }:
    Given,
) {
  return wireRequest({
    messages: messages ?? [{ role: "user", content: "hi" }],
    tools: tool === undefined
      ? []
      : [{ type: "function", function: { name: "t", description: "d", parameters: tool } }],
    params: ModelParamsSchema.parse(params),
  }, {
    model: "m",
    traits: { ...STANDARD, ...traits },
    stream,
    refused: new Set(refused),
    refusedTools: new Set(),
    learned: new Set(),
    tokensMax,
  }).body;
}

const TOOL = { type: "object", properties: {} };
const SCHEMA = {
  type: "object",
  properties: { n: { type: "integer" } },
  required: ["n"],
  additionalProperties: false,
};

const parameters: [name: string, given: Given, expected: Record<string, unknown>][] = [
  ["all of OpenAI's", { params: { temperature: 1.9, top_p: 0.1, max_tokens: 3, stop: "x" } }, {
    temperature: 1.9,
    top_p: 0.1,
    max_tokens: 3,
    stop: "x",
  }],
  ["the other name of the limit", {
    params: { max_tokens: 3 },
    traits: { limitName: "max_completion_tokens" },
  }, { max_completion_tokens: 3, max_tokens: undefined }],
  ["the first name again where the other is refused", {
    params: { max_tokens: 3 },
    traits: { limitName: "max_completion_tokens" },
    refused: ["max_completion_tokens"],
  }, { max_completion_tokens: undefined, max_tokens: 3 }],
  ["no limit where both are refused", {
    params: { max_tokens: 3 },
    refused: ["max_completion_tokens", "max_tokens"],
  }, { max_completion_tokens: undefined, max_tokens: undefined }],
  ["no more tokens than the endpoint gives", { params: { max_tokens: 300 }, tokensMax: 200 }, {
    max_tokens: 200,
  }],
  ["fewer tokens than the endpoint gives", { params: { max_tokens: 100 }, tokensMax: 200 }, {
    max_tokens: 100,
  }],
  ["no limit where the endpoint decides", { params: { max_tokens: 100 }, tokensMax: 0 }, {
    max_tokens: undefined,
  }],
  ["the highest temperature", { params: { temperature: 1.9 }, traits: { maxTemperature: 1 } }, {
    temperature: 1,
  }],
  ["one of temperature and top_p", {
    params: { temperature: 0.2, top_p: 0.5 },
    traits: { sampling: "one" },
  }, { temperature: 0.2, top_p: undefined }],
  ["top_p alone", { params: { top_p: 0.5 }, traits: { sampling: "one" } }, { top_p: 0.5 }],
  ["no sampling", {
    params: { temperature: 0.2, top_p: 0.5, stop: "x" },
    traits: { sampling: "none", stop: false },
  }, { temperature: undefined, top_p: undefined, stop: undefined }],
  ["no switch without tools", { params: { parallel_tool_calls: true } }, {
    parallel_tool_calls: undefined,
    tools: undefined,
  }],
  ["the switch beside tools", { params: { parallel_tool_calls: false }, tool: TOOL }, {
    parallel_tool_calls: false,
  }],
  ["no switch where it is unknown", {
    params: { parallel_tool_calls: false },
    traits: { parallelSwitch: false },
    tool: TOOL,
  }, { parallel_tool_calls: undefined }],
  ["what only the vendor knows", { params: { reasoning_effort: "low", seed: null } }, {
    reasoning_effort: "low",
    seed: undefined,
  }],
  ["nothing that would make it another request", {
    params: { stream: true, n: 4, messages: [], model: "other", max_iterations: 3, _mesh_x: 1 },
  }, { stream: false, n: undefined, model: "m", max_iterations: undefined, _mesh_x: undefined }],
  ["usage of a stream", { stream: true }, {
    stream: true,
    stream_options: { include_usage: true },
  }],
  ["a stream without usage where that is refused", { stream: true, refused: ["stream_options"] }, {
    stream: true,
    stream_options: undefined,
  }],
  ["a schema, strictly", { params: { output_schema: SCHEMA, output_type_name: "My Plan" } }, {
    response_format: {
      type: "json_schema",
      json_schema: { name: "My_Plan", schema: SCHEMA, strict: true },
    },
    output_schema: undefined,
    output_type_name: undefined,
  }],
  ["a schema, not strictly", { params: { output_schema: { ...SCHEMA, required: [] } } }, {
    response_format: {
      type: "json_schema",
      json_schema: { name: "answer", schema: { ...SCHEMA, required: [] }, strict: false },
    },
  }],
  ["any JSON", { params: { output_schema: SCHEMA }, traits: { structured: "json" } }, {
    response_format: { type: "json_object" },
  }],
  ["no format beside tools", {
    params: { output_schema: SCHEMA },
    traits: { structuredWithTools: false },
    tool: TOOL,
  }, { response_format: undefined }],
  ["no format for hints", { params: { output_schema: SCHEMA, output_mode: "hint" } }, {
    response_format: undefined,
  }],
  ["no format for text", { params: { output_schema: SCHEMA, output_mode: "text" } }, {
    response_format: undefined,
  }],
  ["no format for lists", { params: { output_schema: { type: "array" } } }, {
    response_format: undefined,
  }],
];

for (const [name, given, expected] of parameters) {
  Deno.test(`wireRequest() sends ${name}`, () => {
    const body = write(given);
    for (const [parameter, value] of Object.entries(expected)) {
      assert.deepEqual(body[parameter], value, parameter);
    }
  });
}

const hinted: [name: string, given: Given, isHinted: boolean][] = [
  ["by the endpoint", {}, false],
  ["by any JSON", { traits: { structured: "json" } }, true],
  ["by words", { traits: { structured: "words" } }, true],
  ["beside tools", { traits: { structuredWithTools: false }, tool: TOOL }, true],
  ["in mode hint", { params: { output_mode: "hint" } }, true],
  ["in mode text", { params: { output_mode: "text" } }, false],
  ["where the format is refused", { refused: ["response_format"] }, true],
];

for (const [name, given, isHinted] of hinted) {
  Deno.test(`wireRequest() holds an answer to its schema ${name}`, () => {
    const params = { ...given.params, output_schema: SCHEMA };
    const alone = write({ ...given, params }).messages;
    assert.equal(alone.length, isHinted ? 2 : 1);
    if (isHinted) {
      assert.match(String(alone[0]?.["content"]), /JSON Schema.*"additionalProperties"/s);
    }
    const messages = [{ role: "system", content: "Be kind." }, { role: "user", content: "hi" }];
    const beside = write({ ...given, params, messages }).messages;
    assert.equal(beside.length, 2);
    assert.equal(beside[0]?.["content"] === "Be kind.", !isHinted);
    assert.match(String(beside[0]?.["content"]), /^Be kind\./);
  });
}

const CALL = {
  id: "call_abc_1",
  type: "function" as const,
  function: { name: "t", arguments: '{"a":1}' },
  extra_content: { google: { thought_signature: "sig" } },
};
/** The result of a call that has none. */
const NO_RESULT = { role: "tool", tool_call_id: CALL.id, content: "(no result)" };
const TWO_CALLS = {
  role: "assistant",
  content: null,
  tool_calls: ["1", "2"].map((id) => ({ id, type: "function" as const, function: CALL.function })),
};
const IMAGE = { type: "image", data: "AAAA", mimeType: "image/png" };

const conversations: [
  name: string,
  traits: Partial<Traits>,
  messages: ChatMessage[],
  expected: unknown[],
][] = [
  ["texts", {}, [
    { role: "system", content: "s" },
    {
      role: "user",
      content: [{ type: "text", text: "a" }, { type: "text", text: "b" }],
      name: "u",
    },
    { role: "assistant", content: null },
  ], [
    { role: "system", content: "s" },
    { role: "user", content: "a\nb", name: "u" },
    { role: "assistant", content: "" },
  ]],
  ["tool calls and their results, without what is not known there", {}, [
    { role: "assistant", content: "", tool_calls: [CALL], reasoning_content: "hm" },
    { role: "tool", content: "r", tool_call_id: "call_abc_1", name: "t" },
  ], [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: CALL.id, type: "function", function: CALL.function }],
    },
    { role: "tool", tool_call_id: "call_abc_1", content: "r" },
  ]],
  ["what must come back", { echoes: ["extra_content", "reasoning_content"] }, [
    { role: "assistant", content: "", tool_calls: [CALL], reasoning_content: "hm" },
  ], [
    { role: "assistant", content: null, tool_calls: [CALL], reasoning_content: "hm" },
    NO_RESULT,
  ]],
  ["ids of nine", { toolCallId: "nine-alphanumeric" }, [
    { role: "assistant", content: null, tool_calls: [CALL, { ...CALL, id: "abcDEF123" }] },
    { role: "tool", content: "r", tool_call_id: "call_abc_1" },
  ], [
    {
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "fc6174574", type: "function", function: CALL.function },
        { id: "abcDEF123", type: "function", function: CALL.function },
      ],
    },
    { role: "tool", tool_call_id: "fc6174574", content: "r" },
    { ...NO_RESULT, tool_call_id: "abcDEF123" },
  ]],
  ["arguments that are not JSON, as none", {}, [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ ...CALL, function: { name: "t", arguments: "{oops" } }],
    },
  ], [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: CALL.id, type: "function", function: { name: "t", arguments: "{}" } }],
    },
    NO_RESULT,
  ]],
  ["arguments that are no object, as none or the object in them", {}, [
    {
      role: "assistant",
      content: null,
      tool_calls: [
        "null",
        "",
        "[]",
        "[1]",
        '"{\\"a\\":1}"',
        ' {"b": 2}',
        '{"c":1915883588174806058}',
      ].map((text, at) => ({
        ...CALL,
        id: `${at}`,
        function: { name: "t", arguments: text },
      })),
    },
  ], [
    {
      role: "assistant",
      content: null,
      tool_calls: ["{}", "{}", "{}", "{}", '{"a":1}', ' {"b": 2}', '{"c":1915883588174806058}'].map(
        (text, at) => ({
          id: `${at}`,
          type: "function",
          function: { name: "t", arguments: text },
        }),
      ),
    },
    ...Array.from({ length: 7 }, (_, at) => ({ ...NO_RESULT, tool_call_id: `${at}` })),
  ]],
  ["no half characters", {}, [
    { role: "user", content: "a\ud83d" },
    {
      role: "assistant",
      content: "\ude00b",
      tool_calls: [{ ...CALL, function: { name: "t", arguments: '{"a":"\\ud83d"}' } }],
    },
    { role: "tool", tool_call_id: CALL.id, content: [{ type: "text", text: "\ud83dx" }] },
  ], [
    { role: "user", content: "a\ufffd" },
    {
      role: "assistant",
      content: "\ufffdb",
      tool_calls: [{
        id: CALL.id,
        type: "function",
        function: { name: "t", arguments: '{"a":"\ufffd"}' },
      }],
    },
    { role: "tool", tool_call_id: CALL.id, content: "\ufffdx" },
  ]],
  ["ids of words", { toolCallId: "word" }, [
    { role: "assistant", content: null, tool_calls: [{ ...CALL, id: "functions.t:0" }] },
    { role: "tool", content: "r", tool_call_id: "functions.t:0" },
  ], [
    {
      role: "assistant",
      content: null,
      tool_calls: [{
        id: "9348c0a19557918d3d5f676e912d8f47e115eda5",
        type: "function",
        function: CALL.function,
      }],
    },
    { role: "tool", tool_call_id: "9348c0a19557918d3d5f676e912d8f47e115eda5", content: "r" },
  ]],
  ["names as OpenAI takes them", {}, [{ role: "user", name: "Ada <L>", content: "hi" }], [
    { role: "user", name: "Ada_L_", content: "hi" },
  ]],
  ["no names where none are taken", { messageNames: false }, [{
    role: "user",
    name: "ada",
    content: "hi",
  }], [
    { role: "user", content: "hi" },
  ]],
  ["images of users", {}, [{ role: "user", content: [{ type: "text", text: "see" }, IMAGE] }], [
    {
      role: "user",
      content: [
        { type: "text", text: "see" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      ],
    },
  ]],
  ["images of tools after all results", {}, [
    TWO_CALLS,
    { role: "tool", content: [{ type: "text", text: "one" }, IMAGE], tool_call_id: "1" },
    { role: "tool", content: "two", tool_call_id: "2" },
    { role: "assistant", content: "ok" },
  ], [
    TWO_CALLS,
    { role: "tool", tool_call_id: "1", content: "one\n[1 shown below]" },
    { role: "tool", tool_call_id: "2", content: "two" },
    {
      role: "user",
      content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }],
    },
    { role: "assistant", content: "ok" },
  ]],
  ["images as words for those who do not see", { vision: false }, [
    { role: "user", content: [IMAGE] },
  ], [
    { role: "user", content: "[image/png: not shown to this model]" },
  ]],
];

for (const [name, traits, messages, expected] of conversations) {
  Deno.test(`wireRequest() writes ${name}`, () => {
    assert.deepEqual(write({ messages, traits }).messages, expected);
  });
}

Deno.test("wireRequest() writes schemas of tools in the endpoint's dialect", () => {
  const tool = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { n: { type: ["integer", "null"], exclusiveMinimum: 0 } },
    additionalProperties: false,
  };
  const { $schema: _, ...rest } = tool;
  const schemaOf = (traits: Partial<Traits>) =>
    (write({ tool, traits })["tools"] as { function: { parameters: unknown } }[])[0]?.function
      .parameters;
  assert.deepEqual(schemaOf({}), rest);
  assert.deepEqual(schemaOf({ toolSchemas: "openapi" }), {
    type: "object",
    properties: { n: { type: "integer", nullable: true } },
  });
});

Deno.test("wireRequest() writes no half characters into tools and parameters", () => {
  const tool = { type: "object", properties: { a: { type: "string", description: "cut \ud83d" } } };
  const body = write({ tool, params: { stop: ["\ude00"], user: "\ud83d" } });
  const text = JSON.stringify(body);
  assert.doesNotMatch(text, /\\ud/);
  assert.match(text, /cut \ufffd/);
});
